"""A lesson as a page of the book: prose, formulas, code, pictures, the solutions folded away."""

import re
import struct
from base64 import b64decode
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import ExtractOutputPreprocessor
from nbformat import NotebookNode

from autograder import exercises
from autograder.notebooks.errors import LessonError
from autograder.notebooks.formulas import to_mathml
from autograder.notebooks.rules import BEGIN, END
from descentlab.text import _

FILES = Path(__file__).parent / "site_files"
PICTURE = re.compile(r"^\*In the picture", re.M)
HEADING = re.compile("h[1-6]")
PICTURE_MARK = re.compile(r"^In the picture\s*:?\s*")


@dataclass(frozen=True)
class Section:
    """A heading of a page and the text below it, up to the next heading.

    Attributes
    ----------
    anchor : str
        The heading's id on its page.
    level : int
        1 to 6.
    title, text : str
        Without markup.
    """

    anchor: str
    level: int
    title: str
    text: str


@dataclass(frozen=True)
class Page:
    """A lesson, ready to be put between the book's covers.

    Attributes
    ----------
    name : str
        The lesson, ``"03_momentum"``.
    body : str
        HTML; pictures are files in a folder ``figures`` beside the page.
    sections : tuple of Section
        In the page's order; the first is the lesson's title.
    figures : dict of str to bytes
        ``"figures/03_momentum_12_0.png"`` -> the file's content.
    """

    name: str
    body: str
    sections: tuple[Section, ...]
    figures: dict[str, bytes]

    @property
    def title(self) -> str:
        """The lesson's heading."""
        return self.sections[0].title


def to_page(name: str, notebook: NotebookNode) -> Page:
    """Turn an executed solution notebook into a page.

    Raises
    ------
    LessonError
        A figure isn't followed by its *In the picture* sentence, or a formula can't be read.
    """
    prepared = deepcopy(notebook)
    _prepare(prepared, name)
    exporter = _exporter()
    try:
        body, resources = exporter.from_notebook_node(
            prepared, {"unique_key": name, "output_files_dir": "figures", "say": _sayings()}
        )
    except LessonError as error:
        raise LessonError(f"{name}: {error}") from error
    return Page(name, body, tuple(sections_of(body)), resources["outputs"])


def _sayings() -> dict[str, str]:
    """What stands on the folded parts."""
    return {"solution": _("Show the solution"), "model_answer": _("Show a model answer")}


def _exporter() -> HTMLExporter:
    exporter = HTMLExporter(
        template_name="lesson",
        extra_template_basedirs=[str(FILES)],
        preprocessors=[ExtractOutputPreprocessor],
        anchor_link_text="",
    )
    exporter.register_filter("prose", MarkdownWithMath(renderer=BookRenderer()).render)
    return exporter


class BookRenderer(IPythonRenderer):
    """Markdown to HTML: formulas as MathML, and an id for each heading that is its own."""

    def __init__(self) -> None:
        super().__init__(escape=False)
        self.anchors: set[str] = set()

    def heading(self, text: str, level: int, **attrs) -> str:
        """Give a heading an id; a second one of the same words gets a number."""
        words = re.findall(r"[\w-]+", re.sub(r"<[^>]*>", "", text).lower())
        plain = "-".join(words) or "section"
        anchor, count = plain, 1
        while anchor in self.anchors:
            count += 1
            anchor = f"{plain}-{count}"
        self.anchors.add(anchor)
        return f'<h{level} id="{anchor}"><a href="#{anchor}">{text}</a></h{level}>\n'

    def table(self, text: str) -> str:
        """A table, which scrolls by itself where it is too wide."""
        return f'<div class="table"><table>\n{text}</table></div>\n'

    def block_math(self, body: str) -> str:
        """A formula in a line of its own, which scrolls by itself where it is too wide."""
        return f'<span class="formula">{to_mathml(body, display=True)}</span>'

    def inline_math(self, body: str) -> str:
        """A formula within a sentence."""
        return to_mathml(body, display=False)

    def latex_environment(self, name: str, body: str) -> str:
        """An environment without dollar signs."""
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")


def _prepare(notebook: NotebookNode, lesson: str) -> None:
    """Write into each cell's metadata, under `book`, how the template is to show it."""
    answers: dict[str, dict] = {}  # a question's answer is folded away with what check says of it
    for position, cell in enumerate(notebook.cells):
        marks = cell.metadata.get("nbgrader", {})
        book = {"kind": "plain"}
        if cell.cell_type == "markdown":
            if marks.get("solution"):
                book = {"kind": "free_text", **_parts(cell.source)}
        elif marks.get("solution"):
            question = exercises.find(marks["grade_id"]).is_question
            book = {"kind": "question" if question else "exercise", **_parts(cell.source)}
            answers[f"{marks['grade_id']}__check"] = book
        elif answers.get(marks.get("grade_id"), {}).get("kind") == "question":
            book = {"kind": "question_check", "answer": answers[marks["grade_id"]]["between"]}
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
            if any("image/png" in output.get("data", {}) for output in cell.outputs):
                book["alt"] = _alt_text(notebook, position, lesson)
                book["sizes"] = [_png_size(output) for output in cell.outputs]
        elif PICTURE.search(cell.source):
            _refuse_missing_picture(notebook, position, lesson)
        cell.metadata["book"] = book


def _parts(source: str) -> dict[str, str]:
    """What stands before, between and after the marks of a solution."""
    before, _mark, rest = source.partition(BEGIN)
    between, _mark, after = rest.partition(END)
    return {
        "before": before.rstrip(),
        "between": between.strip("\n").rstrip(),
        "after": after.strip(),
    }


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Put pieces of one stream together, however the kernel has cut them."""
    joined: list[NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output.output_type == "stream" and last.get("name") == output.name:
            last["text"] += output.text
        else:
            joined.append(output)
    for output in joined:
        if output.output_type == "stream":  # a progress bar writes over its line
            output.text = re.sub(r"[^\n]*\r(?!\n)", "", output.text)
    return joined


def _alt_text(notebook: NotebookNode, position: int, lesson: str) -> str:
    """Return what the sentence after a figure says of it, as plain text."""
    following = notebook.cells[position + 1 : position + 2]
    source = following[0].source if following and following[0].cell_type == "markdown" else ""
    if not PICTURE.search(source):
        raise LessonError(
            f"{lesson}: the figure of cell {position} has no text; begin the markdown cell after "
            "it with `*In the picture:*` and say what is seen."
        )
    html = render(source)
    for paragraph in BeautifulSoup(html, "html.parser").find_all("p"):
        text = " ".join(paragraph.get_text().split())
        if text.startswith("In the picture"):
            text = PICTURE_MARK.sub("", text)
            return text[:1].upper() + text[1:]
    raise LessonError(
        f"{lesson}: after the figure of cell {position}, `*In the picture:*` must begin a "
        "paragraph."
    )


def _refuse_missing_picture(notebook: NotebookNode, position: int, lesson: str) -> None:
    """Refuse a text about a picture that its cell, though it has run, hasn't shown."""
    cell = notebook.cells[position - 1]
    ran = cell.get("execution_count") is not None
    if ran and not any("image/png" in output.get("data", {}) for output in cell.outputs):
        raise LessonError(
            f"{lesson}: cell {position} says what is *In the picture*, but the cell before it "
            "shows none; draw one there, or take the sentence out."
        )


def _png_size(output: NotebookNode) -> tuple[int, int] | None:
    """Return a picture's width and height in pixels."""
    png = output.get("data", {}).get("image/png")
    return struct.unpack(">II", b64decode(png)[16:24]) if png else None


def render(markdown: str) -> str:
    """Return a text as HTML, as a lesson's cells are shown."""
    return MarkdownWithMath(renderer=BookRenderer()).render(markdown)


def sections_of(body: str) -> list[Section]:
    """Return the sections of a page, for its contents and for the search.

    Code, what a cell printed, and formulas in a line of their own aren't part of the text.
    """
    soup = BeautifulSoup(body, "html.parser")
    for unread in soup.select("pre, summary, .card, .formula"):
        unread.decompose()
    for block in soup.find_all(["p", "li", "td", "th", "tr", "div", "details"]):
        block.append(" ")
    found: list[tuple[str, int, str, list[str]]] = []
    for part in soup.descendants:
        if HEADING.fullmatch(getattr(part, "name", None) or ""):
            found.append((part["id"], int(part.name[1]), _plain(part.get_text()), []))
        elif isinstance(part, str) and found and part.find_parent(HEADING) is None:
            found[-1][3].append(part)
    return [Section(*head, _plain("".join(text))) for *head, text in found]


def _plain(text: str) -> str:
    return " ".join(text.split())
