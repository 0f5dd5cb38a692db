"""From the files of an export to people, and from a person's files to attempts."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from autograder.grading import reading
from autograder.grading.reading import Contents, Piece, Unreadable
from autograder.grading.senders import (
    FOLDER,
    JUNK,
    MOODLE,
    NUMBERED,
    Roster,
    Sent,
    safe_id,
    sent,
    variant,
)
from autograder.grading.submitted import NOTEBOOK_BYTES, TIMESTAMP, moment, read_extras

EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass
class Person:
    """A student and what an export holds of theirs."""

    student: str
    pieces: list[tuple[Sent, Piece]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass
class Sorted:
    """The files of an export.

    Attributes
    ----------
    people : dict
        Student -> what is theirs.
    unassigned : dict
        Sentence -> paths of which nothing tells whose they are.
    left_out : list of str
        Paths of what isn't a student's: the LMS's own notes, other lessons.
    """

    people: dict[str, Person] = field(default_factory=dict)
    unassigned: dict[str, list[str]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Attempt:
    """What a student handed in at once.

    Attributes
    ----------
    files : dict
        Path -> content, the notebook as ``LESSON.ipynb``; empty where no notebook can be told.
    handed_in : str or None
        For timestamp.txt.
    problems : list of str
    """

    files: dict[str, bytes]
    handed_in: str | None
    problems: list[str]


def sort_out(
    contents: Contents, lesson: str, roster: Roster, lessons: Collection[str], name: str = ""
) -> Sorted:
    """Tell whose each file is.

    Parameters
    ----------
    contents : Contents
    lesson : str
    roster : Roster
    lessons : collection of str
        All lessons of the class.
    name : str
        The export's own, without its ending.
    """
    result = Sorted()
    paths = [piece.path for piece in contents.pieces if not JUNK.fullmatch(piece.path)]
    top = _top(paths, lesson, roster.ids, name)
    whose: dict[str, Sent] = {}
    for path in [*paths, *(path for path, _ in contents.skipped)]:
        found = sent(path.removeprefix(top), lesson, roster.ids)
        if found is not None:
            whose[path] = found
    students = _students(whose, roster)
    unclear = _unclear(students, whose, roster)
    others = {other for other in lessons if other != lesson}
    for piece in contents.pieces:
        path = piece.path
        found, student = whose.get(path), students.get(path, "")
        if JUNK.fullmatch(path) or (found and (not found.inside or _of(others, found.inside))):
            result.left_out.append(path)
        elif found and (why := reading.refused_name(found.inside)):
            _skip(result, path, why, "")
        elif path in unclear:
            result.unassigned.setdefault(unclear[path], []).append(path)
        elif not student:
            result.unassigned.setdefault(_nobody(lesson), []).append(path)
        else:
            person = result.people.setdefault(student, Person(student))
            person.pieces.append((found, piece))
    _strays(result, lesson)
    for path, why in contents.skipped:
        if not JUNK.fullmatch(path):
            _skip(result, path, why, "" if path in unclear else students.get(path, ""))
    return result


def _nobody(lesson: str) -> str:
    return (
        "Nothing tells whose this is. Put it into a folder that bears the student's name, as "
        f"STUDENT/{lesson}.ipynb, and collect that folder."
    )


def _skip(result: Sorted, path: str, why: str, student: str) -> None:
    if not student or "leads out" in why or "Windows" in why:
        text = f"Skipped: {why}. Ask for the file under a plain name."
        result.unassigned.setdefault(text, []).append(path)
        return
    person = result.people.setdefault(student, Person(student))
    person.problems.append(f"{path} was skipped: {why}. Ask {student} for the file itself.")


def _strays(result: Sorted, lesson: str) -> None:
    """A file such as ``list_2026.csv`` makes nobody a student."""
    for student, person in list(result.people.items()):
        flat = [found.system == FOLDER and not found.batch for found, _ in person.pieces]
        if all(flat) and not any(_is(piece.path, "ipynb", "zip") for _, piece in person.pieces):
            paths = [piece.path for _, piece in result.people.pop(student).pieces]
            result.unassigned.setdefault(_nobody(lesson), []).extend(paths)


def _top(paths: list[str], lesson: str, known: Collection[str], name: str) -> str:
    """The folder round the whole export, with its slash; empty if there is none.

    A folder that all files lie in is a student's, unless what lies in it looks like students.
    """
    tops = {path.split("/")[0] for path in paths}
    if len(tops) != 1 or not all("/" in path for path in paths):
        return ""
    (top,) = tops
    found = sent(f"{top}/x", lesson, known)
    if top in known or (found and found.system != FOLDER):
        return ""
    inner = [path.partition("/")[2] for path in paths]
    firsts = {path.split("/")[0] for path in inner}
    seconds = {path.split("/")[0] for path in inner if "/" in path} - {lesson}
    flat = {path for path in inner if "/" not in path and _is(path, "ipynb", "zip")}
    named = [path for path in flat if variant(path, lesson) is None]
    senders = [found for path in inner if (found := sent(path, lesson, known))]
    looks = (
        any(found.system != FOLDER for found in senders)
        or bool(seconds & set(known))
        or any(f"/{lesson}/" in path for path in inner)
        or (len(seconds) > 1 and not flat and lesson not in firsts)
        or (len(named) > 1 and all(lesson.casefold() in path.casefold() for path in flat))
        or (top.casefold() == name.casefold() and bool(seconds | set(named)))
    )
    return f"{top}/" if looks else ""


def _students(whose: Mapping[str, Sent], roster: Roster) -> dict[str, str]:
    names = {found.name for found in whose.values() if found.system == MOODLE}
    numbers = {found.number for found in whose.values() if found.system == MOODLE}
    nameless = len(names) == 1 and len(numbers) > 1  # handed in anonymously
    return {
        path: safe_id(f"{found.name}_{found.number}")
        if nameless and found.system == MOODLE
        else roster.student(found)
        for path, found in whose.items()
    }


def _unclear(
    students: Mapping[str, str], whose: Mapping[str, Sent], roster: Roster
) -> dict[str, str]:
    """Paths of people who would get the same id, each with the sentence."""
    people: dict[str, set[tuple]] = {}
    numbered = set(roster.numbers.values())
    for path, student in students.items():
        found = whose[path]
        who = (found.name, "" if student in numbered else found.number)
        key = student if student in roster.ids else student.casefold()
        people.setdefault(key, set()).add(who)
    unclear = {}
    for path, student in students.items():
        found = whose[path]
        key = student if student in roster.ids else student.casefold()
        same = sorted(" ".join(filter(None, who)) for who in people[key])
        if student and len(same) > 1:
            entered = (
                ", or enter their LMS ids into the gradebook (`nbgrader db student add ID "
                "--lms-user-id NUMBER`),"
            )
            unclear[path] = (
                f"{', '.join(map(reading.printable, same))} would all be {student!r}. Rename their "
                "folders or files so that each bears the student's own id"
                f"{entered if found.system in NUMBERED else ''} and collect again."
            )
    return unclear


def _of(lessons: Collection[str], inside: str) -> bool:
    first = inside.split("/")[0]
    return any(first == other or first == f"{other}.ipynb" for other in lessons)


def _is(path: str, *kinds: str) -> bool:
    return path.lower().endswith(tuple(f".{kind}" for kind in kinds))


# Attempts


def attempts(person: Person, lesson: str) -> Iterator[Attempt]:
    """Read what a student handed in, the first attempt first."""
    batches: dict[str, list[tuple[Sent, Piece]]] = {}
    for found, piece in person.pieces:
        batches.setdefault(found.batch, []).append((found, piece))
    separate = [part for batch in batches.values() for part in _separate(batch, lesson)]
    for part in sorted(separate, key=_when):
        yield _read(part, person.student, lesson)


def _when(part: list[tuple[Sent, Piece]]) -> tuple:
    at = max(found.at or EARLIEST for found, _ in part)
    return at, max(piece.modified for _, piece in part)


def _separate(batch: list[tuple[Sent, Piece]], lesson: str) -> list[list[tuple[Sent, Piece]]]:
    """Files that lie beside other people's: each copy of the notebook is an attempt."""
    if batch[0][0].batch:
        return [batch]
    copies = [entry for entry in batch if variant(entry[0].inside, lesson) is not None]
    if len(copies) < 2:
        return [batch]
    others = [entry for entry in batch if entry not in copies]
    copies.sort(key=lambda entry: (entry[0].order, variant(entry[0].inside, lesson)))
    return [[_ranked(entry, place), *others] for place, entry in enumerate(copies)]


def _ranked(entry: tuple[Sent, Piece], place: int) -> tuple[Sent, Piece]:
    found, piece = entry
    return found, Piece(piece.path, piece.size, (float("inf"), place), piece.read)


def _read(part: list[tuple[Sent, Piece]], student: str, lesson: str) -> Attempt:
    problems: list[str] = []
    found = part[0][0]
    pieces = _by_name(((entry.inside, piece) for entry, piece in part), problems)
    told_by_folder = found.system == FOLDER and bool(found.batch)
    if not any(_is(path, "ipynb") for path in pieces):
        opened = _unzipped(pieces, student, lesson, problems)
        told_by_folder = told_by_folder and opened is pieces
        pieces = opened
    chosen = _choose(pieces, student, lesson, problems)
    if chosen is None:
        return Attempt({}, None, problems)
    folder = chosen[: chosen.rfind("/") + 1]
    near = sorted(pieces, key=lambda path: not path.startswith(folder))
    others = ((path.removeprefix(folder), pieces[path]) for path in near if path != chosen)
    beside = _by_name(others, problems, f"{lesson}.ipynb")
    try:
        if pieces[chosen].size > NOTEBOOK_BYTES:
            raise Unreadable(f"is larger than {reading.megabytes(NOTEBOOK_BYTES)}.")
        content = pieces[chosen].read()
    except Unreadable as error:
        problems.append(f"{pieces[chosen].path} {error} Ask {student} for it again.")
        return Attempt({}, None, problems)
    handed_in = f"{found.at:%Y-%m-%d %H:%M:%S.%f} UTC" if found.at else None
    stamp = beside.pop(TIMESTAMP, None)
    if stamp is not None and told_by_folder:
        handed_in = _stamp(stamp, problems)
    elif stamp is not None:
        problems.append(f"{stamp.path} is the student's own and was left out: it proves no time.")
    for path in [path for path in beside if _is(path, "ipynb")]:
        problems.append(f"{beside.pop(path).path} was left out: {pieces[chosen].path} counts.")
    files = {f"{lesson}.ipynb": content}
    files |= read_extras(beside, "", problems)
    return Attempt(files, handed_in, problems)


def _by_name(
    pieces: Iterable[tuple[str, Piece]], problems: list[str], taken: str = ""
) -> dict[str, Piece]:
    """Files by their names, the first of each; a folder called as the notebook has no place."""
    found: dict[str, Piece] = {}
    for path, piece in pieces:
        if path in found or (taken and path.startswith(f"{taken}/")):
            problems.append(f"{piece.path} was left out: another file bears its name.")
        else:
            found[path] = piece
    return found


def _stamp(stamp: Piece, problems: list[str]) -> str | None:
    try:
        text = stamp.read()[:200].decode().strip()
    except (Unreadable, UnicodeDecodeError):
        text = ""
    if moment(text) is None:
        problems.append(f"{stamp.path} holds no time that can be read, and was left out.")
        return None
    return text


def _unzipped(
    pieces: dict[str, Piece], student: str, lesson: str, problems: list[str]
) -> dict[str, Piece]:
    """The files in a student's own zip; what was given where there is none."""
    zips = sorted(path for path in pieces if _is(path, "zip"))
    named = [path for path in zips if variant(path.rpartition("/")[2], lesson) is not None]
    if len(zips) != 1 and len(named) != 1:
        return pieces
    path = (named or zips)[0]
    outer = pieces[path].path
    try:
        found = reading.in_zip(io.BytesIO(pieces[path].read()), reading.STUDENT)
    except Unreadable as error:
        problems.append(f"{outer} {error} Ask {student} for the notebook itself.")
        return pieces
    problems += [f"{inner} in {outer} was skipped: {why}." for inner, why in found.skipped]
    inside = {p.path: p for p in found.pieces if not JUNK.fullmatch(p.path)}
    return {other: piece for other, piece in pieces.items() if other != path} | inside


def _choose(
    pieces: Mapping[str, Piece], student: str, lesson: str, problems: list[str]
) -> str | None:
    """Which file is the lesson's notebook."""
    notebooks = sorted(path for path in pieces if _is(path, "ipynb"))
    copies = {path: variant(path.rpartition("/")[2], lesson) for path in notebooks}
    named = sorted((n, path.count("/"), path) for path, n in copies.items() if n is not None)
    if named:
        return named[0][2]
    held = ", ".join(pieces[path].path for path in notebooks or sorted(pieces)) or "nothing"
    if len(notebooks) == 1:
        problems.append(f"{held} was taken for {lesson}.ipynb.")
        return notebooks[0]
    if notebooks:
        problems.append(
            f"{student} handed in {len(notebooks)} notebooks, and none is called {lesson}.ipynb: "
            f"{reading.shown(held)}. Rename the right one and collect again."
        )
    else:
        problems.append(
            f"{student} handed in no notebook: {reading.shown(held)}. Ask for {lesson}.ipynb."
        )
    return None
