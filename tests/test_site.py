"""The book: a lesson really run and read in a browser; every lesson's text put into pages."""

import re
from functools import cache
from itertools import pairwise

import nbformat
import pytest
from bs4 import BeautifulSoup

from autograder.notebooks import site as site_module
from autograder.notebooks.book import render, to_page
from autograder.notebooks.errors import LessonError
from autograder.notebooks.site import INDEX, build_site, write_site
from autograder.notebooks.source import solution_file
from autograder.notebooks.submission import marked_cells, read_notebook
from tests.chromium import NEEDS_CHROMIUM

RUN = "00_gradient_descent"
"""The lesson that runs in the shortest time."""

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
    "AABJRU5ErkJggg=="
)


@cache
def soup_of(file):
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


def not_run(root, lesson):
    """A lesson's page without pictures and printed numbers, made in a moment."""
    return to_page(lesson, read_notebook(solution_file(root, lesson)))


# --- every lesson's text


@pytest.fixture(scope="module")
def texts(root):
    """Every lesson's page, by its name, made once."""
    made = {}

    def page(lesson):
        if lesson not in made:
            made[lesson] = not_run(root, lesson)
        return made[lesson]

    return page


def test_every_formula_is_drawn_by_the_browser_itself(texts, lesson):
    """Formulas are MathML, and no LaTeX is left to be seen."""
    body = BeautifulSoup(texts(lesson).body, "html.parser")
    assert body.find_all("math")
    for hidden in body.find_all(["pre", "code"]):
        hidden.decompose()
    text = body.get_text()
    assert "$" not in text
    assert not re.search(r"\\[a-zA-Z]+", text)
    assert not body.find_all("merror")


def test_headings_are_in_order_and_can_be_linked_to(texts, lesson):
    page = texts(lesson)
    levels = [section.level for section in page.sections]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    anchors = [section.anchor for section in page.sections]
    assert len(set(anchors)) == len(anchors)
    found = [h["id"] for h in BeautifulSoup(page.body, "html.parser").select("h1, h2, h3")]
    assert found == anchors


def test_every_solution_is_there_and_folded(root, texts, lesson):
    """Nothing of the teacher's notebook is left out; nothing of an answer is open."""
    notebook = read_notebook(solution_file(root, lesson))
    body = BeautifulSoup(texts(lesson).body, "html.parser")
    marked = [cell for _, cell in marked_cells(notebook) if cell.metadata.nbgrader.get("solution")]
    folded = body.select("details.solution")
    assert len(folded) == len(marked)
    assert all(not part.has_attr("open") and part.summary.get_text() for part in folded)
    inside = "\n".join(part.get_text() for part in folded)
    whole = body.get_text()
    for cell in marked:
        answer = cell.source.partition("### BEGIN SOLUTION\n")[2].partition("### END")[0]
        lines = [line.strip() for line in answer.splitlines() if line.strip()]
        if cell.cell_type == "code":
            assert all(line in inside for line in lines)
    for cell in notebook.cells:
        if cell.cell_type == "code" and "nbgrader" not in cell.metadata:
            assert cell.source.strip() in whole
    assert "BEGIN SOLUTION" not in whole


def test_pages_are_turned_in_order(root, texts, tmp_path):
    names = ["02_minibatch", "03_momentum", "04_adaptive"]
    write_site(root, tmp_path / "site", [texts(name) for name in names])
    chapters = ["index", *names, "documents"]
    for before, name, after in zip(
        [None, None, *chapters[1:]], chapters, [*chapters[1:], None], strict=False
    ):
        turn = soup_of(tmp_path / "site" / f"{name}.html").select_one("nav.turn")
        links = {link["rel"][0]: link["href"] for link in turn.find_all("a")}
        wanted = {"prev": before and f"{before}.html", "next": after and f"{after}.html"}
        assert links == {rel: href for rel, href in wanted.items() if href}


# --- a lesson that has been run


@pytest.fixture(scope="module")
def site(root, tmp_path_factory):
    ran = []
    target = tmp_path_factory.mktemp("book") / "site"
    index = build_site(root, target, [RUN], done=ran.append)
    assert ran == [RUN]
    assert index == target / "index.html"
    return target


pages = pytest.mark.parametrize("name", ["index", RUN, "documents"])


@pytest.mark.slow
@pages
def test_nothing_comes_from_elsewhere_and_every_link_leads_somewhere(site, name):
    page = soup_of(site / f"{name}.html")
    reached = [tag[key] for key in ("src", "href") for tag in page.find_all(**{key: True})]
    assert reached
    for address in reached:
        assert not re.match(r"[a-z]+:|//", address), f"{address} needs a network"
        file, _, anchor = address.partition("#")
        target = soup_of(site / (file or f"{name}.html")) if not file or ".html" in file else None
        assert (site / (file or f"{name}.html")).is_file(), address
        if anchor:
            assert target.find(id=anchor), address
    for asset in (site / "assets").glob("*.[cj]s*"):
        if asset.name != "search-index.js":
            assert "http" not in asset.read_text(encoding="utf-8"), asset.name


@pytest.mark.slow
def test_every_picture_is_told_in_words(site):
    page = soup_of(site / f"{RUN}.html")
    pictures = page.find_all("img")
    assert len(pictures) == len(list((site / "figures").glob("*.png"))) == 9
    for picture in pictures:
        told = " ".join(picture["alt"].split())
        assert len(told) > 60
        after = " ".join(picture.find_next("p").get_text().split())
        assert after.lower().endswith(told.lower())
        assert int(picture["width"]) > 300


@pytest.mark.slow
def test_what_cells_print_is_on_the_page(site):
    page = soup_of(site / f"{RUN}.html")
    printed = [part.get_text() for part in page.select("pre.out")]
    assert any("rises" in text or "valley: bound" in text for text in printed)
    assert page.select(".card")
    assert "Traceback" not in page.get_text()


@pytest.fixture
def reader(browser):
    """A page of the browser that writes down complaints, and what it asks of other places."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith("file:") else page.complaints.append(asked.url),
    )
    yield page
    assert page.complaints == []
    page.close()


@pytest.mark.slow
@pytest.mark.browser
@NEEDS_CHROMIUM
class TestInABrowser:
    def search(self, reader, words):
        reader.locator("#search").fill(words)
        reader.locator("#found li").first.wait_for()
        return reader.locator("#found a")

    def test_the_search_finds_a_word_by_its_beginning(self, reader, site):
        reader.goto((site / "index.html").as_uri())
        found = self.search(reader, "moment")
        assert found.count() > 1
        texts = [text.lower() for text in found.all_inner_texts()]
        assert any("momentum" in text for text in texts)
        assert self.search(reader, "hessian eigenvalues").count()
        assert "largest_stable_lr" in self.search(reader, "largest_stable").first.inner_text()
        assert self.search(reader, "公優化").count() == 0
        reader.locator("#found .nothing").wait_for()
        assert self.search(reader, "優化神經").count()

    def test_a_finding_leads_to_its_section(self, reader, site):
        reader.goto((site / "documents.html").as_uri())
        self.search(reader, "zigzag").first.wait_for()
        reader.keyboard.press("Tab")
        reader.locator("#search").focus()
        reader.keyboard.press("ArrowDown")
        reader.keyboard.press("Enter")
        reader.wait_for_url(re.compile(rf"{RUN}\.html#zigzag$"))
        assert reader.locator("#found").is_hidden()

    def test_a_query_of_signs_is_no_pattern(self, reader, site):
        reader.goto((site / "index.html").as_uri())
        assert self.search(reader, "(.*[").count() == 0

    def test_a_solution_opens_on_a_click_and_on_paper(self, reader, site):
        reader.goto((site / f"{RUN}.html").as_uri())
        body = reader.locator("details.solution").first.locator("pre")
        assert not body.is_visible()
        reader.locator("details.solution summary").first.click()
        assert body.is_visible()
        counts = "() => [0, 1].map(i => document.querySelectorAll(" + (
            "'details.solution' + ['', '[open]'][i]).length)"
        )
        reader.evaluate("dispatchEvent(new Event('beforeprint'))")
        every, opened = reader.evaluate(counts)
        assert every == opened
        reader.evaluate("dispatchEvent(new Event('afterprint'))")
        assert reader.evaluate(counts)[1] == 1

    @pytest.mark.parametrize("name", ["index", RUN, "documents"])
    @pytest.mark.parametrize("width", [360, 1200])
    def test_no_page_scrolls_sideways(self, reader, site, name, width):
        reader.set_viewport_size({"width": width, "height": 800})
        reader.goto((site / f"{name}.html").as_uri())
        wide = reader.evaluate("document.documentElement.scrollWidth")
        assert wide <= width

    def test_light_and_dark(self, reader, site):
        reader.goto((site / f"{RUN}.html").as_uri())
        paper = "getComputedStyle(document.body).backgroundColor"
        light = reader.evaluate(paper)
        reader.locator("button.theme").click()
        dark = reader.evaluate(paper)
        reader.reload()
        assert reader.evaluate(paper) == dark != light

    def test_on_paper_no_line_of_code_is_cut_off(self, reader, site):
        reader.set_viewport_size({"width": 680, "height": 1000})  # A4 between its margins
        reader.emulate_media(media="print")
        reader.goto((site / f"{RUN}.html").as_uri())
        cut = reader.evaluate(
            "[...document.querySelectorAll('pre, figure, .formula, .table')]"
            ".filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent.slice(0, 60))"
        )
        assert cut == []


# --- what must be refused


def notebook_with(*cells):
    made = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
    return nbformat.v4.new_notebook(cells=[made[kind](source) for kind, source in cells])


def with_picture(after):
    notebook = notebook_with(("markdown", "# A"), ("code", "draw()"), ("markdown", after))
    notebook.cells[1].outputs = [
        nbformat.v4.new_output("display_data", {"image/png": PIXEL, "text/plain": "<Figure>"})
    ]
    return notebook


def test_a_picture_has_its_text():
    page = to_page("x", with_picture("*In the picture* (five seeds): a $\\theta$ <falls>."))
    (picture,) = BeautifulSoup(page.body, "html.parser").find_all("img")
    assert picture["alt"].startswith("(five seeds): a θ")
    assert list(page.figures) == [picture["src"]]
    assert page.figures[picture["src"]].startswith(b"\x89PNG")


@pytest.mark.parametrize("after", ["So it falls.", "Look. *In the picture:* it falls."])
def test_a_picture_without_a_text_is_refused(after):
    with pytest.raises(LessonError, match="In the picture"):
        to_page("x", with_picture(after))


def test_a_text_without_its_picture_is_refused():
    notebook = with_picture("*In the picture:* it falls.")
    notebook.cells[1].outputs, notebook.cells[1].execution_count = [], 1
    with pytest.raises(LessonError, match=r"cell 2 says what is .* shows none"):
        to_page("x", notebook)


def test_a_formula_that_cant_be_read_is_refused():
    with pytest.raises(LessonError, match=r"x: The formula.*frax"):
        to_page("x", notebook_with(("markdown", "# A\n\n$$\\frax{1}{2}$$")))


def test_two_headings_of_one_name_have_two_addresses():
    html = render("## Predict\n\n## Predict\n\n### ")
    assert re.findall('id="(.*?)"', html) == ["predict", "predict-2", "section"]


def test_a_progress_bar_leaves_its_last_state():
    notebook = notebook_with(("markdown", "# A"), ("code", "run()"))
    pieces = ["10 %\r50", " %\r100 %\n", "done\n"]
    notebook.cells[1].outputs = [
        nbformat.v4.new_output("stream", name="stdout", text=text) for text in pieces
    ]
    body = BeautifulSoup(to_page("x", notebook).body, "html.parser")
    assert [part.get_text() for part in body.select("pre.out")] == ["100 %\ndone\n"]


def test_a_cell_that_fails_is_told_and_the_old_book_stays(root, tmp_path, monkeypatch):
    target = tmp_path / "site"
    (target / "assets").mkdir(parents=True)
    (target / INDEX).write_text("old")
    broken = notebook_with(("markdown", "# A"), ("code", "1 / 0"))
    monkeypatch.setattr(site_module, "read_notebook", lambda file: broken)
    with pytest.raises(LessonError, match="03_momentum doesn't run through") as caught:
        build_site(root, target, ["03_momentum"])
    assert "ZeroDivisionError" in str(caught.value)
    assert (target / INDEX).read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["site"]


def test_a_folder_with_other_files_is_left_alone(root, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(LessonError, match="aren't this book's"):
        build_site(root, tmp_path, [RUN])
    assert (tmp_path / "thesis.txt").read_text() == "mine"
    with pytest.raises(LessonError, match="is a file"):
        build_site(root, tmp_path / "thesis.txt", [RUN])


def test_a_text_cant_end_the_search_index(root, texts, tmp_path):
    """The index is a script: what stands in a lesson must not close it, or be code."""
    page = to_page("x", notebook_with(("markdown", "# A\n\n`</script><b>`")))
    write_site(root, tmp_path / "site", [page])
    index = (tmp_path / "site" / INDEX).read_text()
    assert "</script" not in index
    assert "script><b>" in index
