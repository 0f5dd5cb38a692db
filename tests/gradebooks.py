"""Gradebooks seen from outside, small disks, and a server of PostgreSQL: for several tests."""

import os
import random
import shutil
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy
from nbgrader.utils import parse_utc

LESSON = "03_momentum"


def handed_in_at(folder):
    """What stands in a submission's timestamp.txt, None where there is none."""
    file = folder / "timestamp.txt"
    return parse_utc(file.read_text().strip()) if file.is_file() else None


def all_rows(url):
    """Every row of every table, with names in place of the ids that are drawn at random."""
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as db:
        tables = {
            name: [row._asdict() for row in db.execute(sqlalchemy.text(f'SELECT * FROM "{name}"'))]
            for name in sqlalchemy.inspect(engine).get_table_names()
        }
    engine.dispose()
    names = {}
    for table in ("assignment", "notebook", "base_cell", "submitted_assignment"):
        for row in tables[table]:
            names[row["id"]] = f"{table} {row.get('name', row.get('student_id'))} {row.get('type')}"
    for row in tables["submitted_notebook"]:
        names[row["id"]] = f"notebook of {names[row['assignment_id']]}"

    def named(row):
        kept = {key: value for key, value in row.items() if key != "id" or value in names}
        kept = {key: float(v) if isinstance(v, bool) else v for key, v in kept.items()}
        return {key: names.get(value, value) for key, value in kept.items()}

    return {name: sorted(map(repr, map(plain, map(named, t)))) for name, t in tables.items()}


def plain(row):
    """A row as every database gives it: SQLite has no times, no spans of time and no booleans."""
    row = {k: float(v) if isinstance(v, int) else v for k, v in row.items()}
    if row.get("extension") is not None:
        row["extension"] = "an extension"
    return {k: str(v) + ".000000" if isinstance(v, datetime) else v for k, v in row.items()}


def url_of(course):
    return course.nbgrader().db_url


def mark_by_hand(course, student, cell, points, extra=None):
    """What formgrader's GradeHandler does for a mark that a teacher types in."""
    with course.gradebook() as book:
        grade = book.find_grade(cell, LESSON, LESSON, student)
        grade.manual_score, grade.extra_credit = points, extra
        grade.needs_manual_grade = grade.manual_score is None and grade.auto_score is None
        comment = book.find_comment(cell.removesuffix("__check"), LESSON, LESSON, student)
        comment.manual_comment = "Well <put>."
        book.db.commit()


@contextmanager
def small_disk(folder, kilobytes):
    """A folder on a disk of its own; the test is skipped where none can be made."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can mount a small disk")
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can't be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill_up(folder):
    with (folder / "filler").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    assert shutil.disk_usage(folder).free == 0


def postgres_programs():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: p.parts[-3])
    plain = shutil.which("initdb")
    return found[-1].parent if found else Path(plain).parent if plain else None


@contextmanager
def postgres_server():
    """The URL of an empty database on a server of its own, on a Unix socket in its folder."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL isn't installed")
    pytest.importorskip("psycopg", reason="the driver psycopg isn't installed")
    user = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if user:
        shutil.chown(folder, **user)
    options = {**user, "cwd": folder, "check": True, "capture_output": True}
    if user:
        options["extra_groups"] = []
    initdb = ["initdb", "-D", "data", "-U", "teacher", "-A", "trust", "-E", "UTF8", "--no-sync"]
    server = f"-F -c listen_addresses='' -c unix_socket_directories='{folder}'"
    control = [programs / "pg_ctl", "-D", "data", "-w"]
    try:
        subprocess.run([programs / initdb[0], *initdb[1:]], **options)
        subprocess.run([*control, "-l", "log", "-o", server, "start"], **options)
        try:
            yield f"postgresql+psycopg://teacher@/postgres?host={folder}"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(postgres, template="template1"):
    """The URL of a database that is a copy of another."""
    name = f"class_{random.getrandbits(60):x}"
    engine = sqlalchemy.create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.execute(sqlalchemy.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine.dispose()
    return postgres.replace("/postgres?", f"/{name}?")
