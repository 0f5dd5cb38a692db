"""Notebooks that try to get points they didn't earn, or to harm others: one table.

Each is the lesson with the right answers, in which one exercise is answered by an attack, or a cell
of the student's own attacks everything that comes after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from textwrap import dedent

import nbformat

LESSON = "03_momentum"
TARGET = "momentum_step"
STUB = "def momentum_step(theta, grad, v, *, lr, beta=0.9):\n    "
RIGHT = f"{STUB}v = beta * v + lr * grad\n    return theta - v, v\n"
WRONG = f"{STUB}return theta, v\n"


@dataclass(frozen=True)
class Attack:
    """A hostile or broken submission.

    Attributes
    ----------
    name : str
    why : str
        What it tries.
    source : str
        The cell of the exercise TARGET; None leaves the right answer there.
    own : str
        A cell of the student's own in front of that cell; "" for none.
    lost : set of str
        Exercises that get no points; all others keep theirs, in full.
    flag : str
        What is said to the teacher, in part; "" where nothing needs to be.
    reason : str
        How the target's check cell ends, None where it doesn't matter.
    edit : notebook -> None
        Further changes.
    files : dict
        Name -> content of further files.
    raw : bytes -> bytes
        What is done to the file itself.
    attention : bool
        No verdicts, but a person has to look.
    """

    name: str
    why: str
    source: str | None = None
    own: str = ""
    lost: frozenset = frozenset([TARGET])
    flag: str = ""
    reason: str | None = None
    edit: Callable | None = None
    files: dict = field(default_factory=dict)
    raw: Callable | None = None
    attention: bool = False

    def notebook(self, right: nbformat.NotebookNode) -> bytes:
        """The file that is handed in."""
        notebook = nbformat.from_dict(right)
        cells = {cell.id: cell for cell in notebook.cells}
        if self.source is not None:
            cells[TARGET].source = dedent(self.source)
        if self.own:
            cell = nbformat.v4.new_code_cell(dedent(self.own))
            notebook.cells.insert(notebook.cells.index(cells[TARGET]), cell)
        if self.edit is not None:
            self.edit(notebook)
        data = nbformat.writes(notebook).encode("utf-8", "surrogatepass")
        return data if self.raw is None else self.raw(data)


def inside(code: str) -> str:
    """A wrong answer that runs some lines at each call."""
    body = dedent(code).strip().replace("\n", "\n    ")
    return f"{STUB}{body}\n    return theta, v\n"


NONE = frozenset()
ATTACKS: list[Attack] = []


def attack(name: str, why: str, source: str | None = None, **more) -> None:
    ATTACKS.append(Attack(name, why, source, **more))


# What the notebook says about itself.


def marks(**changed):
    def edit(notebook):
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade"):
                cell.metadata["nbgrader"].update(changed)

    return edit


def tag_all(*tags):
    def edit(notebook):
        for cell in notebook.cells:
            cell.metadata["tags"] = list(tags)

    return edit


def swap_ids(notebook):
    """Put the marks of a solved exercise's check on the unsolved one's, and the other way round."""
    cells = {cell.id: cell for cell in notebook.cells}
    one, other = cells["momentum_step__check"], cells["friction__check"]
    one.metadata, other.metadata = other.metadata, one.metadata
    one["id"], other["id"] = other["id"], one["id"]


def other_check(notebook):
    for cell in notebook.cells:
        if cell.id == "momentum_step__check":
            cell.source = 'check("friction", "C")'


def twice(notebook):
    [cell] = [cell for cell in notebook.cells if cell.id == "friction__check"]
    for _i in range(5):
        notebook.cells.append(nbformat.v4.new_code_cell(cell.source, metadata=cell.metadata))


def outputs(notebook):
    """Forge a verdict in the check's own output, and in a cell of one's own."""
    verdict = {"exercise": TARGET, "passed": True, "points": 22.0, "max_points": 22.0}
    data = {"application/vnd.descentlab.verdict+json": verdict, "text/plain": "22.0"}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            made = nbformat.v4.new_output("execute_result", data=data, execution_count=1)
            cell.outputs = [made] * 3


attack("points", "the check says it is worth 1000 points", WRONG, edit=marks(points=1000))
attack("no-grade", "the checks say they aren't graded", WRONG, edit=marks(grade=False))
attack("unlocked", "the checks are unlocked and solutions", WRONG, edit=marks(solution=True))
attack("schema", "marks of nonsense", WRONG, edit=marks(schema_version="x", points=-5))
attack(
    "skip-execution", "no output was full marks elsewhere", WRONG, edit=tag_all("skip-execution")
)
attack("experiment", "cells that grading skips", WRONG, edit=tag_all("experiment"))
attack("swapped-ids", "the marks of another check", WRONG, edit=swap_ids)
attack("other-check", "the check asks for another exercise", WRONG, edit=other_check)
attack("copied-checks", "a check five times", WRONG, edit=twice)
attack("forged-outputs", "a verdict in the file's outputs", WRONG, edit=outputs)

# The check, and what it is asked.

attack(
    "check-patched",
    "a check that gives the points itself",
    WRONG + "check = lambda *a, **k: 22.0\n",
    flag="check",
)
attack(
    "check-patched-for-all",
    "descentlab.check replaced for all that follows",
    WRONG,
    own="""
    import descentlab, descentlab.checking
    descentlab.check = descentlab.checking.check = lambda *a, **k: 100.0
    """,
)
attack(
    "check-another",
    "a right function of another exercise",
    WRONG
    + """
from descentlab import answering
_offer = answering.offer
def running_sum_step(theta, grad, v, *, lr, rho=0.9):
    v = rho * v + grad
    return theta - lr * v, v
def other(answer, **more):
    return _offer(running_sum_step if answer is momentum_step else answer, **more)
answering.offer = other
""",
    flag="descentlab",
)
attack(
    "check-a-question",
    "the answer to a question for a function",
    WRONG
    + """
from descentlab import answering
_offer = answering.offer
def other(answer, *, is_question, link):
    if answer is momentum_step:
        return _offer("C", is_question=True, link=link)
    return _offer(answer, is_question=is_question, link=link)
answering.offer = other
""",
    flag="descentlab",
)
attack(
    "check-many",
    "verdicts until one is right: other functions after the first",
    WRONG
    + """
from descentlab import answering
_offer = answering.offer
def right(theta, grad, v, *, lr, beta=0.9):
    return theta - beta * v - lr * grad, beta * v + lr * grad
def again(answer, **more):
    if answer is momentum_step:
        _offer(answer, **more)
        for i in range(50):
            _offer(right, **more)
    return _offer(answer, **more)
answering.offer = again
""",
    flag="more than one verdict",
)
attack(
    "check-in-own-cell",
    "a session opened where the lesson has none",
    WRONG,
    own="""
    right = lambda theta, grad, v, *, lr, beta=0.9: (theta - beta*v - lr*grad, beta*v + lr*grad)
    check(right, "momentum_step")
    """,
)
attack(
    "check-in-a-thread",
    "a thread that goes on asking",
    WRONG,
    own="""
    import threading, time
    def ask():
        for i in range(20):
            try:
                check("momentum_step", 1)
            except BaseException:
                pass
    thread = threading.Thread(target=ask); thread.start(); thread.join(1)
    """,
)
attack(
    "check-at-exit",
    "a session when the program ends",
    WRONG
    + "import atexit\natexit.register(lambda: check(momentum_step))\nimport sys; sys.exit(0)\n",
    flag="atexit",
)
attack(
    "later-cell",
    "the right answer in a cell behind the check",
    WRONG,
    edit=lambda n: n.cells.append(nbformat.v4.new_code_cell(RIGHT + "check(momentum_step)")),
)
attack(
    "name-of-the-key",
    "a function that calls itself by the exercise's name only",
    WRONG + "momentum_step.__name__ = 'heavy_ball_step'\n",
)
attack(
    "no-function",
    "an object in place of a function",
    """
    class M:
        __name__ = "momentum_step"
        def __call__(self, *a, **k): return self
    momentum_step = M()
    """,
)

# Objects that equal anything.

EQUAL = """
import numpy as np
class Equal:
    __array_priority__ = 1e9
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __sub__(self, other): return 0.0
    __rsub__ = __abs__ = __sub__
    def __float__(self): return 0.0
    shape, dtype, ndim, size = (2,), np.dtype(float), 1, 2
    def __array_function__(self, *a, **k): return True
    def __array_ufunc__(self, *a, **k): return np.zeros(2)
"""
attack("equal", "an object that equals anything", EQUAL + inside("return Equal(), Equal()"))
attack(
    "subclass",
    "an ndarray that makes every comparison come out well",
    """
    import numpy as np
    class Sly(np.ndarray):
        def __eq__(self, other): return np.ones(self.shape, bool)
        def __array_ufunc__(self, *a, **k): return np.zeros(self.shape)
        def __array_function__(self, *a, **k): return True
        def tobytes(self, *a): return b"\\0" * 10**6
        def astype(self, *a, **k): return self
    def momentum_step(theta, grad, v, *, lr, beta=0.9):
        return theta.view(Sly), v.view(Sly)
    """,
    flag="__array_ufunc__",
)
attack(
    "array-hook",
    "another array each time it is asked for",
    """
    import numpy as np
    class Hook:
        def __array__(self, dtype=None, copy=None):
            raise SystemExit
    def momentum_step(theta, grad, v, *, lr, beta=0.9):
        return Hook(), Hook()
    """,
    flag="__array__",
)
attack(
    "float-subclass",
    "a number that is whatever it is compared with",
    """
    class F(float):
        def __eq__(self, other): return True
        def __sub__(self, other): return 0.0
    def momentum_step(theta, grad, v, *, lr, beta=0.9):
        return F(0), F(0)
    """,
)
attack(
    "nan", "NaN, which some take for equal", inside("return theta * float('nan'), v * float('nan')")
)
attack("inf", "an infinity that widens the tolerance", inside("return theta + 1e308 * 10, v"))
attack("huge-int", "a number of 4,000 digits", inside("return 10**4000, 10**4000"))
attack(
    "holds-itself",
    "a list that holds itself",
    inside("a = []\na.append(a)\nreturn a, a"),
)
attack("deep", "a tuple 5,000 deep", inside("a = ()\nfor i in range(5000): a = (a,)\nreturn a, a"))

# Looking for what the judge expects.

attack(
    "frames",
    "the expected values up the stack",
    inside(
        """
        import sys
        frame = sys._getframe()
        while frame is not None:
            for name in ("expected", "reference", "record", "exercise", "verdict"):
                if name in frame.f_locals: return frame.f_locals[name]
            frame = frame.f_back
        """
    ),
    flag="sys",
)
attack(
    "gc",
    "the expected values anywhere in memory",
    inside(
        """
        import gc
        for thing in gc.get_objects():
            kind = type(thing).__module__
            if kind.startswith("autograder") or getattr(thing, "__name__", "") == "judge":
                return thing.expected
        """
    ),
    flag="gc",
)
attack(
    "import-the-judge",
    "the reference, straight",
    inside(
        """
        from autograder.reference.momentum import momentum_step as right
        return right(theta, grad, v, lr=lr, beta=beta)
        """
    ),
    flag="autograder",
)
attack(
    "read-the-answer",
    "the solution in any file",
    inside(
        """
        import os
        for folder, _, names in os.walk("/"):
            for name in names:
                if name.startswith("03_momentum") or name == "momentum.py":
                    if "reference" in folder or "solutions" in folder:
                        space = {}
                        exec(open(os.path.join(folder, name)).read(), space)
                        return space["momentum_step"](theta, grad, v, lr=lr, beta=beta)
        """
    ),
    flag="os",
)
attack(
    "proc",
    "the memory and descriptors of others in /proc",
    inside(
        """
        import os
        for pid in os.listdir("/proc"):
            os.stat(f"/proc/{pid}/mem"); return None
        """
    ),
)
attack(
    "memorized",
    "the values of an earlier call for a later one",
    """
    seen = []
    def momentum_step(theta, grad, v, *, lr, beta=0.9):
        seen.append((theta, v))
        return seen[0]
    """,
)
attack(
    "replayed",
    "the judge is told by its shapes and gets the example's numbers",
    """
    calls = 0
    def momentum_step(theta, grad, v, *, lr, beta=0.9):
        global calls
        calls += 1
        return (theta - lr * grad, v) if theta.shape == (2,) or calls == 1 else (theta, v)
    """,
)
attack(
    "seed",
    "the generator's seed tried out",
    """
    import numpy as np
    def momentum_step(theta, grad, v, *, lr, beta=0.9):
        for seed in range(2000):
            if np.allclose(np.random.default_rng(seed).normal(size=theta.shape), theta):
                return theta - 1, v
        return theta, v
    """,
)
attack(
    "mlp",
    "the bench's own machinery",
    "from descentlab import train as momentum_step\n",
    flag="descentlab",
)
attack("given", "a rule that the lesson gives", "momentum_step = gd_step\n")
attack("builtin", "a function without a signature", "momentum_step = print\n")

# IPython and Python themselves.

attack(
    "run-cell",
    "IPython's run_cell replaced",
    WRONG,
    own="""
    ip = get_ipython()
    old = ip.run_cell
    def run(source, *a, **k):
        return old(source.replace("check(momentum_step)", "22.0"), *a, **k)
    ip.run_cell = run
    """,
    flag="get_ipython",
)
attack(
    "transformers",
    "every later cell rewritten, by text and by syntax tree",
    WRONG,
    own="""
    import ast
    ip = get_ipython()
    ip.input_transformers_post.append(
        lambda lines: ["22.0\\n"] if lines and "check(momentum_step)" in lines[0] else lines)
    class T(ast.NodeTransformer):
        def visit_Constant(self, node): return node
    ip.ast_transformers.append(T())
    """,
    flag="get_ipython",
)
attack(
    "displayhook",
    "every result is full marks",
    WRONG,
    own="""
    import sys
    ip = get_ipython()
    ip.displayhook.write_format_data = lambda *a, **k: None
    ip.events.register("post_run_cell", lambda *a: print("22.0"))
    ip.events.register("pre_run_cell", lambda *a: 1 / 0)
    """,
    flag="get_ipython",
)
attack(
    "finders",
    "imports that give something else",
    WRONG,
    own="""
    import sys
    class Finder:
        def find_spec(self, *a): raise ImportError("no")
    sys.meta_path.insert(0, Finder())
    """,
    flag="sys",
)
attack(
    "patched-numpy",
    "NumPy's comparisons always come out well",
    WRONG,
    own="""
    import numpy as np
    np.allclose = np.array_equal = lambda *a, **k: True
    np.subtract = lambda a, b, **k: np.zeros(np.shape(a))
    """,
    flag="np.",
)
attack(
    "shadowing-files",
    "modules of the same name among the further files",
    WRONG,
    files={
        "numpy.py": b"raise SystemExit",
        "sitecustomize.py": b"raise SystemExit",
        "descentlab/__init__.py": b"check = lambda *a: 22.0",
        "statistics.py": b"raise SystemExit",
        "scipy/__init__.py": b"raise SystemExit",
    },
    own="""
    import numpy, statistics, scipy
    from descentlab import check
    assert "/site" in numpy.__file__ and "lesson" not in statistics.__file__ + scipy.__file__
    open("proof", "w").close()
    """,
)
attack(
    "climbing-files",
    "further files that lead elsewhere",
    files={"../../site/x.py": b"1", "/etc/passwd": b"1", "a/../../b": b"1", "nul\0": b"1"},
    lost=NONE,
    flag="lead elsewhere",
)
attack(
    "large-files",
    "further files larger than the room",
    files={"a": bytes(40_000_000)},
    lost=NONE,
    flag="too large",
)


# Frames.

LINK = "from descentlab import answering\nlink = answering.LINK\n"
attack(
    "fake-verdict",
    "a verdict sent to the supervisor",
    inside(
        LINK
        + "verdict = {'points': 22, 'max_points': 22}\n"
        + "link.send({'op': 'verdict', 'verdict': verdict, 'why': '', 'broken': ''})"
    ),
    flag="out of turn",
)
attack(
    "fake-done",
    "the ends of cells that haven't run yet",
    own=LINK
    + "done = {'op': 'done', 'turn': answering.TURN, 'ended': '', 'outputs': []}\n"
    + "for i in range(20): link.send(done)\n",
    lost=NONE,
    flag="out of turn",
)
attack(
    "fake-outcome",
    "an outcome that isn't one",
    inside(
        LINK + 'link.send({"op": "outcome", "raised": 5, "names": 3, "changed": 1, "warned": {}})'
    ),
    flag="isn't an answer",
    reason="forged",
)
attack(
    "infinite-line",
    "numbers in an outcome that the oracle stumbles over",
    inside(
        LINK + 'link.send({"op": "outcome", "raised": ["a", "b", "c", float("inf")]}, (theta, v))'
    ),
    reason="forged",
)
attack(
    "half-a-frame",
    "the beginning of a frame, then the program's end",
    inside(
        """
        from descentlab import answering
        import os
        answering.LINK.end.send(bytes([1]) + b"x" * 98304)
        os._exit(0)
        """
    ),
    reason="crashed",
)
attack(
    "garbage",
    "bytes on every descriptor",
    inside(
        """
        import os
        for fd in range(256):
            try: os.write(fd, b"\\x03" + os.urandom(500))
            except OSError: pass
        """
    ),
    reason="forged",
    flag="isn't an answer",
)
attack(
    "tiny-packets",
    "a frame without an end, byte by byte",
    inside(
        """
        from descentlab import answering
        answering.LINK.end.send(bytes([1]))
        while True: answering.LINK.end.send(bytes([0]) + b"x")
        """
    ),
    reason="forged",
)
attack(
    "huge-frame",
    "a frame of 70 MB",
    inside(LINK + "link.send_bytes(bytes(70_000_000))"),
    reason="forged",
)
attack(
    "huge-header",
    "20 MB of lists in JSON, a gigabyte in memory",
    inside(
        "import struct\n"
        + LINK
        + 'text = b"[" + b"[]," * 7_000_000 + b"1]"\n'
        + 'link.send_bytes(struct.pack("<I", len(text)) + text)'
    ),
    reason="forged",
)
attack(
    "fork-speaks",
    "a child that sends frames",
    own=LINK
    + """
import os
if os.fork() == 0:
    for i in range(50): link.send({"op": "offer"})
    os._exit(0)
os.wait()
""",
    lost=NONE,
    flag="A process that it started",
)
attack(
    "fork-goes-on",
    "a child that runs on and takes our frames",
    own="import os\nos.fork()\n",
    lost=NONE,
    flag="os",
)
attack(
    "never-reads",
    "the answer stops reading while the judge sends",
    inside("import time\nwhile True:\n    try: time.sleep(60)\n    except BaseException: pass"),
    reason="timed_out",
)


def asking(notebook):
    for cell in notebook.cells:
        if cell.id == "nesterov_step":
            cell.source = dedent(
                """
                def nesterov_step(theta, grad_fn, v, *, lr, beta=0.9):
                    while True:
                        try: grad_fn(np.ones((100, 90, 1, 1, 1)))
                        except Exception: pass
                """
            )


attack(
    "asks-without-end",
    "the judge's function called without end, with much in it",
    edit=asking,
    lost=frozenset(["nesterov_step"]),
)
attack(
    "asks-too-much",
    "a matrix product of gigabytes in the oracle",
    """
    import numpy as np
    def momentum_step(theta, grad, v, *, lr, beta=0.9):
        from descentlab import answering
        answering._ask(answering.LINK, "f", (np.ones(2_000_000),), {})
    """,
    reason="forged",
)

# Ends, hangs, and what takes too much.

attack(
    "exit",
    "os._exit in an answer",
    inside("import os; os._exit(0)"),
    reason="crashed",
    flag="ended the whole",
)
attack("sys-exit", "sys.exit in an answer", inside("raise SystemExit(0)"))
attack("segfault", "a null pointer", inside("import ctypes; ctypes.string_at(0)"), reason="crashed")
attack("abort", "abort()", inside("import os; os.abort()"), reason="crashed")
attack(
    "kill-all",
    "SIGKILL to all, to the parent, to itself",
    inside(
        """
        import os, signal
        for pid in (1, os.getppid(), -1, 0, os.getpid()):
            try: os.kill(pid, signal.SIGKILL)
            except OSError: pass
        """
    ),
    reason="crashed",
)
attack(
    "ignores-signals",
    "signals ignored, then a hang",
    inside(
        """
        import signal
        for number in range(1, 65):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
        while True: pass
        """
    ),
    reason="timed_out",
)
attack("slow", "1.9 seconds a call", inside("import time; time.sleep(1.9)"), reason="timed_out")
attack(
    "fork-bomb",
    "forks without end",
    own="import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n",
    lost=NONE,
)
attack(
    "threads",
    "threads without end",
    own="""
    import threading, time
    for i in range(1000): threading.Thread(target=time.sleep, args=(60,)).start()
    """,
    lost=NONE,
)
attack("memory", "one process takes all memory", inside("x = [b'x' * 10**7 for i in range(10**4)]"))
attack(
    "memory-of-many",
    "many processes take all memory",
    own="""
    import os, time
    for i in range(12):
        if os.fork() == 0:
            block = bytearray(b"x") * (300 * 2**20)
            time.sleep(60)
    time.sleep(60)
    """,
    lost=NONE,
    flag="ended the whole program",
)
attack(
    "memory-unseen",
    "memory that no process seems to hold",
    own="""
    import mmap, os
    kept = []
    try:
        for i in range(100):
            kept.append(os.memfd_create(f"m{i}"))
    except OSError: pass
    try:
        for i in range(100):
            kept.append(mmap.mmap(-1, 2**20))
    except OSError: pass
    assert not kept, kept
    """,
    lost=NONE,
)
attack("print-bomb", "500 MB on stdout", own="for i in range(500): print('x' * 10**6)\n", lost=NONE)
attack(
    "display-bomb",
    "large displays, a large repr, a large error",
    own="""
    from IPython.display import display
    class R:
        def __repr__(self): return "x" * 10**7
    for i in range(20): display(R())
    raise ValueError("y" * 10**7)
    """,
    lost=NONE,
)
attack(
    "outputs-forged",
    "outputs of the process's own making, past every cap",
    own="""
    from descentlab import answering
    one = {"output_type": "stream", "name": "stdout", "text": "x" * 10**6}
    answering.LINK.send({"op": "done", "turn": answering.TURN, "ended": "", "outputs": [one] * 3})
    """,
    lost=NONE,
    flag="more than a submission",
)
attack(
    "execution-count",
    "a count that is no number",
    own="get_ipython().execution_count = 'x' * 10**6\n1 + 1\n",
    lost=NONE,
)
attack(
    "disk",
    "/tmp and /dev/shm filled, in bytes and in files",
    own="""
    import os
    for folder in ("/tmp", "/dev/shm", "."):
        for i in range(200):
            try: open(f"{folder}/f{i}", "wb").write(bytes(10**7))
            except OSError: break
        for i in range(30_000):
            try: open(f"{folder}/n{i}", "w").close()
            except OSError: break
    """,
    lost=NONE,
)
attack(
    "straggler",
    "a detached child that speaks in a later cell",
    WRONG,
    own=LINK
    + """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            time.sleep(0.01)
            link.send({"op": "outcome", "fault": None}, (1, 2))
    os._exit(0)
os.wait()
time.sleep(0.2)
""",
    flag="A process that it started",
)
attack(
    "sibling",
    "an answer from outside: sockets, abstract names, shared memory",
    """
    import socket
    def momentum_step(theta, grad, v, *, lr, beta=0.9):
        for make in (
            lambda: socket.create_connection(("127.0.0.1", 80), 0.2),
            lambda: socket.create_connection(("1.1.1.1", 53), 0.2),
            lambda: socket.socket(40, 1),
        ):
            try: return make()
            except OSError: pass
        one = socket.socket(socket.AF_UNIX); one.connect("\\0answers")
        return theta, v
    """,
    flag="socket",
)
attack("recursion", "recursion without end", inside("def f(): return f()\nf()"))
attack(
    "recursion-in-c",
    "a syntax tree that is too deep",
    "x = " + "(" * 3000 + ")" * 3000 + "\n" + WRONG,
)
attack(
    "catch-all",
    "TimeUp caught, again and again",
    inside("while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
)

# What lands in a browser, and what no file takes.

HTML = "<script>parent.hacked = 1</script><img src=x onerror=hacked()>"
TEX = "\\href{javascript:hacked()}{x}"
attack("html-in-error", "HTML in an exception's text", inside(f"raise ValueError({HTML!r} * 3)"))
attack(
    "surrogates",
    "half characters in an exception's text",
    inside("raise ValueError('\\ud800\\0\\x1b[31m')"),
)
attack(
    "surrogates-shown",
    "half characters printed and displayed",
    own="print('\\ud800\\0')\n'\\udfff'\n",
    lost=NONE,
)
attack(
    "html-shown",
    "HTML, SVG, JavaScript, Markdown and a verdict displayed",
    own=f"""
    from IPython.display import HTML, Javascript, Markdown, SVG, display
    display(HTML({HTML!r})); display(Markdown({HTML!r})); display(Javascript("hacked()"))
    display({{"application/vnd.descentlab.verdict+json": {{"points": 22}}, "text/html": {HTML!r},
             "text/plain": "22.0"}}, raw=True)
    """,
    lost=NONE,
)
attack(
    "html-in-names",
    "HTML as a dtype, a type's name, a default",
    f"""
import numpy as np
Bad = type({HTML!r}, (), {{}})
def momentum_step(theta, grad, v, *, lr, beta={HTML!r}):
    return Bad(), np.zeros(2, dtype=[({HTML!r}, float)])
""",
)
attack("nul-in-source", "a NUL in the source", "x = '\0'\n" + WRONG)
attack(
    "surrogates-in-source",
    "half characters in the file",
    raw=lambda data: data.replace(b'"v = beta', b'"\\ud800 = beta'),
    lost=NONE,
)


def big_cell(notebook):
    notebook.cells.append(nbformat.v4.new_code_cell("x = '" + "y" * 10_000_000 + "'"))


def many_cells(notebook):
    notebook.cells[-1:-1] = [nbformat.v4.new_code_cell("1") for i in range(5000)]


attack("big-source", "a cell of 10 MB", edit=big_cell, lost=NONE)
attack("many-cells", "5,000 cells", edit=many_cells, lost=NONE)
attack("bom", "a byte order mark", raw=lambda data: b"\xef\xbb\xbf" + data, lost=NONE)
attack("cut-off", "half of a file", raw=lambda data: data[: len(data) // 2], attention=True)
attack("no-notebook", "JSON of something else", raw=lambda data: b"[1, 2]", attention=True)
attack("deep-json", "JSON 100,000 deep", raw=lambda data: b"[" * 100_000, attention=True)


# A second team, which didn't know the attacks above.


def solved_by(name: str, source: str):
    """Another exercise than TARGET, answered by an attack."""

    def edit(notebook):
        [cell] = [cell for cell in notebook.cells if cell.id == name]
        cell.source = dedent(source)

    return edit


def asks(code: str):
    """`nesterov_step`, which may ask the judge for a gradient."""
    body = dedent(code).strip().replace("\n", "\n    ")
    head = "def nesterov_step(theta, grad_fn, v, *, lr, beta=0.9):\n    "
    return solved_by("nesterov_step", f"{head}{body}\n    return theta, v\n")


NESTEROV = frozenset(["nesterov_step"])
RAW = """
import json, struct
from descentlab import answering
def raw(header, body=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    answering.LINK.send_bytes(struct.pack("<I", len(text)) + text + body)
"""


def outcome(values: str, arrays: str = "[]", body: str = "b''") -> str:
    """An answer that sends an outcome of its own making."""
    header = f"{{'op': 'outcome', 'values': {values}, 'arrays': {arrays}}}"
    return RAW + inside(f"raw({header}, {body})")


attack(
    "holds-the-right-numbers",
    "right numbers in an object, which the rule can't go on from",
    """
    import numpy as np
    class Box:
        def __init__(self, held): self.held = held
        def __array__(self, dtype=None, copy=None): return self.held
    def momentum_step(theta, grad, v, *, lr, beta=0.9):
        v = beta * v + lr * grad
        return Box(theta - v), Box(v)
    """,
    lost=NONE,
    flag="__array__",
)
attack(
    "stops-the-reference",
    "a state of truth values, which the reference can't subtract at the next step",
    edit=solved_by(
        "heavy_ball_step",
        """
        def heavy_ball_step(theta, grad, theta_prev, *, lr, beta=0.9):
            return theta > 0, theta_prev > 0
        """,
    ),
    lost=frozenset(["heavy_ball_step"]),
)
attack("asks-ragged", "a list with holes", edit=asks("grad_fn([[1], [1, 2]])"), lost=NESTEROV)
attack(
    "asks-with-a-seed",
    "a generator that can't be made",
    edit=asks(
        """
        from descentlab import answering
        from descentlab.calls import Seeded
        answering._ask(answering.LINK, "grad_fn", (Seeded(-1),), {})
        """
    ),
    lost=NESTEROV,
)
attack("asks-oneself", "the function given to itself", edit=asks("grad_fn(grad_fn)"), lost=NESTEROV)
attack(
    "asks-in-threads",
    "many questions at once",
    edit=asks(
        """
        import threading
        for i in range(9): threading.Thread(target=grad_fn, args=(theta,)).start()
        """
    ),
    lost=NESTEROV,
)
attack(
    "too-large-to-send",
    "an array larger than a frame",
    inside("import numpy as np\nreturn np.zeros(9_000_000)"),
    reason="",
)
attack("long-type-name", "a type's name of 4 MB", outcome("[{'other': 'A' * 3_900_000}]"))
attack(
    "array-of-nothing",
    "an array of 7 GB of pointers, which has none",
    outcome("[{'l': [{'o': 'x', 'shape': [900_000_000]}]}]"),
    reason="forged",
)
attack(
    "no-length",
    "an array with lengths of 67 million and no entry",
    outcome("[{'a': 0}]", "[['<f8', [0, 67_000_000, 67_000_000]]]"),
)
attack(
    "big-endian",
    "numbers the other way round",
    outcome("[{'a': 0}]", "[['>f8', [1]]]", "bytes(8)"),
    reason="forged",
)
attack(
    "double-keys",
    "a header that says two things",
    RAW + inside('raw(b\'{"op": "outcome", "op": "verdict", "points": 22, "arrays": []}\')'),
    flag="out of turn",
)
attack(
    "empty-packet",
    "a packet of no bytes, as a closed end looks",
    RAW + inside("answering.LINK.end.send(b'')"),
    reason="crashed",
)
attack(
    "next-cells-order",
    "a cell that ends, goes on, and takes the next cell's order",
    RAW
    + """
from descentlab.wire import header_of
def done(): raw({"op": "done", "turn": answering.TURN, "ended": "", "arrays": []})
done()
answering.TURN = header_of(answering.LINK.receive())["turn"]
answering.offer(lambda theta, grad, v, *, lr, beta: (theta, v), is_question=False,
                link=answering.LINK)
done()
"""
    + WRONG,
    flag="out of turn",
)
attack(
    "ends-no-handler-expects",
    "an exception that isn't an Exception",
    "class Odd(BaseException): pass\n" + inside("raise Odd"),
    reason="",
)
attack("interrupts-itself", "KeyboardInterrupt", inside("raise KeyboardInterrupt"), reason="")
attack(
    "text-that-raises",
    "an exception whose text can't be asked for",
    "class Odd(Exception):\n    def __str__(self): raise SystemExit\n" + inside("raise Odd"),
    reason="",
)
attack(
    "memory-as-an-array",
    "an array at the address 0",
    "class Here:\n    __array_interface__ = "
    "{'shape': (2,), 'typestr': '<f8', 'data': (0, False), 'version': 3}\n"
    + inside("return Here(), Here()"),
    reason="",
)
attack(
    "tex-in-error",
    "a link in a formula on the card",
    "Odd = type('$" + TEX.replace("\\", "\\\\") + "$', (Exception,), {})\n" + inside("raise Odd()"),
)
attack(
    "escapes-in-flag",
    "a flag that would set the teacher's terminal's title",
    WRONG + "!\x1b]0;hacked\x07\x1b[2J\u202e echo\n",
    flag="a command outside of Python",
)
attack(
    "import-behind-magic",
    "an import that isn't seen behind a cell magic",
    "%%capture\nimport ctypes\n" + WRONG,
    flag="imports ctypes",
)
attack(
    "name-in-wide-letters",
    "the name in other letters, which Python takes for the same",
    RIGHT.replace("momentum", "\uff4domentum"),
    lost=NONE,
)
attack(
    "locks",
    "a lock on a file that other rooms see as well",
    """
    import ctypes, fcntl
    with open(ctypes.__file__) as file:
        for ask in (lambda: fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB),
                    lambda: fcntl.fcntl(file, fcntl.F_GETLK, bytes(32)),
                    lambda: fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)):
            try: ask()
            except OSError: continue
            raise RuntimeError("a lock")
    """
    + RIGHT.replace("\n", "\n    "),
    lost=NONE,
    flag="imports fcntl",
)
attack(
    "doors-of-the-kernel",
    "calls that reach other processes, namespaces, mounts, sockets, logs",
    """
    import ctypes, platform
    libc = ctypes.CDLL(None, use_errno=True)
    X86 = (101, 103, 105, 117, 155, 161, 165, 206, 248, 250, 272, 298, 308, 310, 312, 319, 321, 323,
           425, 428, 435, 438, 451)
    if platform.machine() == "x86_64":
        for number in X86:
            assert libc.syscall(number, 0, 0, 0, 0, 0, 0) == -1, number
        for family in (2, 10, 16, 17, 38, 40):
            assert libc.syscall(41, family, 3, 0) == -1, family
        assert libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0) == -1
        assert libc.syscall(0x40000000 + 39) == -1
    """
    + RIGHT.replace("\n", "\n    "),
    lost=NONE,
    flag="imports ctypes",
)
attack(
    "importer-that-exits",
    "every later import ends the program",
    own="""
    import os, sys
    class Exits:
        def find_spec(self, *given): os._exit(3)
    sys.meta_path.insert(0, Exits())
    """,
    lost=NONE,
)
attack("prints", "a million lines", own="for i in range(10**6): print(i)", lost=NONE)
attack(
    "displays",
    "one display, changed without end",
    own="""
    from IPython.display import display
    for i in range(10**6): display(i, display_id="one")
    """,
    lost=NONE,
)


def all_raw(notebook):
    for cell in notebook.cells:
        cell.cell_type = "raw"
        for name in ("outputs", "execution_count"):
            cell.pop(name, None)


def one_grade_id(notebook):
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["grade_id"] = TARGET


def no_cells(data):
    text = b'"cells": [null, 3, [], {"cell_type": {}}, {"source": {"a": 1}}, {"level": 1e999},'
    return data.replace(b'"cells": [', text, 1)


attack("all-raw", "every cell a raw one", edit=all_raw, lost=NONE, flag="type of cell")
attack("one-grade-id", "one grade id for all cells", edit=one_grade_id, lost=NONE)
attack("other-entries", "entries that are no cells", raw=no_cells, lost=NONE, flag="are no cells")
attack(
    "cells-twice",
    "a file with two lists of cells",
    raw=lambda data: data.rstrip().removesuffix(b"}") + b', "cells": []}',
    attention=True,
)
attack(
    "number-of-digits",
    "a number of 100,000 digits",
    raw=lambda data: data.replace(b'"nbformat_minor": ', b'"a": ' + b"9" * 100_000 + b', "b": '),
    lost=NONE,
)
attack("utf-16", "another alphabet", raw=lambda data: data.decode().encode("utf-16"), lost=NONE)
