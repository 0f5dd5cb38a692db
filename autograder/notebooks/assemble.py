"""The autograded notebook: the rebuilt one, with what its cells showed and what the judge said.

What a student's run showed is made safe for a teacher's browser; verdict cards are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode, from_dict

from autograder.notebooks.sanitize import safe_card, safe_outputs
from descentlab.cards import VERDICT_TYPE, Card, verdict_card
from descentlab.text import N_, _
from descentlab.verdicts import Example, Verdict

ENDED = {
    "timed_out": N_("This cell was still running when its time was up, and was stopped."),
    "crashed": N_("This cell ended the whole program. What came before it still counts."),
    "memory": N_("This cell needed more memory than a submission may use, and was stopped."),
    "forged": N_("This cell sent something else than an answer to the judge, and was stopped."),
    "not_run": N_("This cell wasn't run: the submission's time was up before it."),
    "error": N_("The check had no answer to look at: it stopped with the error above."),
    "": N_("The check wasn't asked here, so there is no verdict and there are no points."),
}
"""How a cell ended -> what is said of it. Empty: it ran to its end without asking for a verdict."""

MOST_CODE, MOST_CODES = 8_000, 150_000
"""Characters of one cell's code, and of all cells', that are shown. The longest cell of a lesson
has 4,000. What highlights code takes time with the square of some texts: 2 s for this many."""


def with_run(notebook: NotebookNode, cells: Mapping[int, Mapping[str, Any]]) -> NotebookNode:
    """Put outputs into a notebook's cells.

    Parameters
    ----------
    notebook : NotebookNode
        It is changed.
    cells : index of a cell -> how it ended
        Keys: "ended", "outputs" (as the student's process says), "is_check", and for checks
        "verdict" (`Verdict.to_json()`, or None) and "points".
    """
    left = MOST_CODES
    for count, (index, seen) in enumerate(sorted(cells.items()), start=1):
        outputs = safe_outputs(seen["outputs"])
        if seen["is_check"]:
            outputs = _judged(outputs, seen, count)
        elif seen["ended"] not in ("", "error"):
            outputs = [*outputs, _shown(Card(_("Stopped"), (_(ENDED[seen["ended"]]),), "wrong"))]
        cell = notebook.cells[index]
        cell["execution_count"] = count
        cell["source"] = _cut(cell["source"], min(left, MOST_CODE))
        left = max(0, left - len(cell["source"]))
        cell["outputs"] = [from_dict(output) for output in outputs]
    return notebook


def _cut(code: str, most: int) -> str:
    """Code as it is shown; all of it has run, and all of it is kept with what was handed in."""
    if len(code) <= most:
        return code
    note = _("[{count} more characters of this cell aren't shown]").format(count=len(code) - most)
    return f"{code[:most]}\n# {note}"


def _judged(outputs: list[dict], seen: Mapping[str, Any], count: int) -> list[dict]:
    """A check's outputs: what the answer printed, the card, the points as the cell's result.

    Nothing goes to stderr, and nothing else is the result: nbgrader would read points from it.
    """
    kept = [o for o in outputs if o["output_type"] in ("stream", "display_data", "error")]
    for output in kept:
        if output["output_type"] == "stream":
            output["name"] = "stdout"
    if seen["verdict"] is None:
        card = Card(_("No points here"), (_(ENDED[seen["ended"]]),), "wrong")
        return [*kept, _shown(card), _result(0.0, count)]
    printed = [o for o in kept if o["output_type"] != "error"]
    card = verdict_card(verdict_of(seen["verdict"]))
    return [*printed, _shown(card), _result(seen["points"], count)]


def _shown(card: Card) -> dict[str, Any]:
    data = {"text/plain": card.plain(), "text/html": safe_card(card.html())}
    if card.verdict is not None:
        data[VERDICT_TYPE] = card.verdict.to_json()
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _result(points: float, count: int) -> dict[str, Any]:
    data = {"text/plain": repr(float(points))}
    return {
        "output_type": "execute_result",
        "data": data,
        "metadata": {},
        "execution_count": count,
    }


def verdict_of(stated: Mapping[str, Any]) -> Verdict:
    """A verdict from what `to_json` made of it."""
    fields = dict(stated)
    example = fields.get("example")
    if example is not None:
        pairs = tuple(tuple(pair) for pair in example["inputs"])
        fields["example"] = Example(pairs, tuple(tuple(row) for row in example["rows"]))
    for name in ("findings", "notes"):
        fields[name] = tuple(fields[name])
    return Verdict(**fields)
