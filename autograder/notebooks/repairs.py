"""What was put right in a submission, in one sentence each that student and teacher read."""

from dataclasses import dataclass

from descentlab.text import N_, _


@dataclass(frozen=True)
class Repair:
    """One thing that was put right, or that has to be known.

    Attributes
    ----------
    kind : str
        "copied", "deleted", "retyped", ...: a key of `SENTENCES`.
    cell : str
        The cell's grade id (its cell id where it has none), ``""`` for the whole notebook.
    text : str
        One sentence or two.
    """

    kind: str
    cell: str
    text: str


SENTENCES = {
    "copied": N_(
        "There are {count} cells {cell}. The lesson's own counts if it holds an answer, else the "
        "last one with an answer above the check; the others are kept as cells of your own."
    ),
    "check_copied": N_("There are {count} cells {cell}. The lesson's own check runs, once."),
    "deleted": N_("The cell {cell} was missing. It was put back as the lesson has it: unanswered."),
    "check_deleted": N_("The cell {cell} was missing. It was put back."),
    "setup_deleted": N_("The lesson's cell {cell}, `{line}`, was missing. It was put back."),
    "retyped": N_("The cell {cell} was missing. The answer was found in another cell by its text."),
    "retyped_all": N_(
        "These cells were missing, and their answers were found in other cells by their text: "
        "{cells}."
    ),
    "reordered": N_("The lesson's cells stood in another order. They were put back in order."),
    "converted": N_(
        "The cell {cell} had been turned into another type of cell. It was turned back; its text "
        "counts."
    ),
    "metadata_lost": N_("The cell {cell} had lost its marks. They were put back."),
    "metadata_lost_all": N_("These cells had lost their marks, which were put back: {cells}."),
    "metadata_changed": N_(
        "The cell {cell} bore other marks than the lesson's ({what}). The lesson's count."
    ),
    "check_changed": N_("The cell {cell} had been changed. The lesson's own check runs."),
    "check_extended": N_(
        "The cell {cell} had been changed. The lesson's own check runs; your further lines run as "
        "a cell of your own above it."
    ),
    "setup_changed": N_(
        "The lesson's cell {cell}, `{line}`, had been changed. The lesson's own version runs; "
        "write what you need in a cell of your own."
    ),
    "setup_extended": N_(
        "Lines had been added to the lesson's cell {cell}, `{line}`. They run as a cell of your "
        "own below it."
    ),
    "too_long": N_(
        "The cell {cell} holds {count} characters, more than the {most} that are read. It was "
        "left out."
    ),
    "text_cut": N_(
        "The text in {cell} has {count} characters, more than the {most} that are shown. The rest "
        "was left out."
    ),
    "texts_dropped": N_(
        "The text cells beside the lesson's own have more than {most} characters together. Those "
        "after that were left out."
    ),
    "too_many": N_(
        "There are {count} cells beside the lesson's own. The first {most} were kept, the others "
        "were left out."
    ),
    "not_a_cell": N_("{count} entries of the file are no cells. They were left out."),
    "kernelspec": N_("The notebook names the kernel {what}. It is graded with Python 3."),
    "old_format": N_("The notebook is of the old format {what}. It was brought to format 4."),
    "outputs_dropped": N_(
        "The file has {size} MB, nearly all of it outputs. They were left out; answers are not "
        "touched by this."
    ),
    "bom": N_("The file began with a byte-order mark, as some editors write it. It was left out."),
    "encoding": N_("The file's text was written as {what}. It was read as such."),
    "letters_lost": N_(
        "The file isn't UTF-8 throughout. Letters that can't be read became question marks."
    ),
    "pictures_dropped": N_("The notebook's pictures have more than {size} MB. Some were left out."),
}
"""Kind -> the sentence. ``{cell}`` is a name, everything in braces is filled in by `repair`."""


def repair(sentence: str, cell: str = "", *, kind: str = "", **seen: object) -> Repair:
    """Return a repair with its sentence; it is of the sentence's kind unless another is given."""
    return Repair(kind or sentence, cell, _(SENTENCES[sentence]).format(cell=cell, **seen))


class Unrebuildable(ValueError):
    """A notebook that can't be put onto a lesson; the text is for student and teacher."""
