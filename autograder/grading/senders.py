"""Who handed in a file, when, and which attempt it was: read from the names that LMSs give files.

The LMS's clock is taken to be this machine's: no name says a time zone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

FOLDER, MOODLE, CANVAS, BLACKBOARD, BRIGHTSPACE = "folder moodle canvas blackboard d2l".split()
NUMBERED = (CANVAS, BRIGHTSPACE)
"""Their numbers are a person's; Moodle's differ from lesson to lesson."""

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

MOODLE_NAME = re.compile(
    r"(?P<name>.+?)_(?P<number>\d+)_assign(?P<kind>submission_[a-z]+|feedback_[a-z]+)(?:_(?P<rest>.*))?"
)
CANVAS_NAME = re.compile(
    r"(?P<name>anon|[^_]+?)(?P<late>_LATE)?_(?P<number>\w{5}|\d+)_(?P<file>\d+)_(?P<rest>.+)",
    re.IGNORECASE,
)
CANVAS_TEXT = re.compile(r"[^_]+(_LATE)?_\d+_(text|url|question_.*)\.html?", re.IGNORECASE)
BLACKBOARD_NAME = re.compile(
    r"(?P<head>.+)_attempt_(?P<at>\d{4}(?:-\d\d){5})(?:_(?P<rest>.+)|(?P<log>\.txt))"
)
D2L_NAME = re.compile(
    r"(?P<number>\d+)-\d+ ?- (?P<name>.+?) ?- (?P<at>[A-Z][a-z]{2,8} \d{1,2}, \d{4} "
    r"\d{1,2}:?\d{2} ?[AP]M)(?: - (?P<rest>.+))?"
)
JUNK = re.compile(r"(.*/)?(__MACOSX|\.ipynb_checkpoints|__pycache__|\.git)/.*|(.*/)?"
                  r"(\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)")  # fmt: skip

LONGEST_ID = 120
"""Bytes: nbgrader's gradebook holds 128 characters."""


@dataclass(frozen=True)
class Sent:
    """One file, as its name tells it.

    Attributes
    ----------
    system : str
        Whose pattern the name follows; "folder" for a plain folder or file.
    name, number : str
        Who, as the LMS writes it; its number for the person, or empty.
    batch : str
        What was handed in together bears the same.
    at : datetime or None
        When, UTC, if the name says so.
    order : int
        Among files of one batch: later is larger.
    inside : str
        The file's own path in the submission; empty for what isn't the student's (a log, a text
        that was typed into the LMS's page).
    """

    system: str
    name: str
    number: str
    batch: str
    inside: str
    at: datetime | None = None
    order: int = 0


def variant(file: str, lesson: str) -> int | None:
    """Which copy of a lesson's notebook (or a zip of it) a file is by its name, 0 for the first.

    None if it is another file. Canvas, browsers and JupyterLab number copies: ``-2``, ``(1)``,
    ``-Copy1``.
    """
    pattern = rf"{re.escape(lesson)}(?:[-_ ]?\(?(\d{{1,3}})\)?|-Copy(\d{{1,3}}))?\.(?:ipynb|zip)"
    match = re.fullmatch(pattern, file, re.IGNORECASE)
    return int(match[1] or match[2] or 0) if match else None


def sent(path: str, lesson: str, known: Iterable[str] = ()) -> Sent | None:
    """Read a path of an export; None where nothing tells whose it is.

    Parameters
    ----------
    path : str
        Below the export's root, with "/".
    lesson : str
        The lesson's name.
    known : iterable of str
        Students' ids.
    """
    first, _, below = path.partition("/")
    if match := MOODLE_NAME.fullmatch(first):
        is_file = match["kind"] == "submission_file"
        inside = "/".join(part for part in (match["rest"], below) if part) if is_file else ""
        batch = f"{match['name']}_{match['number']}"
        return Sent(MOODLE, match["name"], match["number"], batch, inside)
    if match := D2L_NAME.fullmatch(first):
        inside = "/".join(part for part in (match["rest"], below) if part)
        last, comma, given = match["name"].partition(", ")
        name = f"{given} {last}" if comma else match["name"]
        at = _d2l_time(match["at"])
        return Sent(BRIGHTSPACE, name, match["number"], match["at"], inside, at)
    if not below and (match := BLACKBOARD_NAME.fullmatch(first)):
        name = _blackboard_user(match["head"], lesson, known)
        return Sent(BLACKBOARD, name, "", match["at"], match["rest"] or "", _time(match["at"]))
    if not below and (found := _canvas(first, lesson)):
        return found
    return _plain(first, below, lesson, known)


def _canvas(file: str, lesson: str) -> Sent | None:
    match = CANVAS_NAME.fullmatch(file)
    if match is None or not (match["number"].isdigit() or match["name"] == "anon"):
        text = CANVAS_TEXT.fullmatch(file)
        return Sent(CANVAS, file.split("_")[0], "", "", "") if text else None
    whose = re.escape(lesson)
    if re.search(rf"(^|_){whose}", f"{match['file']}_{match['rest']}", re.IGNORECASE) and not (
        variant(match["rest"], lesson) is not None or re.search(whose, match["rest"], re.IGNORECASE)
    ):
        return None  # a plain file such as anna_123_03_momentum.ipynb
    name = f"anon_{match['number']}" if match["name"] == "anon" else match["name"]
    order = int(match["file"][:18])
    return Sent(CANVAS, name, match["number"], "", match["rest"], order=order)


def _plain(first: str, below: str, lesson: str, known: Iterable[str]) -> Sent | None:
    if below:
        return Sent(FOLDER, first, "", first, below.removeprefix(f"{lesson}/"))
    stem, _, kind = first.rpartition(".")
    if not stem or variant(first, lesson) is not None:
        return None
    ours = sorted((one for one in known if stem.startswith(f"{one}_")), key=len)
    if ours:
        return Sent(FOLDER, ours[-1], "", "", first[len(ours[-1]) + 1 :])
    if stem in known and kind in ("ipynb", "zip"):
        return Sent(FOLDER, stem, "", "", f"{lesson}.{kind}")
    whole = re.escape(lesson)
    if match := re.fullmatch(rf"(.+?)[-_ ]+({whole}.*)", first, re.IGNORECASE):
        return Sent(FOLDER, match[1], "", "", match[2])
    if match := re.fullmatch(rf"{whole}[-_ ]+(.*\D.*)\.(ipynb|zip)", first, re.IGNORECASE):
        return Sent(FOLDER, match[1], "", "", f"{lesson}.{match[2]}")
    name, line, rest = first.partition("_")
    return Sent(FOLDER, name, "", "", rest) if name and line and rest else None


def _blackboard_user(head: str, lesson: str, known: Iterable[str]) -> str:
    """The user name behind an assignment's title; both may hold underscores."""
    ours = sorted((one for one in known if head.endswith(f"_{one}")), key=len)
    if ours:
        return ours[-1]
    title = r"[\W_]*".join(map(re.escape, re.split(r"[\W_]+", lesson)))
    match = re.match(rf"{title}_(.+)", head, re.IGNORECASE)
    return match[1] if match else head.rpartition("_")[2]


def _time(text: str) -> datetime | None:
    try:
        return datetime(*map(int, text.split("-"))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _d2l_time(text: str) -> datetime | None:
    month, day, year, hour, minute, half = re.fullmatch(
        r"(\w{3})\w* (\d+), (\d+) (\d+?):?(\d\d) ?([AP]M)", text
    ).groups()
    if month not in MONTHS:
        return None
    hours = int(hour) % 12 + (12 if half == "PM" else 0)
    return _time(f"{year}-{MONTHS.index(month) + 1}-{day}-{hours}-{minute}-0")


def safe_id(name: str) -> str:
    """A student's id that is one name of a folder; empty where nothing is left of it.

    Letters of all alphabets stay; spaces and what means something to a shell, to nbgrader's
    patterns or to Windows become underscores. None begins like a formula: gradebooks are exported
    to tables.
    """
    text = unicodedata.normalize("NFC", name)
    text = "".join(c for c in text if unicodedata.category(c)[0] != "C" or c.isspace())
    text = re.sub(r"""[\s/\\:*?"'<>|\[\]{}$`;&!#~%]+""", "_", text.strip())
    text = text.lstrip(".-_=+@").rstrip("._")
    return text.encode()[:LONGEST_ID].decode(errors="ignore")


@dataclass
class Roster:
    """The students whom the gradebook knows.

    Attributes
    ----------
    ids : set of str
    numbers : dict
        An LMS's number for a person -> id.
    names : dict
        First and last name, in both orders, letters alone -> ids.
    """

    ids: set[str] = field(default_factory=set)
    numbers: dict[str, str] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)

    def add(self, student: str, first: str, last: str, number: str) -> None:
        """Enter a student."""
        self.ids.add(student)
        if number:
            self.numbers[number] = student
        for name in (first + last, last + first):
            if first and last:
                self.names.setdefault(_letters(name), set()).add(student)

    def student(self, found: Sent) -> str:
        """The id for who sent a file; empty where none can be made of the name."""
        if found.name in self.ids:
            return found.name
        if found.system in NUMBERED and found.number in self.numbers:
            return self.numbers[found.number]
        if found.system != FOLDER:
            same = self.names.get(_letters(found.name), ())
            if len(same) == 1:
                return next(iter(same))
        return safe_id(found.name)


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", name)).casefold()
