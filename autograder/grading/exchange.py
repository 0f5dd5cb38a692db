"""Submissions from nbgrader's exchange, by nbgrader's own collector, into a folder of drafts."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

from nbgrader.auth import Authenticator
from nbgrader.exchange import ExchangeError, ExchangeFactory
from nbgrader.exchange.default import ExchangeCollect

from autograder.grading import reading
from autograder.grading.classroom import ClassDirectory, put_scripts_on_path
from autograder.grading.logs import Log, quiet
from autograder.grading.reading import Unreadable
from autograder.grading.senders import safe_id
from autograder.grading.submitted import NOTEBOOK_BYTES, TIMESTAMP, read_extras
from autograder.notebooks.errors import ClassError

OWNER = re.compile(r"(?P<path>.*) claims to be submitted by (?P<student>.*) but is owned by (.*?);")


class _Careful:
    """Copies what students put into the exchange without following their links.

    nbgrader's own copy follows them, with the teacher's rights: a link to the lesson's solution
    would become a copy of it.
    """

    def _path_to_record(self, path: str) -> dict:
        try:
            return super()._path_to_record(path)
        except (ExchangeError, ValueError, OverflowError):
            name = Path(path).name
            self.notes.append((name.split("+")[0], f"{name} in the exchange bears no time."))
            return {"username": "", "filename": name, "timestamp": datetime.min}

    def init_src(self) -> None:
        super().init_src()
        hidden = [name for name in os.listdir(self.inbound_path) if name.startswith(".")]
        odd = [name for name in hidden if f"+{self.coursedir.assignment_id}+" in name]
        timed = [r for r in self.src_records if r["timestamp"] != datetime.min]
        odd += [r["filename"] for r in timed if not _is_name(r["username"])]
        for name in sorted(odd):
            shown = reading.shown(name)
            self.notes.append(("", f"{shown} in the exchange bears no student's name."))
        self.src_records = [r for r in self.src_records if _is_name(r["username"])]

    def do_copy(self, src: str, dest: str, log=None) -> None:
        source, target = Path(src), Path(dest)
        student, problems = target.parent.name, []
        target.mkdir(parents=True)
        try:
            if source.is_symlink():
                raise Unreadable("is a link, which is not followed.")
            found = reading.in_folder(source, reading.STUDENT)
        except Unreadable as error:
            self.notes.append((student, f"{source} {error}"))
            return
        problems += [f"{source / path} was left out: {why}." for path, why in found.skipped]
        extras = {}
        for piece in found.pieces:
            if piece.path.endswith(".ipynb") or piece.path == TIMESTAMP:
                try:
                    if piece.size > NOTEBOOK_BYTES:
                        raise Unreadable(f"is larger than {reading.megabytes(NOTEBOOK_BYTES)}.")
                    _write(target / piece.path, piece.read())
                except Unreadable as error:
                    problems.append(f"{source / piece.path} {error} Ask {student} for it again.")
            else:
                extras[piece.path] = piece
        for path, content in read_extras(extras, f"{source}/", problems).items():
            _write(target / path, content)
        self.notes += [(student, problem) for problem in problems]


def from_exchange(
    course: ClassDirectory, lesson: str, drafts: Path
) -> tuple[list[str], list[tuple[str, str]]]:
    """Copy the last submission of each student out of the exchange.

    Parameters
    ----------
    drafts : Path
        A new folder in the class directory; gets STUDENT/LESSON/.

    Returns
    -------
    students : list of str
    notes : list of (str, str)
        Student, or nothing, and a sentence about what was left out.

    Raises
    ------
    ClassError
        There is no exchange, or it can't be read.
    """
    put_scripts_on_path()
    config = course.config
    coursedir = course.nbgrader(submitted_directory=drafts.name, assignment_id=lesson)
    factory = ExchangeFactory(config=config)
    kind = factory.collect
    if issubclass(kind, ExchangeCollect):
        kind = type("ExchangeCollect", (_Careful, kind), {"notes": []})
    log = None
    try:
        with quiet():
            collector = kind(
                coursedir=coursedir,
                authenticator=Authenticator(config=config, parent=factory),
                parent=factory,
            )
            log = Log.of(collector)
            collector.start()
    except (ExchangeError, SystemExit, OSError, RuntimeError) as error:
        said = log.lines[-1] if log and log.lines else str(error)
        raise ClassError(
            f"nbgrader's exchange can't be read ({said.strip().rstrip('.')}). Set c.Exchange.root "
            "in nbgrader_config.py to the folder that students submit to, or name a folder or zip: "
            f"`autograder collect {lesson} SOURCE`."
        ) from error
    notes = list(getattr(collector, "notes", []))
    for line in log.lines:
        if match := OWNER.search(" ".join(line.split())):
            notes.append(
                (
                    match["student"],
                    f"{match['path']} bears the name {match['student']} and belongs to another "
                    f"user, {match[3]}. Ask who handed it in; an earlier submission is kept.",
                )
            )
    return sorted(path.name for path in drafts.iterdir()), notes


def _is_name(student: str) -> bool:
    return bool(student) and student == safe_id(student)


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
