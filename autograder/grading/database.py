"""A connection to a gradebook that one program writes while others read: SQLite, PostgreSQL, ...

It waits for its turn, and says in one sentence with the remedy what a database says in its own way.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import IntegrityError

from autograder.grading.classroom import readable, sqlite_file, usable
from autograder.notebooks.errors import ClassError

WAIT = 30.0
"""Seconds that another program may hold the gradebook before grading stops."""


class Collision(Exception):
    """Another program has entered the same row in the same moment; nothing was written."""


def open_engine(url: str) -> Engine:
    """Return an engine for a gradebook that is there.

    Parameters
    ----------
    url : str
        Any URL that nbgrader takes, ``sqlite:////.../gradebook.db`` for instance.

    Raises
    ------
    ClassError
        The URL is none, its driver isn't installed, or its SQLite file isn't there.
    """
    with usable(url):
        parsed = sqlalchemy.make_url(url)
        is_sqlite = parsed.get_backend_name() == "sqlite"
        file = sqlite_file(url)
        if file is not None and not file.is_file():
            raise ClassError(
                f"There is no gradebook {file}. `autograder release LESSON` makes it; if it was "
                "moved, put it back."
            )
        engine = sqlalchemy.create_engine(
            parsed,
            connect_args={"timeout": WAIT} if is_sqlite else {},
            pool_pre_ping=not is_sqlite,
        )
    _take_turns(engine, is_sqlite)
    return engine


def _take_turns(engine: Engine, is_sqlite: bool) -> None:
    """Let a transaction wait for its turn when it begins, and not fail in its middle."""
    if is_sqlite:

        @event.listens_for(engine, "connect")
        def leave_transactions_to_us(connection, _record):
            connection.isolation_level = None

        @event.listens_for(engine, "begin")
        def begin(connection: Connection):
            reads = connection.get_execution_options().get("reads")
            connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    elif engine.url.get_backend_name() == "postgresql":

        @event.listens_for(engine, "connect")
        def wait_for_others(connection, _record):
            cursor = connection.cursor()
            cursor.execute(f"SET lock_timeout = {round(1000 * WAIT)}")
            cursor.close()
            connection.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Read, holding nobody up; ClassError when the gradebook can't be read."""
    with _told(engine), engine.connect().execution_options(reads=True) as db:
        yield db


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction: all of it or, after any exception, nothing.

    Raises
    ------
    ClassError
        Another program held the gradebook for `WAIT` seconds, or it can't be written.
    Collision
        A row that was to be new is there; try again.
    """
    with _told(engine), engine.begin() as db:
        yield db


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    with readable(engine.url.render_as_string(hide_password=False), WAIT):
        try:
            yield
        except IntegrityError as error:
            raise Collision(str(error.orig)) from error
