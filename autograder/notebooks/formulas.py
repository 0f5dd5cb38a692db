"""LaTeX to MathML: a formula that a browser draws by itself, without a script or the network."""

import math_core

from autograder.notebooks.errors import LessonError


def to_mathml(tex: str, *, display: bool) -> str:
    """Return a formula as a MathML element.

    Parameters
    ----------
    tex : str
        What stands between the dollar signs.
    display : bool
        Whether it stands alone in its line.

    Raises
    ------
    LessonError
        It is no LaTeX that a browser could show; the text has the formula and the reason.
    """
    converter = math_core.LatexToMathML()
    try:
        return converter.convert_with_local_state(tex, displaystyle=display)
    except math_core.LatexError as error:
        raise LessonError(f"The formula {tex.strip()!r} can't be read: {error}.") from error
