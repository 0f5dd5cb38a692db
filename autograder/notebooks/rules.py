"""What a lesson's source must be like before it is built; a finding says how to put it right."""

import ast
import re
from pathlib import Path

from nbformat import NotebookNode

from autograder import exercises, reference
from autograder.notebooks.errors import LessonError

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
GIVEN = re.compile(r"\s*### GIVEN (\w+)\s*")
QUESTION = re.compile(r"\s*QUESTION (\w+)\s*")
GRADE_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
LESSON_POINTS = 100
QUESTION_POINTS = 10


def check_lesson(notebook: NotebookNode, topic: str, source: Path) -> None:
    """Refuse a lesson that breaks a rule, with everything that is wrong with it.

    Parameters
    ----------
    notebook : NotebookNode
        The source as it was read, nothing filled in yet.
    topic : str
        ``"momentum"``; its exercises must all be there.
    source : Path
        The file, to be named in the text.

    Raises
    ------
    LessonError
        One line for each finding: the cell, the problem, the remedy.
    """
    asked = exercises.lesson(topic)
    if not asked:
        raise LessonError(
            f"{source}: no exercises for the topic {topic!r}. Write autograder/exercises/{topic}.py"
            f", or name the lesson after a topic that has exercises."
        )
    findings = []
    for position, cell in enumerate(notebook.cells):
        for finding in _of_cell(cell, topic):
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            place = f"cell {position} ({name})" if name else f"cell {position}"
            findings.append(f"{place}: {finding}")
    findings += _of_lesson(notebook, asked)
    if findings:
        listed = "\n".join(f"  {finding}" for finding in findings)
        raise LessonError(f"{source} can't be built.\n{listed}")


def _of_cell(cell: NotebookNode, topic: str) -> list[str]:
    """Return what is wrong with one cell, looked at alone."""
    marks = cell.metadata.get("nbgrader")
    if marks:
        return _of_marked_cell(cell, marks, topic)
    if cell.cell_type == "markdown":
        if question := QUESTION.fullmatch(cell.source):
            return _of_name(question[1], topic, question=True)
        return []
    if given := GIVEN.fullmatch(cell.source):
        return _of_given(given[1])
    if "### GIVEN" in cell.source:
        return ["`### GIVEN name` must stand alone in its cell; move the other lines to another."]
    if BEGIN in cell.source:
        return [
            f"`{BEGIN}` in a cell that isn't marked; its first line must be "
            '`# %% nbgrader={"grade_id": "NAME", "solution": true}`.'
        ]
    return []


def _of_marked_cell(cell: NotebookNode, marks: dict, topic: str) -> list[str]:
    name = marks.get("grade_id", "")
    if not GRADE_ID.fullmatch(name):
        return [
            f"grade_id {name!r} is not a valid id; use 1 to 64 letters, digits, hyphens and "
            "underscores."
        ]
    if cell.metadata.get("tags"):
        return [f"tags {cell.metadata['tags']} on a cell that counts; graded cells bear no tags."]
    if cell.cell_type == "markdown":
        return _of_free_text(cell, marks, topic)
    if marks.get("grade") and marks.get("solution"):
        return ["a code cell is either the answer or its check; make two cells of it."]
    if marks.get("grade"):
        return _of_check(cell.source, name, topic)
    if marks.get("solution"):
        return _of_answer(cell.source, name, topic)
    return ["the mark says neither grade nor solution; set one of them to true."]


def _of_free_text(cell: NotebookNode, marks: dict, topic: str) -> list[str]:
    findings = []
    name = marks["grade_id"]
    if not name.startswith(f"{topic}__"):
        findings.append(f"free text is called TOPIC__name; call it {topic}__why.")
    if not (marks.get("grade") and marks.get("solution")):
        findings.append("free text is graded by hand: set grade and solution to true.")
    points = marks.get("points")
    if not isinstance(points, int | float) or points <= 0:
        findings.append(f"points must be a number above 0, got {points!r}; free text states it.")
    if BEGIN not in cell.source or END not in cell.source:
        findings.append(f"the model answer is missing; put it between `{BEGIN}` and `{END}`.")
    return findings


def _of_check(source: str, name: str, topic: str) -> list[str]:
    asked = name.removesuffix("__check")
    if asked == name:
        return [f"a graded cell is called after its exercise: {name}__check."]
    findings = _of_name(asked, topic)
    if findings:
        return findings
    line = f"check({asked})"
    if exercises.find(asked).is_question:
        line = f'check("{asked}", {asked})'
    return [] if source.strip() == line else [f"a graded cell is the one line `{line}`."]


def _of_answer(source: str, name: str, topic: str) -> list[str]:
    findings = _of_name(name, topic)
    if findings:
        return findings
    if exercises.find(name).is_question:
        if source.strip():
            return ["the cell of a question must be empty; the builder puts the answer in."]
        return []
    if (
        source.count(BEGIN) != 1
        or source.count(END) != 1
        or source.index(END) < source.index(BEGIN)
    ):
        return [f"the body must be one `{BEGIN}` and one `{END}`, in this order, once each."]
    if source.partition(BEGIN)[2].partition(END)[0].strip():
        return [
            f"between `{BEGIN}` and `{END}` stands nothing; the body comes from "
            "autograder.reference, so that a formula is typed once."
        ]
    return _of_signature(source, name)


def _of_signature(source: str, name: str) -> list[str]:
    try:
        written = _function(source)
    except SyntaxError as error:
        return [f"line {error.lineno} isn't Python: {error.msg}."]
    expected = _function(reference.given(name))
    if written is None or _signature(written) != _signature(expected):
        got = _signature(written) if written else "no single function"
        return [f"the signature is {_signature(expected)} in autograder.reference, here {got}."]
    if ast.get_docstring(written) is None:
        return ["the docstring is missing; it is what the learner sees of the exercise."]
    return []


def _function(source: str) -> ast.FunctionDef | None:
    """Return the function that a cell defines, if that is all that the cell does."""
    body = ast.parse(source).body
    return body[0] if len(body) == 1 and isinstance(body[0], ast.FunctionDef) else None


def _signature(function: ast.FunctionDef) -> str:
    arguments = function.args
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        argument.annotation = None
    return f"{function.name}({ast.unparse(arguments)})"


def _of_name(name: str, topic: str, *, question: bool = False) -> list[str]:
    """Return why a name can't stand in a lesson on this topic."""
    try:
        exercise = exercises.find(name)
    except LookupError as error:
        return [str(error)]
    if exercise.topic != topic:
        return [
            f"{name} belongs to the topic {exercise.topic!r}; a lesson asks for its own exercises, "
            f"and gets others by `### GIVEN {name}`."
        ]
    if question and not exercise.is_question:
        return [f"{name} is no question; write its text in the lesson."]
    return []


def _of_given(name: str) -> list[str]:
    try:
        reference.given(name)
    except LookupError as error:
        return [str(error)]
    return []


def _of_lesson(notebook: NotebookNode, asked: tuple) -> list[str]:
    """Return what is wrong with the lesson as a whole."""
    findings = []
    marked = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id")]
    order = [cell.metadata["nbgrader"]["grade_id"] for cell in marked]
    for name in sorted({name for name in order if order.count(name) > 1}):
        findings.append(f"{name}: {order.count(name)} cells bear this grade_id; one must.")
    shown = {q[1] for c in notebook.cells if (q := QUESTION.fullmatch(c.source))}
    for exercise in asked:
        name, check = exercise.name, f"{exercise.name}__check"
        for needed in (name, check):
            if needed not in order:
                findings.append(f"{name}: the cell with grade_id {needed!r} is missing; add it.")
        if name in order and check in order and order.index(check) < order.index(name):
            findings.append(f"{name}: its check stands before its answer; move it below.")
        if exercise.is_question and name not in shown:
            findings.append(f"{name}: a markdown cell `QUESTION {name}` is missing; add it.")
    return findings + _of_points(marked, asked)


def _of_points(marked: list[NotebookNode], asked: tuple) -> list[str]:
    findings = []
    by_hand = [c.metadata["nbgrader"].get("points", 0) for c in marked if c.cell_type == "markdown"]
    if not by_hand:
        findings.append("no free text: a lesson has one question that is graded by hand; add it.")
    total = sum(exercise.points for exercise in asked) + sum(by_hand)
    if total != LESSON_POINTS:
        findings.append(
            f"the points add up to {total:g}, not {LESSON_POINTS}; change them in "
            "autograder.exercises or in the free text's mark."
        )
    questions = sum(exercise.points for exercise in asked if exercise.is_question)
    if questions > QUESTION_POINTS:
        findings.append(
            f"the questions are worth {questions:g} points, more than {QUESTION_POINTS}; "
            "a guessed letter should not pass a lesson."
        )
    return findings
