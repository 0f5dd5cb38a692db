"""A student's end of a judging session: the judge is elsewhere and asks over a link.

Inputs come, the answer is called, what it did goes back. No expected value and no verdict ever
comes this way.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable
from typing import Any

from descentlab.calls import (
    TIME_LIMIT,
    Call,
    Given,
    Outcome,
    Raised,
    TimeUp,
    defaults_of,
    run,
)
from descentlab.wire import (
    MOST_BYTES,
    UNREADABLE,
    Link,
    WireError,
    header_of,
    to_bytes,
    values_of,
)

SHORT = 2_000
"""Characters of a text that go along: an exception's, a warning's."""

UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""NUL and other controls, half characters, and what turns the direction of writing."""

CALL, TOLD, RECORDED, NOT_HERE = "call", "told", "recorded", "not_here"
OFFER, ASK, OUTCOME = "offer", "ask", "outcome"
JUDGE, VERDICT, GONE = "judge", "verdict", "gone"

LINK: Link | None = None
"""Where the judge is asked; set in a process that runs behind walls, None in a notebook."""

TURN = ""
"""What the supervisor calls the cell that runs now; what is sent for an earlier one is ignored."""


def offer(answer: Any, *, is_question: bool, link: Link) -> bool:
    """Offer an answer to the judge, and do what it asks until it has seen enough.

    Returns
    -------
    bool
        Whether it was recorded; False where the lesson has no check in this place.
    """
    offered: dict[str, Any] = {"op": OFFER, "turn": TURN, "question": is_question}
    offered["callable"] = callable(answer)
    if callable(answer) and not is_question:
        link.send({**offered, "defaults": defaults_of(answer)})
    else:
        link.send(offered, answer)
    while True:
        frame = link.receive()
        header = header_of(frame)
        if header.get("op") == CALL:
            _answer(answer, frame, header, link)
        elif header.get("op") in (RECORDED, NOT_HERE):
            return header["op"] == RECORDED


def _answer(function: Callable, frame: bytes, header: dict, link: Link) -> None:
    """One call: run it, send back what it did."""

    def given(name: str) -> Given:
        return Given(lambda *args, **kwargs: _ask(link, name, args, kwargs), name)

    values, count = values_of(frame, header, given), header["count"]
    call = Call(tuple(values[:count]), dict(zip(header["keywords"], values[count:], strict=True)))
    try:
        outcome = run(function, call, limit=float(header.get("limit", TIME_LIMIT)))
        frame = _outcome_frame(outcome, list(outcome.arguments))
        if len(frame) > MOST_BYTES:
            raise MemoryError
    except TimeUp:  # it came when the call had just ended
        frame = _outcome_frame(Outcome(fault="timed_out"), [])
    except BaseException as error:  # whatever ends the call, the judge isn't left waiting
        raised = Raised(type(error).__name__, "", "", None)
        frame = _outcome_frame(Outcome(fault="exception", raised=raised), [])
    link.send_bytes(frame)


def _ask(link: Link, name: str, args: tuple, kwargs: dict) -> Any:
    """Ask for the value of a function that the exercise hands in; raise what it raised."""
    asking = to_bytes({"op": ASK, "name": name}, (*args, *kwargs.values()))
    if len(asking) > MOST_BYTES:
        raise MemoryError(f"{name} was called with too many numbers")
    link.send_bytes(asking)
    while True:
        frame = link.receive()
        header = header_of(frame)
        if header.get("op") == TOLD:
            break
    if "raised" in header:
        kind, text = header["raised"]
        error = getattr(builtins, kind, RuntimeError)
        raise error(text)
    return values_of(frame, header)[0]


def _outcome_frame(outcome: Outcome, names: list[str]) -> bytes:
    raised = outcome.raised
    header = {
        "op": OUTCOME,
        "fault": outcome.fault,
        "raised": raised
        and [raised.type[:100], raised.text[:SHORT], raised.line[:SHORT], raised.line_number],
        "names": [name[:100] for name in names],
        "changed": list(outcome.changed),
        "warned": [text[:SHORT] for text in outcome.warned[:10]],
        "printed": outcome.printed[:SHORT],
        "global_random": outcome.global_random,
        "rng_moved": outcome.rng_moved,
        "shared": list(outcome.shared),
        "interruptible": outcome.interruptible,
    }
    try:
        return to_bytes(header, (outcome.value,))
    except Exception:  # whatever an object of the answer's does when it is looked at
        return to_bytes(header, (type(outcome.value),))


def outcome_of(frame: bytes, header: dict, call: Call, asked: tuple) -> Outcome:
    """The judge's side: what a student's process says of one call.

    Parameters
    ----------
    frame, header : the frame and its header
    call : what was sent
    asked : what the answer asked the judge's functions for, as the judge saw it

    Raises
    ------
    WireError
        It isn't an outcome.
    """
    try:
        return _outcome(frame, header, call, asked)
    except WireError:
        raise
    except UNREADABLE as error:
        raise WireError(f"an outcome that can't be read: {error}") from error


def _outcome(frame: bytes, header: dict, call: Call, asked: tuple) -> Outcome:
    fault = header.get("fault")
    if fault not in (None, "unanswered", "exception", "timed_out", "exited", "wrong_signature"):
        raise WireError(f"an outcome with the fault {fault!r}")
    raised = header.get("raised")
    if raised is not None:
        kind, text, line, number = raised
        line_number = int(number) if number else None
        raised = Raised(text_of(kind), text_of(text), text_of(line), line_number)
    originals = [*call.args, *call.kwargs.values()]
    names = [_name(name, i) for i, name in enumerate(header.get("names", []))]
    if len(names) != len(originals):
        names = [f"argument {i + 1}" for i in range(len(originals))]
    return Outcome(
        value=values_of(frame, header)[0],
        fault=fault,
        raised=raised,
        changed=_known(header.get("changed", []), names),
        warned=tuple(text_of(text) for text in header.get("warned", [])[:10]),
        printed=text_of(header.get("printed", "")),
        global_random=bool(header.get("global_random")),
        rng_moved=bool(header.get("rng_moved")),
        asked=asked,
        shared=_known(header.get("shared", []), names),
        interruptible=bool(header.get("interruptible", True)),
        arguments=dict(zip(names, originals, strict=True)),
    )


def text_of(value: Any) -> str:
    """What a student's process says, as text that any file and any database takes."""
    return UNWRITABLE.sub("\ufffd", value[:SHORT]) if isinstance(value, str) else "?"


def _name(value: Any, position: int) -> str:
    text = text_of(value)
    return text if text.isidentifier() else f"argument {position + 1}"


def _known(claimed: Any, names: list[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in claimed) if isinstance(claimed, list) else ()
