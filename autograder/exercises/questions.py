"""Questions: multiple choice and numbers, judged in the same form as functions.

A lesson only names them: text, choices, key and the answer to each wrong choice stand together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from autograder import findings
from descentlab.text import _
from descentlab.verdicts import Verdict


@dataclass(frozen=True)
class Choice:
    """A multiple choice question.

    Attributes
    ----------
    text : the question, markdown
    choices : letter -> (the choice, what is said to whoever takes it)
    key : the right letter
    """

    name: str
    topic: str
    points: float
    text: str
    choices: Mapping[str, tuple[str, str]]
    key: str
    hints: tuple[str, ...] = ()

    is_question = True
    is_random = False
    mistakes = ()

    def __post_init__(self) -> None:
        if self.key not in self.choices:
            raise ValueError(f"the key {self.key!r} of {self.name} is none of its choices")

    @property
    def letters(self) -> str:
        return ", ".join(f'"{letter}"' for letter in self.choices)

    def markdown(self) -> str:
        choices = {letter: _(choice) for letter, (choice, _reply) in self.choices.items()}
        listed = [f"- **{letter}.** {choice}" for letter, choice in choices.items()]
        return "\n".join([_(self.text), "", *listed])

    def solution_source(self) -> str:
        return f'{self.name} = "{self.key}"'

    def stub_source(self) -> str:
        return f"{self.name} = None  # {self.letters}"

    def judge(self, answer: Any) -> Verdict:
        letter = answer.strip(" .:()*'\"").upper() if isinstance(answer, str) else None
        if letter not in self.choices:
            return _verdict(self, "no_choice", got=_short(answer), letters=self.letters)
        reply = _(self.choices[letter][1])
        if letter == self.key:
            return _right(self, reply)
        verdict = _verdict(self, "wrong_choice", reply=reply)
        return _renamed(verdict, f"chose_{letter}", _(self.choices[letter][0]))


@dataclass(frozen=True)
class Number:
    """A question whose answer is a number.

    Attributes
    ----------
    value : the right number; `tolerance` is relative
    replies : (wrong number, what is said to whoever gives it); numbers people do come to
    hint : what is said to any other number
    reply : what is said to the right one
    """

    name: str
    topic: str
    points: float
    text: str
    value: float
    tolerance: float = 0.01
    replies: tuple[tuple[float, str], ...] = ()
    hint: str = ""
    reply: str = ""
    hints: tuple[str, ...] = ()

    is_question = True
    is_random = False
    mistakes = ()

    def markdown(self) -> str:
        return _(self.text)

    def solution_source(self) -> str:
        return f"{self.name} = {self.value!r}"

    def stub_source(self) -> str:
        comment = _("a number")
        return f"{self.name} = None  # {comment}"

    def judge(self, answer: Any) -> Verdict:
        number = _number(answer)
        if number is None:
            return _verdict(self, "not_a_number", got=_short(answer))
        if self._is(number, self.value):
            return _right(self, _(self.reply) if self.reply else "")
        for wrong, reply in self.replies:
            if self._is(number, wrong):
                verdict = _verdict(self, "wrong_choice", reply=_(reply))
                return _renamed(verdict, f"answered_{wrong:g}", f"{wrong:g}")
        return _verdict(self, "wrong_number", got=f"{number:g}", hint=_(self.hint))

    def _is(self, number: float, value: float) -> bool:
        return abs(number - value) <= self.tolerance * max(abs(value), 1e-12)


Question = Choice | Number


def judge_question(question: Question, answer: Any) -> Verdict:
    """The verdict on an answer to a question; None, the stub's value, is no answer yet."""
    if answer is None or answer is ...:
        return _verdict(question, "unanswered", name=question.name)
    return question.judge(answer)


def _number(answer: Any) -> float | None:
    if isinstance(answer, (bool, str)):
        return None
    if isinstance(answer, (Fraction, Decimal)):
        answer = float(answer)
    try:
        number = np.asarray(answer)
    except Exception:  # whatever an object does when it is asked for its numbers
        return None
    if number.dtype.kind not in "iuf" or number.size != 1 or not np.isfinite(number).all():
        return None
    return float(number.reshape(()))


def _short(answer: Any) -> str:
    return f"{answer!r}" if isinstance(answer, (str, int, float)) else type(answer).__name__


def _right(question: Question, reply: str) -> Verdict:
    points = float(question.points)
    text = f"{findings.success(f'{points:g}')}\n{reply}".strip()
    return Verdict(question.name, True, points, points, message=text)


def _verdict(question: Question, fault: str, **seen) -> Verdict:
    return Verdict(
        exercise=question.name,
        passed=False,
        points=0.0,
        max_points=float(question.points),
        mistake=fault,
        message=findings.sentence(fault, **seen),
        title=findings.title(fault),
        findings=(fault,),
    )


def _renamed(verdict: Verdict, mistake: str, title: str) -> Verdict:
    return replace(verdict, mistake=mistake, title=title, findings=(mistake,))
