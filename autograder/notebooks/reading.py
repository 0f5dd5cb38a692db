"""From the bytes of a file that somebody handed in to its cells, whatever state it is in.

Nothing is believed but text: a cell is what it says, not what its metadata claims. Outputs are left
out of a large file before it is parsed, so that 50 MB of them cost neither time nor memory.
"""

import codecs
import json
import re
from dataclasses import dataclass, field

from autograder.notebooks.repairs import Repair, Unrebuildable, repair
from autograder.notebooks.submission import NotANotebook
from descentlab.text import _

MOST_BYTES = 256_000_000
"""A larger file isn't opened. JupyterLab itself can't."""

LARGE_BYTES = 20_000_000
"""From here on outputs are cut out before parsing; a lesson with all its pictures has 2 MB."""

MOST_PARTS = 1_000_000
"""Lists, objects and entries in what is parsed; each costs about 100 bytes of memory."""

MOST_SKIPPED = 4_000_000
"""Lists and objects in what is cut out: looking at each costs a third of a microsecond."""

MOST_TEXT = 100_000
"""Characters of a cell that are read; the longest cell of a lesson has 4,000."""

MOST_TEXTS = 4_000_000
"""Characters of all cells together; a lesson has 60,000."""

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|["\]\[{}]', re.DOTALL)
UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass
class Cell:
    """One cell as it was handed in.

    Attributes
    ----------
    index : int
        Its place among the cells.
    kind : {"code", "markdown", "raw"}
    source : str
        Its text, line ends as ``\\n``, nothing in it that can't be written to a file.
    id, grade_id : str
        What it calls itself; ``""`` where it says nothing, or no name.
    marks : dict
        What it says about grading, to be compared and never to be believed.
    tags : list
    length : int
        Of the text; `source` holds the first `MOST_TEXT` characters.
    outputs, attachments : list, dict
        As they are in the file: unchecked.
    claimed : bool
        Whether it was taken for a cell of the lesson.
    """

    index: int
    kind: str
    source: str
    id: str = ""
    grade_id: str = ""
    marks: dict = field(default_factory=dict)
    tags: list = field(default_factory=list)
    length: int = 0
    outputs: list = field(default_factory=list)
    attachments: dict = field(default_factory=dict)
    claimed: bool = False


def read_cells(data: bytes) -> tuple[list[Cell], list[Repair]]:
    """Read what was handed in.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    cells : list of Cell
    repairs : list of Repair
        What was put right while reading.

    Raises
    ------
    NotANotebook
        It is empty, no JSON, or JSON of something else.
    Unrebuildable
        It is larger than anything that JupyterLab writes.
    """
    if len(data) > MOST_BYTES:
        raise _too_large(len(data))
    text, repairs = _text(data)
    if not text.strip():
        raise NotANotebook(_("This isn't a notebook: the file is empty. Save it and try again."))
    if len(text) > LARGE_BYTES or _more_parts(text):
        text, repairs = _without_outputs(text, repairs, len(data))
    content = _parsed(text)
    entries, old = _entries(content)
    if old:
        repairs.append(repair("old_format", what=old))
    repairs += _other_kernel(content)
    readable = [entry for entry in entries if isinstance(entry, dict)]
    cells = [_cell(index, entry) for index, entry in enumerate(readable)]
    if len(cells) < len(entries):
        repairs.append(repair("not_a_cell", count=len(entries) - len(cells)))
    if sum(len(cell.source) for cell in cells) > MOST_TEXTS:
        raise _too_large(len(data))
    return cells, repairs


def _text(data: bytes) -> tuple[str, list[Repair]]:
    """Decode a file: UTF-8 as a notebook should be, or what its first bytes say."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            kind = "bom" if encoding == "utf-8-sig" else "encoding"
            return _decoded(data, encoding, [repair(kind, what=encoding.upper())])
    encoding = json.detect_encoding(data[:4])
    if encoding.startswith("utf-16"):
        return _decoded(data, encoding, [repair("encoding", what="UTF-16")])
    return _decoded(data, "utf-8", [])


def _decoded(data: bytes, encoding: str, repairs: list[Repair]) -> tuple[str, list[Repair]]:
    try:
        return data.decode(encoding), repairs
    except UnicodeDecodeError:
        return data.decode(encoding, errors="replace"), [*repairs, repair("letters_lost")]


def _more_parts(text: str) -> bool:
    """Whether a text may hold more than `MOST_PARTS`; counts what stands in strings, too."""
    return sum(text.count(mark) for mark in "[{,") > MOST_PARTS


def _without_outputs(text: str, repairs: list[Repair], size: int) -> tuple[str, list[Repair]]:
    """Cut the lists of outputs and attachments out of a notebook's text, unparsed."""
    kept, start, depth, cut_at, seen, key = [], 0, 0, None, 0, ""
    for token in TOKEN.finditer(text):
        mark = token[0] if token.end() - token.start() == 1 else ""
        if not mark:
            if cut_at is None:
                key = token[0] if token.end() - token.start() < 20 else ""
            continue
        seen += 1
        if mark == '"' or seen > MOST_SKIPPED:  # a string that never ends, or too much of all
            raise _too_large(size)
        if mark in "[{":
            if cut_at is None and key in ('"outputs"', '"attachments"'):
                kept.append(text[start : token.start()])
                cut_at = depth
            depth += 1
        else:
            depth -= 1
            if cut_at is not None and depth <= cut_at:
                kept.append("[]")
                start, cut_at = token.end(), None
        key = ""
    text = "".join([*kept, text[start:] if cut_at is None else ""])
    if len(text) > LARGE_BYTES or _more_parts(text):
        raise _too_large(size)
    return text, [*repairs, repair("outputs_dropped", size=f"{size / 1e6:.0f}")]


def _too_large(size: int) -> Unrebuildable:
    return Unrebuildable(
        _(
            "This file has {size} MB, far more than a lesson. Clear the outputs in JupyterLab "
            "(Edit, Clear Outputs of All Cells), delete what you don't need, save it and hand it "
            "in again."
        ).format(size=f"{size / 1e6:.0f}")
    )


def _parsed(text: str) -> dict:
    try:
        content = json.loads(text.lstrip("\ufeff"), parse_int=_whole, parse_constant=_no_number)
    except RecursionError as error:
        raise NotANotebook(
            _("This isn't a notebook: it is JSON nested deeper than any notebook.")
        ) from error
    except ValueError as error:
        where = getattr(error, "lineno", 1)
        if "<<<<<<< " in text and ">>>>>>> " in text:
            raise NotANotebook(
                _(
                    "This isn't a notebook: two versions of it were merged, and the marks of the "
                    "merge stand in it. Choose one version and hand it in again."
                )
            ) from error
        raise NotANotebook(
            _(
                "This isn't a notebook: it isn't JSON from line {line} on. Perhaps the file was "
                "cut off on its way; save it in JupyterLab and hand it in again."
            ).format(line=where)
        ) from error
    if not isinstance(content, dict):
        raise NotANotebook(_("This isn't a notebook: it is JSON of something else."))
    return content


def _whole(digits: str) -> int:
    """A whole number; nothing in a notebook needs more digits than this."""
    return int(digits) if len(digits) < 20 else 0


def _no_number(name: str) -> None:
    """What stands for NaN and Infinity, which JSON doesn't know."""


def _entries(content: dict) -> tuple[list, str]:
    """Return a notebook's list of cells, and its format if that is older than 4."""
    if isinstance(content.get("cells"), list):
        return content["cells"], ""
    sheets = content.get("worksheets")
    if isinstance(sheets, list):
        lists = [s.get("cells") for s in sheets if isinstance(s, dict)]
        cells = [cell for found in lists if isinstance(found, list) for cell in found]
        stated = content.get("nbformat")
        return cells, str(stated) if stated in (1, 2) else "3"
    raise NotANotebook(_("This isn't a notebook: it is JSON, but holds no cells."))


def _other_kernel(content: dict) -> list[Repair]:
    """Say so when a notebook is meant for another language; a Python kernel has many names."""
    metadata = content.get("metadata")
    spec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    if not isinstance(spec, dict):
        return []
    language, name = spec.get("language"), spec.get("name")
    if isinstance(language, str) and language:
        strange = language.lower() not in ("python", "python3", "ipython")
    else:
        strange = isinstance(name, str) and not re.search("py|conda|venv|descent", name.lower())
    shown = repr(str(name or language)[:40])
    return [repair("kernelspec", what=shown)] if strange else []


def _cell(index: int, entry: dict) -> Cell:
    kind = entry.get("cell_type")
    if kind not in ("code", "raw"):  # "heading" and "html" of old formats are text as well
        kind = "markdown"
    metadata = entry.get("metadata") if isinstance(entry.get("metadata"), dict) else {}
    marks = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), dict) else {}
    tags = metadata.get("tags") if isinstance(metadata.get("tags"), list) else []
    outputs, attachments = entry.get("outputs"), entry.get("attachments")
    source = joined(entry.get("source", entry.get("input", "")))
    level = entry.get("level")
    if entry.get("cell_type") == "heading" and level in range(1, 7):
        source = f"{'#' * level} {source}"
    return Cell(
        index=index,
        kind=kind,
        source=source[:MOST_TEXT],
        length=len(source),
        id=_name(entry.get("id", metadata.get("id"))),  # Colab keeps ids in the metadata
        grade_id=_name(marks.get("grade_id")),
        marks=marks,
        tags=tags,
        outputs=outputs if isinstance(outputs, list) else [],
        attachments=attachments if isinstance(attachments, dict) else {},
    )


def _name(value: object) -> str:
    return value if isinstance(value, str) and NAME.fullmatch(value) else ""


def joined(value: object) -> str:
    """Return a text that a notebook keeps as one string or as a list of lines, as one string."""
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    if not isinstance(value, str):
        return ""
    return writable(value).replace("\r\n", "\n").replace("\r", "\n")


def writable(text: str) -> str:
    """Return a text without what no file and no database takes: half characters and NUL."""
    return UNWRITABLE.sub("\ufffd", text)
