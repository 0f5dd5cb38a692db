"""The look of the course's pictures: fonts and lines, and one style for each rule."""

import numpy as np
from matplotlib import colors

from descentlab.text import N_, _

INK = "#222222"
PALE = "#8c8c8c"

# matplotlib's settings while one of our functions draws, and only then.
LOOK = {
    "figure.dpi": 110,
    "figure.constrained_layout.w_pad": 0.09,
    "savefig.dpi": 220,
    "font.size": 11.5,
    "axes.titlesize": 12.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 11.5,
    "axes.labelcolor": INK,
    "axes.edgecolor": "#666666",
    "axes.linewidth": 0.9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.8,
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 10.5,
    "xtick.color": "#555555",
    "ytick.color": "#555555",
    "legend.fontsize": 10,
    "legend.title_fontsize": 9.5,
    "legend.frameon": True,
    "legend.framealpha": 0.9,
    "legend.facecolor": "white",
    "legend.edgecolor": "#dddddd",
    "legend.handlelength": 2.6,
    "legend.borderpad": 0.45,
    "legend.labelspacing": 0.35,
    "lines.linewidth": 1.7,
    "lines.markersize": 5.5,
    "lines.dash_capstyle": "butt",
}

SOLID = "-"
LONGEST, LONG, SHORT, DOTS = (0, (12, 1.6)), (0, (6, 1.6)), (0, (3, 1.4)), (0, (1.2, 1.2))
DASH_DOT, DASH_DOTS = (0, (6, 1.4, 1.2, 1.4)), (0, (10, 1.4, 1.2, 1.4, 1.2, 1.4))
SHORT_DOT = (0, (3, 1.2, 1, 1.2))
LONG_SHORT, LONG_DOTS = (0, (8, 1.4, 3, 1.4)), (0, (7, 1.2, 1, 1.2, 1, 1.2, 1, 1.2))

# Okabe and Ito's palette; AdaDelta's yellow is darkened, as it vanishes on white.
RULE_STYLES = {
    N_("gradient descent"): {"color": "#333333", "marker": "o", "linestyle": SOLID},
    N_("momentum"): {"color": "#0072B2", "marker": "s", "linestyle": LONG},
    N_("Nesterov"): {"color": "#56B4E9", "marker": "^", "linestyle": SHORT},
    "Adagrad": {"color": "#E69F00", "marker": "D", "linestyle": DASH_DOT},
    "RMSprop": {"color": "#009E73", "marker": "v", "linestyle": DASH_DOTS},
    "AdaDelta": {"color": "#94791A", "marker": "p", "linestyle": DOTS},
    "Adam": {"color": "#D55E00", "marker": "P", "linestyle": LONGEST},
    "RAdam": {"color": "#CC79A7", "marker": "X", "linestyle": SHORT_DOT},
    "Newton": {"color": "#8C2D4E", "marker": "d", "linestyle": LONG_SHORT},
    "L-BFGS": {"color": "#6B4423", "marker": "H", "linestyle": LONG_DOTS},
}

# For labels that name none of the rules: other colours, markers and dashes, in this order.
OTHER_STYLES = (
    {"color": "#8A5FBF", "marker": "*", "linestyle": SOLID, "markersize": 9},
    {"color": "#2F6F73", "marker": "<", "linestyle": LONG},
    {"color": "#4A6B2A", "marker": ">", "linestyle": DASH_DOT},
    {"color": "#777777", "marker": "8", "linestyle": SHORT},
    {"color": "#B5446E", "marker": "h", "linestyle": DASH_DOTS},
    {"color": "#B07AA1", "marker": (4, 1, 0), "linestyle": DOTS},
)

# The same rule again in one picture ("momentum, β = 0.5"): its colour mixed with another, its
# marker hollow, another dash.
AGAIN = (
    ("#ffffff", 0.35, SHORT),
    ("#000000", 0.45, DASH_DOT),
    ("#ffffff", 0.6, SOLID),
    ("#000000", 0.7, DOTS),
)


def line_styles(labels):
    """Return a style for each label, all of them different (up to five labels of one rule).

    A label that equals a rule's name, or starts with it, gets that rule's style; the rule's next
    label in the same picture gets a variation of it. Other labels get styles of their own.

    Parameters
    ----------
    labels : iterable of str

    Returns
    -------
    dict
        Label to keyword arguments of ``ax.plot``.
    """
    labels = list(labels)
    rules = {label: _rule_of(label) for label in labels}
    exact_first = sorted(labels, key=lambda label: not rules[label][1])
    styles, used = {}, {}
    for label in exact_first:
        name = rules[label][0]
        base = RULE_STYLES[name] if name else OTHER_STYLES[used.get(None, 0) % len(OTHER_STYLES)]
        times = used.get(name, 0) if name else used.get(None, 0) // len(OTHER_STYLES)
        styles[label] = _variation(base, times)
        used[name] = used.get(name, 0) + 1
    return {label: styles[label] for label in labels}


def _rule_of(label):
    """Return the rule that a label names, or None, and whether it is the whole label."""
    for name in RULE_STYLES:
        for form in (name.casefold(), _(name).casefold()):
            rest = label.casefold().removeprefix(form)
            if rest != label.casefold() and not rest[:1].isalnum():
                return name, not rest
    return None, False


def _variation(style, times):
    """Return a style as it is the first time, and visibly of its family after that."""
    if times == 0:
        return dict(style)
    toward, share, linestyle = AGAIN[(times - 1) % len(AGAIN)]
    mixed = (1 - share) * np.array(colors.to_rgb(style["color"])) + share * np.array(
        colors.to_rgb(toward)
    )
    again = {"color": colors.to_hex(mixed), "markerfacecolor": "white", "linestyle": linestyle}
    return style | again
