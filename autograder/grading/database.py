"""A connection to a gradebook that one program writes while others read: SQLite, PostgreSQL, ...

It waits for its turn, and says in one sentence with the remedy what a database says in its own way.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError

from autograder.grading.classroom import readable, sqlite_file
from autograder.notebooks.errors import ClassError

WAIT = 30.0
"""Seconds that another program may hold the gradebook before grading stops."""

HELD = ("locked", "lock timeout", "deadlock")
"""What databases say, somewhere in their sentence, when another program is in the way."""

NO_ROOM = ("disk is full", "no space left", "disk i/o error", "readonly", "read-only")
"""What they say when they may read and can't write."""


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
    try:
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
    except ImportError as error:
        raise ClassError(
            f"The gradebook's database needs a driver that isn't installed ({error}). For "
            "PostgreSQL: `pip install 'descentlab[postgres]'`, and a URL that begins with "
            "postgresql+psycopg://."
        ) from error
    except ArgumentError as error:
        raise ClassError(
            f"The gradebook's URL can't be used ({error}). It looks like "
            "postgresql+psycopg://USER@HOST/NAME or sqlite:////FOLDER/gradebook.db."
        ) from error
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
    with readable(engine.url.render_as_string(hide_password=False)):
        try:
            yield
        except IntegrityError as error:
            raise Collision(str(error.orig)) from error
        except OperationalError as error:
            said = str(error.orig)
            where = sqlite_file(str(engine.url)) or engine.url.render_as_string(hide_password=True)
            if any(word in said.lower() for word in HELD):
                raise ClassError(
                    f"The gradebook {where} was held by another program for {WAIT:.0f} seconds. "
                    "Close formgrader or the other grading run, then start again; nothing was lost."
                ) from error
            if any(word in said.lower() for word in NO_ROOM):
                raise ClassError(
                    f"The gradebook {where} can't be written ({said}). Make room on its disk, or "
                    "give yourself the right to write it, then start again; nothing was lost."
                ) from error
            raise
