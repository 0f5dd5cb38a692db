"""Draw the README's picture: `.venv/bin/python docs/make_picture.py`."""

from pathlib import Path

from autograder import reference
from descentlab import descend, panels, plot_paths, plot_values, valley

NESTEROV_LIMIT = 0.0136  # where the valley's curvature is 100, it diverges above this rate


def main():
    """Three rules roll down the documents' narrow valley, with one learning rate."""
    rules = {
        "gradient descent": reference.find("gd_step"),
        "momentum": reference.find("momentum_step"),
        "Nesterov": reference.find("nesterov_step"),
    }
    surface = valley()
    paths = {
        label: descend(surface, surface.start, rule=rule, lr=0.9 * NESTEROV_LIMIT, num_steps=80)
        for label, rule in rules.items()
    }
    figure, axes = panels(2)
    plot_paths(surface, paths, ax=axes[0], title="Three rules in a narrow valley")
    plot_values(surface, paths, ax=axes[1], legend=False)
    figure.savefig(Path(__file__).with_name("valley.png"), dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()
