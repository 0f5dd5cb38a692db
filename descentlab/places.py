"""Where the course's folders lie: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

from descentlab.text import _

COURSE_FOLDERS = ("data", "lessons", "solutions")
PACKAGE = Path(__file__).resolve().parent


def course_folder(name: str) -> Path:
    """Return the folder of the course that is called `name`.

    Parameters
    ----------
    name : {"data", "lessons", "solutions"}
        Which folder.

    Returns
    -------
    Path
        An existing folder: ``descentlab/_course/NAME`` in an installed wheel, else the folder of
        that name beside the package, as in a clone of the repository.

    Raises
    ------
    ValueError
        The course has no folder of that name.
    FileNotFoundError
        The folder is missing, from an incomplete copy or installation.
    """
    if name not in COURSE_FOLDERS:
        known = ", ".join(COURSE_FOLDERS)
        raise ValueError(
            _("The course has the folders {known}; there is none called {name!r}.").format(
                known=known, name=name
            )
        )
    candidates = (PACKAGE / "_course" / name, PACKAGE.parent / name)
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        _(
            "The course's folder {name!r} is missing: it is neither {in_wheel} nor {in_clone}. "
            "Install descentlab again, or in a clone bring the folder back with "
            "`git checkout -- {name}`."
        ).format(name=name, in_wheel=candidates[0], in_clone=candidates[1])
    )
