"""Every widget in JupyterLab, in a real browser: opened, moved, seen to change, kept."""

import json

import pytest

from tests.chromium import NEEDS_CHROMIUM
from tests.widget_lab import (
    open_lab,
    open_notebook,
    picture,
    run_cell,
    settle,
    write_notebook,
)
from tests.widget_zoo import ZOO

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    NEEDS_CHROMIUM,
]
SETUP = "import sys\nsys.path.insert(0, {root!r})\nfrom tests.widget_zoo import *"
SLIDERS = {
    "valley": "learning rate α",
    "race": "race, %",
    "initialization": "σ of a normal start",
    "batches": "batch size B",
    "schedules": "learning rate α",
    "regularization": "L2 penalty λ",
    "bias": "memory of squares β₂",
}


@pytest.fixture(scope="module", params=["JupyterLab Light", "JupyterLab Dark"])
def lab(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("widgets")
    with open_lab(folder, theme=request.param) as (work, address):
        yield work, address, request.param.split()[1].lower()


@pytest.fixture(scope="module")
def light_lab(tmp_path_factory):
    with open_lab(tmp_path_factory.mktemp("widgets")) as (work, address):
        yield work, address


@pytest.fixture
def page(browser):
    """A page that notes every error of its console."""
    page = browser.new_page(viewport={"width": 1300, "height": 1150})
    page.errors = []
    page.on("console", lambda m: page.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    page.close()


@pytest.fixture(scope="session")
def screenshots(root):
    folder = root / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def opened(page, root, lab, *cells):
    """Open a new notebook, run its cells, and return their widgets."""
    work, address = lab[:2]
    name = f"n{len(list(work.glob('*.ipynb')))}.ipynb"
    write_notebook(work / name, SETUP.format(root=str(root)), *cells)
    open_notebook(page, address, name)
    run_cell(page, 0)
    widgets = []
    for index in range(1, len(cells) + 1):
        cell = run_cell(page, index)
        widget = cell.locator(".descentlab-widget")
        widget.wait_for()
        settle(page, widget)
        widgets.append(widget)
    return work / name, widgets


def kept(page, text):
    """Wait until the line of settings in the notebook's output holds a text."""
    page.locator(".descentlab-call code", has_text=text).first.wait_for()


def no_errors(page):
    """Neither the console nor an output says that anything went wrong."""
    assert page.errors == []
    wrong = page.locator('[data-mime-type="application/vnd.jupyter.stderr"], .jp-RenderedText pre')
    assert [text for text in wrong.all_inner_texts() if "Error" in text] == []


def test_every_widget_moves_by_the_keyboard(page, root, lab, screenshots):
    _file, widgets = opened(page, root, lab, *(f"{name}()" for name in ZOO))
    for name, widget in zip(ZOO, widgets, strict=True):
        widget.scroll_into_view_if_needed()
        before = picture(page, widget)
        slider = widget.get_by_label(SLIDERS[name], exact=True)
        slider.focus()
        value = slider.get_attribute("aria-valuetext")
        for _press in range(4):
            page.keyboard.press("ArrowLeft")
        if slider.get_attribute("aria-valuetext") == value:  # it stood at its first stop
            for _press in range(12):
                page.keyboard.press("ArrowRight")
        assert slider.get_attribute("aria-valuetext") != value
        assert picture(page, widget) != before, name
        assert "What to try:" in widget.inner_text()
        assert len(widget.locator("img").get_attribute("alt")) > 20
        widget.screenshot(path=screenshots / f"widget_{name}_{lab[2]}.png")
    no_errors(page)


def test_every_control_has_a_label_and_can_be_reached(page, root, light_lab):
    _file, widgets = opened(page, root, light_lab, *(f"{name}()" for name in ZOO))
    for widget in widgets:
        controls = widget.locator("input, select, button")
        assert controls.count() >= 3
        for index in range(controls.count()):
            control = controls.nth(index)
            named = control.evaluate(
                "c => (c.labels?.length ? c.labels[0].textContent : c.textContent).trim()"
            )
            assert named
            assert control.evaluate("c => c.tabIndex") == 0


def test_a_click_and_the_arrows_move_the_start(page, root, light_lab):
    _file, (widget,) = opened(page, root, light_lab, "valley()")
    stage = widget.locator(".dl-stage")
    before = picture(page, widget)
    size = stage.bounding_box()
    stage.click(position={"x": 0.3 * size["width"], "y": 0.3 * size["height"]})
    clicked = picture(page, widget)
    assert clicked != before
    stage.focus()
    page.keyboard.press("ArrowUp")
    assert picture(page, widget) != clicked
    stage.click(position={"x": 0.9 * size["width"], "y": 0.3 * size["height"]})  # not the ground
    kept(page, "start=(")
    no_errors(page)


def test_dragging_never_piles_up(page, root, light_lab):
    """A hundred moves in half a second: few pictures are drawn, and the last is of the last."""
    _file, (widget,) = opened(page, root, light_lab, "valley()")
    asked = widget.evaluate(
        """async root => {
          const input = root.querySelector("input[type=range]");
          const before = Number(root.dataset.asked ?? 0);
          for (let k = 0; k < 100; k += 1) {
            input.value = (k * 7) % (Number(input.max) + 1);
            input.dispatchEvent(new Event("input"));
            await new Promise((done) => setTimeout(done, 5));
          }
          return [before, Number(root.dataset.asked)];
        }"""
    )
    last = widget.get_by_label("learning rate α").get_attribute("aria-valuetext")
    dragged = picture(page, widget)
    requests = int(widget.get_attribute("data-asked")) - asked[0]
    assert 2 <= requests < 50
    kept(page, f"lr={last}")
    slider = widget.get_by_label("learning rate α")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert picture(page, widget) != dragged
    page.keyboard.press("ArrowLeft")
    assert picture(page, widget) == dragged
    no_errors(page)


def test_a_rule_that_goes_wrong_is_told_and_the_widget_goes_on(page, root, light_lab):
    cell = (
        "def mine(theta, grad, *, lr):\n    return theta / nobody\n\n"
        'valley_explorer({**RULES, "mine": mine})'
    )
    _file, (widget,) = opened(page, root, light_lab, cell)
    assert "mine: step 1 stopped with NameError" in widget.locator(".dl-notes").inner_text()
    before = picture(page, widget)
    widget.get_by_label("mine").uncheck()
    assert picture(page, widget) != before
    assert widget.locator(".dl-notes").inner_text() == ""
    widget.get_by_label("surface").select_option("Saddle")
    settle(page, widget)
    widget.get_by_role("button", name="Back to the first settings").click()
    assert picture(page, widget) == before
    no_errors(page)


def test_a_race_plays_pauses_and_goes_back(page, root, light_lab, screenshots):
    _file, (widget,) = opened(page, root, light_lab, "race(percent=0)")
    start = picture(page, widget)
    slider = widget.get_by_label("race, %", exact=True)
    button = widget.get_by_role("button", name="Play")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("s => Number(s.value) >= 5", arg=slider.element_handle())
    pause = widget.get_by_role("button", name="Pause")
    assert pause.get_attribute("aria-pressed") == "true"
    page.keyboard.press("Enter")
    settle(page, widget)
    stopped = slider.input_value()
    page.wait_for_timeout(400)
    assert slider.input_value() == stopped
    assert picture(page, widget) != start
    page.screenshot(path=screenshots / "race_paused.png")
    slider.focus()
    page.keyboard.press("Home")
    assert picture(page, widget) == start
    no_errors(page)


def test_a_film_is_downloaded(page, root, light_lab, tmp_path):
    _file, (widget,) = opened(page, root, light_lab, "race(steps=10)")
    with page.expect_download() as download:
        widget.get_by_role("button", name="Save as GIF").click()
    file = tmp_path / "film.gif"
    download.value.save_as(file)
    assert download.value.suggested_filename == "race.gif"
    assert file.read_bytes().startswith(b"GIF8")
    assert "Saved as race.gif" in widget.locator(".dl-notes").inner_text()


def test_settings_are_there_when_the_notebook_is_opened_again(page, root, light_lab):
    file, (widget,) = opened(page, root, light_lab, "valley_explorer(RULES)")
    slider = widget.get_by_label("learning rate α")
    slider.focus()
    for _press in range(5):
        page.keyboard.press("ArrowRight")
    moved = picture(page, widget)
    value = slider.get_attribute("aria-valuetext")
    kept(page, f"lr={value}")
    unsaved = file.read_text()
    page.keyboard.press("Control+s")
    for _wait in range(100):
        page.wait_for_timeout(100)
        if file.read_text() != unsaved:
            break
    saved = json.loads(file.read_text())
    text = "".join(saved["cells"][1]["outputs"][1]["data"]["text/plain"])
    assert f"valley_explorer(RULES, lr={value})" in text
    again = file.with_name("again.ipynb")  # opened with a kernel that knows nothing of it
    again.write_text(file.read_text())
    open_notebook(page, light_lab[1], again.name)
    widget = page.locator(".descentlab-widget")
    widget.wait_for()
    assert widget.get_by_label("learning rate α").get_attribute("aria-valuetext") == value
    assert picture(page, widget) == moved
    kept(page, f"lr={value}")
    slider = widget.get_by_label("learning rate α")
    slider.focus()
    page.keyboard.press("ArrowRight")
    widget.get_by_text("No answer yet.").wait_for()


def test_a_widget_waits_for_a_long_cell_and_says_so(page, root, light_lab):
    cells = "valley()", "import time; time.sleep(15)"
    work, address = light_lab
    write_notebook(work / "busy.ipynb", SETUP.format(root=str(root)), *cells)
    open_notebook(page, address, "busy.ipynb")
    run_cell(page, 0)
    widget = run_cell(page, 1).locator(".descentlab-widget")
    widget.wait_for()
    before = picture(page, widget)
    page.locator(".jp-Notebook .jp-CodeCell").nth(2).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    slider = widget.get_by_label("learning rate α")
    slider.focus()
    page.keyboard.press("ArrowRight")
    widget.get_by_text("No answer yet.").wait_for()
    page.keyboard.press("ArrowRight")
    assert picture(page, widget) != before
    assert widget.locator(".dl-notes").inner_text() == ""
    value = slider.get_attribute("aria-valuetext")
    kept(page, f"lr={value}")
    no_errors(page)
