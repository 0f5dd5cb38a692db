"""Slider to new picture, in a real browser: `.venv/bin/python -m tests.bench_widgets`.

Each widget's slider is moved, and the time is taken in the page: from the event of the slider to
the frame after the new picture is decoded. Beside it, in the same run and the same notebook,
plain `interact` with inline matplotlib draws the valley explorer's picture from scratch.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.chromium import BROWSER, OPTIONS
from tests.widget_lab import open_lab, open_notebook, run_cell, write_notebook
from tests.widget_zoo import ZOO

GOAL = 100  # milliseconds
MOVED = 20
LABELS = {
    "valley": "learning rate α",
    "race": "race, %",
    "initialization": "σ of a normal start",
    "batches": "batch size B",
    "schedules": "learning rate α",
    "regularization": "L2 penalty λ",
    "bias": "memory of squares β₂",
}
"""The slider of each widget that is moved: the one of `widget_zoo.MOVES`."""

PLAIN = """import ipywidgets, matplotlib.pyplot as plt, numpy as np
from descentlab import descend, panels, plot_paths, plot_values, valley
%matplotlib inline
from tests.widget_zoo import RULES
from descentlab import AdamState
def picture(lr):
    surface = valley()
    paths = {name: descend(surface, surface.start, rule=rule, lr=lr, num_steps=100,
                           state=AdamState.zeros(np.zeros(2)) if name == "Adam" else None)
             for name, rule in RULES.items()}
    _figure, axes = panels(2)
    plot_paths(surface, paths, ax=axes[0])
    plot_values(surface, paths, ax=axes[1], legend=False)
    plt.show()
ipywidgets.interact(picture, lr=ipywidgets.FloatSlider(0.005, min=0.001, max=0.0095, step=0.0001,
                                                       readout_format=".4f"));"""

MOVE_OURS = """async ([root, name, stops]) => {
  const input = [...root.querySelectorAll("input[type=range]")].find(
    (one) => root.querySelector(`label[for="${one.id}"]`).textContent === name);
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const times = [];
  const last = Number(input.max);
  const from = Number(input.value);
  for (let k = 0; k < stops; k += 1) {
    const value = (Math.max(0, Math.min(from, last - stops)) + k + 1) % (last + 1);
    const begin = performance.now();
    const shown = new Promise((done) =>
      root.addEventListener("descentlab-shown", done, { once: true }));
    input.value = value;
    input.dispatchEvent(new Event("input"));
    await shown;
    await frame();
    times.push(performance.now() - begin);
    await new Promise((done) => setTimeout(done, 60));
  }
  return times;
}"""

MOVE_PLAIN = """async ([cell, key]) => {
  const handle = cell.querySelector(".noUi-handle");
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const source = () => cell.querySelector(".jp-OutputArea img")?.src;
  const before = source();
  const begin = performance.now();
  handle.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  while (source() === before || !source()) await new Promise((done) => setTimeout(done, 1));
  await cell.querySelector(".jp-OutputArea img").decode();
  await frame();
  return performance.now() - begin;
}"""


def measure(folder: Path) -> dict[str, list[float]]:
    """Milliseconds of every move, by widget; "plain" is `interact` with inline matplotlib."""
    from playwright.sync_api import sync_playwright

    times: dict[str, list[float]] = {}
    root = Path(__file__).resolve().parent.parent
    cells = [f"from tests.widget_zoo import ZOO\nZOO[{name!r}]()" for name in ZOO]
    with open_lab(folder) as (work, address), sync_playwright() as playwright:
        setup = f"import sys\nsys.path.insert(0, {str(root)!r})"
        write_notebook(work / "bench.ipynb", setup, *cells, PLAIN)
        browser = playwright.chromium.launch(executable_path=BROWSER, args=OPTIONS)
        page = browser.new_page(viewport={"width": 1300, "height": 1000})
        open_notebook(page, address, "bench.ipynb")
        run_cell(page, 0)
        for index, name in enumerate(ZOO, start=1):
            cell = run_cell(page, index)
            widget = cell.locator(".descentlab-widget")
            widget.wait_for()
            page.wait_for_timeout(700)
            how = [widget.element_handle(), LABELS[name], MOVED + 2]
            times[name] = page.evaluate(MOVE_OURS, how)[2:]
        cell = run_cell(page, len(cells) + 1)
        cell.locator(".jp-OutputArea img").first.wait_for()
        cell.scroll_into_view_if_needed()
        times["plain"] = []
        for _move in range(MOVED + 2):
            page.wait_for_timeout(300)
            times["plain"].append(page.evaluate(MOVE_PLAIN, [cell.element_handle(), "ArrowRight"]))
        times["plain"] = times["plain"][2:]
        browser.close()
    return times


def widgets() -> None:
    """Print the table."""
    if BROWSER is None:
        print("No Chromium on this machine: widgets are not measured.")
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
            os.environ[name] = str(Path(folder, name.lower()))
        times = measure(Path(folder))
    plain = statistics.median(times["plain"])
    table = Table(title=f"Slider to new picture in Chromium, milliseconds (goal ≤ {GOAL})")
    for heading in ("widget", "slider", "median", "slowest", "of plain interact"):
        table.add_column(heading, justify="left" if heading in ("widget", "slider") else "right")
    for name, spent in times.items():
        median = statistics.median(spent)
        label = LABELS.get(name, "learning rate α")
        shown = "interact + inline matplotlib" if name == "plain" else name
        table.add_row(shown, label, f"{median:.0f}", f"{max(spent):.0f}", f"{median / plain:.0%}")
    Console(width=110).print(table)


if __name__ == "__main__":
    widgets()
