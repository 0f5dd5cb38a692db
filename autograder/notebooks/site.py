"""`make site`: the executed solution notebooks as a book of HTML pages that needs no network.

build/site/index.html          the lessons, what each answers, what it is worth
           03_momentum.html    a lesson
           documents.html      which section of which document is mirrored where
           figures/            the pictures
           assets/             style, script, search index, the font of the formulas
"""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jinja2
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode

from autograder.notebooks import overview
from autograder.notebooks.book import FILES, Page, render, sections_of, to_page
from autograder.notebooks.errors import LessonError
from autograder.notebooks.source import lessons_in, solution_file
from autograder.notebooks.submission import read_notebook
from descentlab.text import _

ASSETS = ("style.css", "site.js", "stix-two-math.woff2", "stix-two-math.OFL.txt")
INDEX = "assets/search-index.js"
TIMEOUT = 300  # seconds a cell; a lesson takes 30
KERNEL = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # whatever is set outside
}


def build_site(
    course: Path,
    target: Path,
    names: Iterable[str] = (),
    *,
    jobs: int = 2,
    done: Callable[[str], None] = lambda name: None,
) -> Path:
    """Execute the solution notebooks and write the book.

    Parameters
    ----------
    course : Path
        The class directory, the repository for instance.
    target : Path
        The folder to write; an older book there is replaced when the new one is complete.
    names : iterable of str
        Lessons, in the book's order; all of them if none.
    jobs : int
        How many lessons run at the same time, each with one thread for linear algebra.
    done : callable
        Is told each lesson's name when it has run.

    Returns
    -------
    Path
        The index page.

    Raises
    ------
    LessonError
        A cell fails, a figure has no text, a formula can't be read, or `target` holds something
        that is no book. Nothing is written then.
    """
    _refuse_foreign(target)
    lessons = list(names) or lessons_in(course, ".ipynb")
    notebooks = {name: read_notebook(solution_file(course, name)) for name in lessons}
    _in_a_loop(_execute_all(notebooks, jobs, done))
    return write_site(course, target, [to_page(*item) for item in notebooks.items()])


def execute(notebook: NotebookNode, name: str) -> NotebookNode:
    """Run a notebook in a kernel of its own, in a folder of its own.

    Raises
    ------
    LessonError
        A cell fails or takes more than `TIMEOUT` seconds.
    """
    _in_a_loop(_execute(notebook, name))
    return notebook


def _in_a_loop(work: Coroutine) -> None:
    """Run to the end in a thread of its own: the caller may have an event loop that is running."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


async def _execute_all(
    notebooks: dict[str, NotebookNode], jobs: int, done: Callable[[str], None]
) -> None:
    """Run notebooks, so many at a time; when one fails, stop the others."""
    gate = asyncio.Semaphore(jobs)

    async def run(name: str) -> None:
        async with gate:
            await _execute(notebooks[name], name)
        done(name)

    tasks = [asyncio.create_task(run(name)) for name in notebooks]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _execute(notebook: NotebookNode, name: str) -> None:
    with tempfile.TemporaryDirectory(prefix="descentlab-") as folder:
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
        )
        try:
            await client.async_execute(env={**os.environ, **KERNEL})
        except (CellExecutionError, CellTimeoutError) as error:
            raise LessonError(f"{name} doesn't run through: {error}") from error


def write_site(course: Path, target: Path, pages: list[Page]) -> Path:
    """Write the book's files, and put them in the place of an older book."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".site-", dir=target.parent))
    try:
        for name, content in _files(course, pages).items():
            file = draft / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        draft.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        draft.replace(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target / "index.html"


def _files(course: Path, pages: list[Page]) -> dict[str, str | bytes]:
    """Return every file of the book, by its path."""
    files: dict[str, str | bytes] = {
        f"assets/{name}": (FILES / name).read_bytes() for name in ASSETS
    }
    at_a_glance, documents = _reference_pages(course, {page.name for page in pages})
    chapters = [*pages, *documents]
    for position, page in enumerate(chapters):
        files |= page.figures
        files[f"{page.name}.html"] = _cover(
            page=page,
            chapters=chapters,
            before=chapters[position - 1] if position else None,
            after=chapters[position + 1] if position + 1 < len(chapters) else None,
        )
    files["index.html"] = _cover(page=None, chapters=chapters, lessons=at_a_glance, after=pages[0])
    files[INDEX] = search_index(chapters)
    return files


def _reference_pages(course: Path, wanted: set[str]) -> tuple[list[dict], list[Page]]:
    """Return what the index says of each lesson, and the page on the documents, where known."""
    if not overview.course_file(course).is_file():
        return [{"name": name} for name in sorted(wanted)], []
    plan = overview.read_plan(course)
    rows = [vars(row) | {"points": row.points} for row in plan.lessons if row.name in wanted]
    body = render(overview.documents_markdown(plan, link="{}.html", known=wanted))
    return rows, [Page("documents", body, tuple(sections_of(body)), {})]


def _cover(**parts) -> str:
    """Put a page between header, contents and footer."""
    room = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FILES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    parts = {"before": None, "after": None, "lessons": [], **parts}
    return room.get_template("page.html.j2").render(say=_sayings(), number=number, **parts)


def number(name: str) -> str:
    """Return a lesson's number as it is printed: ``"03"``, or nothing for other pages."""
    first = name.partition("_")[0]
    return first if first.isdigit() else ""


def search_index(pages: list[Page]) -> str:
    """Return the search index as a script: a page opened as a file may not fetch one.

    One entry a section: page, anchor, page's title, section's title, text.
    """
    entries = [
        [f"{page.name}.html", section.anchor, page.title, section.title, section.text]
        for page in pages
        for section in page.sections
    ]
    text = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return f"window.SEARCH_INDEX = {text};\n"


def _refuse_foreign(target: Path) -> None:
    """Refuse a folder that holds something else: it would be deleted."""
    if target.exists() and not target.is_dir():
        raise LessonError(f"{target} is a file; name a folder for the book.")
    if target.is_dir() and any(target.iterdir()) and not (target / INDEX).is_file():
        raise LessonError(f"{target} holds files that aren't this book's; name a new folder.")


def _sayings() -> dict[str, str]:
    """What stands on the pages round the lessons."""
    return {
        "course": _("Descent Lab"),
        "what": _("How neural networks train: ten lessons, with their solutions"),
        "skip": _("Skip to the text"),
        "search": _("Search the book"),
        "nothing": _("Nothing was found for these words."),
        "no_script": _("The search needs JavaScript; everything else on this page does not."),
        "light_or_dark": _("Light or dark"),
        "all_lessons": _("All lessons"),
        "on_this_page": _("On this page"),
        "before": _("Previous"),
        "after": _("Next"),
        "read": _(
            "The solutions are folded away: try first. Your own copies of the lessons, to write in "
            "and to check, are notebooks; open them with JupyterLab."
        ),
    }
