"""The course at a glance: `lessons/README.md`, made of the notebooks, the exercises and one plan.

The plan, ``lessons/course.toml``, holds what nothing else says: the question that each lesson
answers, and which of its headings mirror which section of the five documents. Everything else, the
points above all, is looked up; and what the plan claims is held against the notebooks.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from autograder import exercises
from autograder.notebooks.build import replace_file
from autograder.notebooks.errors import LessonError
from autograder.notebooks.source import lessons_in, solution_file, topic_of
from autograder.notebooks.submission import marked_cells, read_notebook

HEADING = re.compile(r"^(#{1,3}) (.+)$", re.M)
FENCED = re.compile(r"^ *```.*?^ *```", re.M | re.S)
WHY = "__why"


@dataclass(frozen=True)
class Lesson:
    """A lesson's row: its name, its title, the question, how long it runs, its parts' points."""

    name: str
    title: str
    question: str
    runs: str
    exercises: dict[str, float]
    questions: dict[str, float]
    free_text: float

    @property
    def points(self) -> float:
        """What the lesson is worth in all."""
        return sum(self.exercises.values()) + sum(self.questions.values()) + self.free_text


@dataclass(frozen=True)
class Place:
    """Where a document's section is mirrored: a heading, what is asked and shown below it."""

    lesson: str
    heading: str
    by: tuple[str, ...] = ()
    shown: str = ""


@dataclass(frozen=True)
class Document:
    """A document, and for each of its sections the places that mirror it."""

    short: str
    title: str
    language: str
    sections: dict[str, tuple[Place, ...]]


@dataclass(frozen=True)
class Plan:
    """The whole course."""

    lessons: tuple[Lesson, ...]
    documents: tuple[Document, ...]
    asked_below: dict[str, dict[str, set[str]]] = field(repr=False)
    """Lesson -> heading -> the grade ids below it; a heading that stands twice isn't in it."""
    listed: tuple[str, ...] = ()
    """The lessons that the plan lists, in its order."""

    def places(self) -> Iterator[tuple[str, str, Place]]:
        """Every place, with its document's short name and its section."""
        for document in self.documents:
            for section, places in document.sections.items():
                yield from ((document.short, section, place) for place in places)


def course_file(course: Path) -> Path:
    """Return where the plan lies."""
    return course / "lessons" / "course.toml"


def readme_file(course: Path) -> Path:
    """Return where the overview is written to."""
    return course / "lessons" / "README.md"


def read_plan(course: Path) -> Plan:
    """Read the plan and look up all that it leaves out.

    Raises
    ------
    LessonError
        The plan isn't TOML of the expected form.
    """
    file = course_file(course)
    try:
        plan = tomllib.loads(file.read_text(encoding="utf-8"))
        listed = {entry["name"]: entry for entry in plan["lessons"]}
        documents = tuple(_document(entry) for entry in plan["documents"])
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise LessonError(f"{file} can't be read: {error}") from error
    names = lessons_in(course, ".ipynb")
    notebooks = {name: read_notebook(solution_file(course, name)) for name in names}
    lessons = tuple(_lesson(listed.get(name, {}), name, notebooks[name]) for name in names)
    below = {name: asked_below(notebook) for name, notebook in notebooks.items()}
    return Plan(lessons, documents, below, tuple(listed))


def _document(entry: dict) -> Document:
    sections = {}
    for section in entry["sections"]:
        if section["section"] in sections:
            raise KeyError(f"{entry['short']}: {section['section']!r} stands there twice")
        sections[section["section"]] = tuple(
            Place(**{**place, "by": tuple(place.get("by", ()))}) for place in section["places"]
        )
    return Document(entry["short"], entry["title"], entry["language"], sections)


def _lesson(entry: dict, name: str, notebook: NotebookNode) -> Lesson:
    asked = exercises.lesson(topic_of(name))
    worth = {
        name: cell.metadata.nbgrader["points"]
        for name, cell in marked_cells(notebook)
        if "points" in cell.metadata.nbgrader
    }
    return Lesson(
        name=name,
        title=next(title for level, title in headings(notebook.cells[0].source) if level == 1),
        question=entry.get("question", ""),
        runs=entry.get("runs", ""),
        exercises={e.name: worth[f"{e.name}__check"] for e in asked if not e.is_question},
        questions={e.name: worth[f"{e.name}__check"] for e in asked if e.is_question},
        free_text=sum(points for name, points in worth.items() if name.endswith(WHY)),
    )


def headings(markdown: str) -> list[tuple[int, str]]:
    """Return the headings of a cell, levels 1 to 3; those of fenced blocks aren't any."""
    found = HEADING.findall(FENCED.sub("", markdown))
    return [(len(marks), title.strip()) for marks, title in found]


def asked_below(notebook: NotebookNode) -> dict[str, set[str]]:
    """Return for each heading the exercises and questions up to the next one of its level."""
    below: dict[str, set[str]] = {}
    twice, open_now = set(), {}
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and not marks:
            for level, title in headings(cell.source):
                twice |= {title} & set(below)
                below[title] = set()
                open_now = {lv: t for lv, t in open_now.items() if lv < level} | {level: title}
        elif marks.get("solution"):
            for title in open_now.values():
                below[title].add(marks["grade_id"])
    return {title: asked for title, asked in below.items() if title not in twice}


def findings(plan: Plan) -> list[str]:
    """Return what the plan claims and the notebooks don't hold, each with its place."""
    found = []
    if list(plan.listed) != [lesson.name for lesson in plan.lessons]:
        there = ", ".join(lesson.name for lesson in plan.lessons)
        found.append(f"It lists the lessons {', '.join(plan.listed)}; there are {there}.")
    for short, section, place in plan.places():
        where = f"{short}, {section}"
        below = plan.asked_below.get(place.lesson)
        if below is None:
            found.append(f"{where}: there is no lesson {place.lesson!r}.")
        elif place.heading not in below:
            found.append(f"{where}: {place.lesson} has no heading {place.heading!r}, or two.")
        else:
            strangers = sorted(set(place.by) - below[place.heading])
            found += [
                f"{where}: {name} isn't asked below {place.heading!r} in {place.lesson}."
                for name in strangers
            ]
    mirrored = {name for _, _, place in plan.places() for name in place.by}
    for lesson in plan.lessons:
        found += [
            f"{lesson.name}: no document's section has {name}."
            for name in lesson.exercises
            if name not in mirrored
        ]
        if lesson.points != 100:
            found.append(f"{lesson.name}: its parts add up to {lesson.points:g} points, not 100.")
    for document in plan.documents:
        empty = [section for section, places in document.sections.items() if not places]
        found += [f"{document.short}: {section} has no place." for section in empty]
    return found


def write_overview(course: Path, *, only_check: bool = False) -> list[Path]:
    """Write `lessons/README.md`, if it differs; a class directory without a plan has none.

    Parameters
    ----------
    course : Path
        The class directory, the repository for instance.
    only_check : bool
        Write nothing.

    Returns
    -------
    list of Path
        The file, if it was (or would be) written.

    Raises
    ------
    LessonError
        The plan claims what isn't so; every finding is listed.
    """
    if not course_file(course).is_file():
        return []
    plan = read_plan(course)
    if found := findings(plan):
        listed = "\n".join(f"  {finding}" for finding in found)
        raise LessonError(
            f"{course_file(course)} and the notebooks differ; put right which is wrong (a class "
            f"that needs no overview can delete {course_file(course).name}).\n{listed}"
        )
    text, file = to_markdown(plan), readme_file(course)
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        return []
    if not only_check:
        replace_file(file, text)
    return [file]


def to_markdown(plan: Plan) -> str:
    """Return the whole overview."""
    return "\n".join(
        [
            "<!-- `make lessons` writes this file from course.toml, the notebooks and the",
            "     exercises; edit those. -->",
            "",
            "# The course at a glance",
            "",
            "Ten lessons of 60 to 90 minutes. Each begins with a question that you can't answer",
            "yet, stands alone in its notebook and is worth 100 points. The times are those of",
            "running all its cells on an idle core, experiments and all, with the solutions in.",
            "",
            *_table(
                ["Lesson", "The question that it answers", "Runs", "Points"],
                [
                    [_linked(lesson), lesson.question, lesson.runs, f"{lesson.points:g}"]
                    for lesson in plan.lessons
                ],
            ),
            "",
            "## What each part is worth",
            "",
            "Exercises and questions are checked as you go; the free text, *in your own words*, is",
            "read by a person.",
            "",
            *_table(
                ["Lesson", "Exercises", "Questions", "In your own words", "Sum"],
                [
                    [
                        lesson.name[:2],
                        _worth(lesson.exercises),
                        _worth(lesson.questions),
                        f"{lesson.free_text:g}",
                        f"{lesson.points:g}",
                    ]
                    for lesson in plan.lessons
                ],
            ),
            "",
            documents_markdown(plan),
        ]
    )


def documents_markdown(plan: Plan, link: str = "{0}/{0}.ipynb", known: set[str] | None = None):
    """Return the part on the documents.

    Parameters
    ----------
    plan : Plan
    link : str
        A lesson's address, its name at ``{0}`` or ``{}``.
    known : set of str, optional
        The lessons that have such an address; all, if it isn't given.
    """
    alone = known is not None
    lines = [
        f"{'#' if alone else '##'} The five documents, section by section",
        "",
        "Where each section of the documents that the course follows is mirrored: below which",
        "heading, by which exercises and questions, and by which experiment. What a document only",
        "names has a sentence there and a pointer. Where documents err, the lessons say so, in",
        "*Spot the error*.",
    ]
    for document in plan.documents:
        lines += [
            "",
            f"{'##' if alone else '###'} {document.short}",
            "",
            f"{document.title} ({document.language})",
            "",
            *_table(
                ["Section", "Lesson", "Heading", "Exercises and questions", "What is shown"],
                [
                    [
                        section if place is places[0] else "",
                        f"[{place.lesson[:2]}]({link.format(place.lesson)})"
                        if known is None or place.lesson in known
                        else place.lesson[:2],
                        place.heading,
                        ", ".join(f"`{name}`" for name in place.by),
                        place.shown,
                    ]
                    for section, places in document.sections.items()
                    for place in places
                ],
            ),
        ]
    return "\n".join([*lines, ""])


def _linked(lesson: Lesson) -> str:
    return f"[{lesson.name[:2]} {lesson.title}]({lesson.name}/{lesson.name}.ipynb)"


def _worth(parts: dict[str, float]) -> str:
    """`gd_step` 14, `gradient_descent` 26: 40"""
    listed = ", ".join(f"`{name}` {points:g}" for name, points in parts.items())
    return f"{listed}: {sum(parts.values()):g}"


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Return a table's lines."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
