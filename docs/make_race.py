"""Draw the README's race and the look before and after: `.venv/bin/python docs/make_race.py`."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from autograder import exercises, reference
from descentlab import AdamState, descend, valley
from descentlab.animation import race_still, save_race

HERE = Path(__file__).parent
STEPS = 60
MISTAKE = "v_not_corrected"


def race():
    """Walk down the valley with momentum, with Adam, and with an Adam that has a mistake."""
    wrong = next(m for m in exercises.find("adam_step").singles if m.id == MISTAKE)
    rules = {
        "momentum": (reference.find("momentum_step"), np.zeros(2), 0.01),
        "Adam": (reference.find("adam_step"), AdamState.zeros(np.zeros(2)), 0.2),
        "my adam_step": (wrong.function, AdamState.zeros(np.zeros(2)), 0.2),
    }
    surface = valley()
    return surface, {
        label: descend(surface, surface.start, rule=rule, state=state, lr=lr, num_steps=STEPS)
        for label, (rule, state, lr) in rules.items()
    }


def before(surface, paths):
    """Draw the race as matplotlib draws it when nothing is said."""
    with mpl.rc_context():
        mpl.rcdefaults()
        figure = Figure(figsize=(9.6, 4.4))
        FigureCanvasAgg(figure)
        ground, heights = figure.subplots(1, 2)
        (left, right), (low, high) = surface.view
        x, y = np.meshgrid(np.linspace(left, right, 100), np.linspace(low, high, 100))
        ground.contour(x, y, surface.f(np.array([x, y])))
        for label, path in paths.items():
            ground.plot(*path.T, label=label)
            heights.plot(surface.f(path.T), label=label)
        ground.legend()
        heights.legend()
        return image(figure)


def image(figure, dpi=80):
    """Return a figure as a picture."""
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


def main():
    """Make both pictures."""
    surface, paths = race()
    title = "My adam_step forgot to correct its second moment"
    after = image(race_still(surface, paths, title=title))
    both = Image.new("RGB", (after.width, 2 * after.height + 12), "#dddddd")
    both.paste(before(surface, paths), (0, 0))
    both.paste(after, (0, after.height + 12))
    both.quantize(255).save(HERE / "before_after.png", optimize=True)
    file = save_race(surface, paths, HERE / "race.gif", fps=10, most=45, dpi=70, title=title)
    print(f"{file.name}: {file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
