"""Submissions put onto their lesson: whatever happened to a notebook, the answers in it count."""

import base64
import json
import struct
import time
import tracemalloc
import zlib
from copy import deepcopy

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.notebooks import fill
from autograder.notebooks.build import to_text
from autograder.notebooks.canon import CHECK, OWN, canonical, places
from autograder.notebooks.rebuild import NotANotebook, Unrebuildable, rebuild
from autograder.notebooks.source import solution_file
from autograder.notebooks.submission import marked_cells, read_notebook

LESSON, NAME, CHECKED = "03_momentum", "momentum_step", "momentum_step__check"
QUESTION, WHY = "friction", "momentum__why"
ANSWER = f"def {NAME}(theta, grad, v, *, lr, beta=0.9):\n    return theta - 1, v  # mine"
WORDS = "Because it remembers, $v > 0$."


@pytest.fixture(scope="module")
def released(root):
    return canonical(root, LESSON)


@pytest.fixture(scope="module")
def answered(root, released):
    """A notebook in which everything is answered, the free text as well."""
    solution = read_notebook(solution_file(root, LESSON))
    notebook = fill.filled(
        released, {n: fill.right(n, solution) for n, _ in marked_cells(released)}
    )
    cell(notebook, NAME).source = ANSWER
    cell(notebook, WHY).source = WORDS
    return notebook


def cell(notebook, name):
    return next(c for c in notebook.cells if c.get("id") == name)


def position(notebook, name):
    return notebook.cells.index(cell(notebook, name))


def handed_in(notebook):
    return json.dumps(notebook).encode()


def texts(rebuilt):
    """What stands in the cells that nbgrader knows."""
    return {name: c.source for name, c in marked_cells(rebuilt.notebook)}


def kinds(rebuilt):
    return {repair.kind for repair in rebuilt.repairs}


def own(rebuilt):
    return [c.source for c in rebuilt.notebook.cells if c.id.startswith("own-")]


def new_code(source, **more):
    made = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    return nbformat.from_dict({**made, "execution_count": None, **more})


def new_text(source, **more):
    return nbformat.from_dict({"cell_type": "markdown", "source": source, "metadata": {}, **more})


def test_every_lesson_comes_out_as_it_is(root):
    from autograder.notebooks.source import lesson_file, lessons_in

    for name in lessons_in(root, ".ipynb"):
        released = canonical(root, name)
        rebuilt = rebuild(released, lesson_file(root, name).read_bytes())
        assert to_text(rebuilt.notebook) == lesson_file(root, name).read_text(encoding="utf-8")
        assert (rebuilt.repairs, rebuilt.flags) == ((), ()), name


def test_every_teachers_answer_is_no_reason_for_a_flag(root):
    from autograder.notebooks.source import lessons_in

    for name in lessons_in(root, ".ipynb"):
        solution = solution_file(root, name).read_bytes()
        rebuilt = rebuild(canonical(root, name), solution)
        assert rebuilt.flags == (), name
        assert kinds(rebuilt) <= {"metadata_changed"}, name


def test_steps_name_every_code_cell_and_what_it_is_for(released, answered):
    before = deepcopy(released)
    rebuilt = rebuild(released, handed_in(answered))
    assert released == before
    code = [i for i, c in enumerate(rebuilt.notebook.cells) if c.cell_type == "code"]
    assert [step.index for step in rebuilt.steps] == code
    roles = {rebuilt.notebook.cells[s.index].id: (s.role, s.name) for s in rebuilt.steps}
    assert roles["cell-001"] == roles["cell-003"] == ("setup", "")  # imports, and a given rule
    assert roles["cell-009"] == ("experiment", "")
    assert roles[NAME] == ("solution", NAME)
    assert roles[CHECKED] == ("check", NAME)
    assert roles[f"{QUESTION}__check"] == ("check", QUESTION)


def png():
    """One grey pixel."""

    def chunk(name, data):
        crc = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\x00\x80")
    parts = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def copied_below(nb):
    """JupyterLab copies a cell with its metadata, and gives the copy a new id."""
    at = position(nb, NAME)
    other = deepcopy(nb.cells[at]) | {"id": "abc123", "source": ANSWER.replace("- 1", "- 2")}
    nb.cells.insert(at + 1, nbformat.from_dict(other))


def copied_without_the_first(nb):
    """Two cells of one grade id, neither in the lesson's own cell: the last above the check."""
    copied_below(nb)
    cell(nb, NAME)["id"] = "xyz"
    cell(nb, "abc123").source, cell(nb, "xyz").source = ANSWER, ANSWER.replace("- 1", "- 2")
    late = deepcopy(cell(nb, "abc123")) | {"id": "late", "source": ANSWER.replace("- 1", "- 3")}
    nb.cells.insert(position(nb, CHECKED) + 1, nbformat.from_dict(late))


def blank_original(nb):
    """The answer was written into the copy, and the lesson's own cell left as it was."""
    copied_below(nb)
    cell(nb, "abc123").source = ANSWER
    cell(nb, NAME).source = f"def {NAME}(theta):\n    raise NotImplementedError"


def check_copied(nb):
    at = position(nb, CHECKED)
    nb.cells.insert(at, nbformat.from_dict(deepcopy(nb.cells[at]) | {"id": "copy"}))


def retyped(nb):
    at = position(nb, NAME)
    nb.cells[at] = new_code(ANSWER, id="a1b2")


def split(nb):
    """The solution's cell was deleted, and one with another cell's mark holds the answer."""
    at = position(nb, NAME)
    nb.cells[at] = new_code(ANSWER, metadata={"nbgrader": {"grade_id": CHECKED}})


def without_metadata(nb):
    for c in nb.cells:
        c.metadata = nbformat.from_dict({})


def without_ids(nb):
    nb.nbformat_minor = 4
    for c in nb.cells:
        c.pop("id", None)


def without_anything(nb):
    without_metadata(nb)
    without_ids(nb)


def garbage(nb):
    for number, c in enumerate(nb.cells):
        c.metadata = [{"nbgrader": number}, {"nbgrader": {"grade_id": [1]}}, 7, None][number % 4]


def reordered(nb):
    nb.cells.reverse()


def to_markdown(nb):
    at = position(nb, NAME)
    nb.cells[at] = new_text(ANSWER, id=NAME, metadata=nb.cells[at].metadata)


def to_raw(nb):
    cell(nb, NAME)["cell_type"] = "raw"


def to_code(nb):
    cell(nb, WHY)["cell_type"] = "code"


def checks_edited(nb):
    for name, c in marked_cells(nb):
        if name.endswith("__check"):
            c.source = "check = lambda *a: 22.0\n22.0"


def imports_edited(nb):
    cell(nb, "cell-001").source = "import sys"


def checks_deleted(nb):
    nb.cells = [c for c in nb.cells if not c.id.endswith("__check")]


def lies(nb):
    for _name, c in marked_cells(nb):
        c.metadata.nbgrader.update(points=1000, locked=True, solution=False, grade=True)
        c.metadata["tags"] = ["skip-execution", "experiment"]


def lines(nb):
    for c in nb.cells:
        c["source"] = c.source.splitlines(keepends=True)


def odd_sources(nb):
    nb.cells.insert(0, {"cell_type": "code", "source": None})
    nb.cells.insert(0, {"cell_type": ["code"], "source": [1, None, "x"]})
    nb.cells.insert(0, {})


def no_cells_between(nb):
    for junk in (None, 3, "cell", [], [[]]):
        nb.cells.insert(5, junk)


def same_ids(nb):
    for c in nb.cells:
        c["id"] = "one"


def other_kernel(nb):
    nb.metadata = {"kernelspec": {"name": "ir", "language": "R"}, "language_info": {"name": "R"}}


def no_notebook_metadata(nb):
    nb.metadata = None
    nb.nbformat = "four"


def carriage_returns(nb):
    for c in nb.cells:
        c["source"] = c.source.replace("\n", "\r\n")


HARMED = {
    copied_below: {"copied"},
    copied_without_the_first: {"copied"},
    blank_original: {"copied"},
    check_copied: {"check_copied"},
    retyped: {"retyped"},
    split: {"retyped"},
    without_metadata: {"metadata_lost"},
    without_ids: set(),
    without_anything: {"retyped"},
    garbage: {"metadata_lost"},
    reordered: {"reordered"},
    to_markdown: {"converted"},
    to_raw: {"converted"},
    to_code: {"converted"},
    checks_edited: {"deleted"},
    imports_edited: {"setup_changed"},
    checks_deleted: {"deleted"},
    lies: {"metadata_changed"},
    lines: set(),
    odd_sources: set(),
    no_cells_between: {"not_a_cell"},
    same_ids: set(),
    other_kernel: {"kernelspec"},
    no_notebook_metadata: set(),
    carriage_returns: set(),
}


@pytest.mark.parametrize("harm", HARMED, ids=lambda harm: harm.__name__)
def test_a_harmed_notebook_is_put_right(released, answered, harm):
    """Every answer is in its cell, the lesson's cells are the lesson's, and it says what it did."""
    notebook = deepcopy(answered)
    harm(notebook)
    rebuilt = rebuild(released, handed_in(notebook))
    expected = texts(rebuild(released, handed_in(answered)))
    assert texts(rebuilt) == expected
    assert expected[NAME] == ANSWER
    found = {kind.removesuffix("_all") for kind in kinds(rebuilt)}
    assert found == HARMED[harm]
    unmarked = [c for c in rebuilt.notebook.cells if not c.id.startswith("own-")]
    for made, ours in zip(unmarked, released.cells, strict=True):
        assert (made.id, made.cell_type, made.metadata) == (ours.id, ours.cell_type, ours.metadata)
    nbformat.validate(rebuilt.notebook)
    assert all(repair.text and "{" not in repair.text for repair in rebuilt.repairs)


def test_what_is_deleted_comes_back_unanswered(released, answered):
    notebook = deepcopy(answered)
    notebook.cells = [c for c in notebook.cells if c.id not in (NAME, WHY, "cell-001")]
    rebuilt = rebuild(released, handed_in(notebook))
    assert texts(rebuilt)[NAME] == cell(released, NAME).source
    assert texts(rebuilt)[WHY] == cell(released, WHY).source
    assert [r.cell for r in rebuilt.repairs] == ["cell-001", NAME, WHY]
    assert kinds(rebuilt) == {"deleted"}


def test_copies_run_at_their_place(released, answered):
    notebook = deepcopy(answered)
    copied_without_the_first(notebook)
    rebuilt = rebuild(released, handed_in(notebook))
    ids = [c.id for c in rebuilt.notebook.cells]
    at = ids.index(NAME)
    assert ids[at - 1 : at + 3] == ["own-1", NAME, CHECKED, "own-2"]
    assert own(rebuilt) == [ANSWER.replace("- 1", "- 2"), ANSWER.replace("- 1", "- 3")]
    roles = [s.role for s in rebuilt.steps if rebuilt.notebook.cells[s.index].id[:4] == "own-"]
    assert roles == [OWN, OWN]


def test_own_cells_stay_behind_the_cell_that_they_followed(released, answered):
    notebook = deepcopy(answered)
    notebook.cells.insert(position(notebook, NAME), new_code("%matplotlib inline\nhelper = 1"))
    notebook.cells.insert(position(notebook, CHECKED), new_code("!ls", id="cell id"))
    notebook.cells.insert(0, new_text("*mine* <b>bold</b>"))
    notebook.cells.append(new_code("last = 1"))
    rebuilt = rebuild(released, handed_in(notebook))
    ids = [c.id for c in rebuilt.notebook.cells]
    assert ids[0] == "own-1"
    assert ids[ids.index("cell-011") + 1 : ids.index(CHECKED) + 1] == [
        "own-2",
        NAME,
        "own-3",
        CHECKED,
    ]
    assert ids[-1] == "own-4"
    assert own(rebuilt)[1:] == ["%matplotlib inline\nhelper = 1", "!ls", "last = 1"]
    assert "<b>" not in own(rebuilt)[0]
    assert all(not c.metadata for c in rebuilt.notebook.cells if c.id.startswith("own-"))
    reversed_cells = deepcopy(notebook)
    reversed_cells.cells.reverse()
    assert set(own(rebuild(released, handed_in(reversed_cells)))) == set(own(rebuilt))


def test_lines_added_to_the_lessons_cells_run_as_own_cells(released, answered):
    """Neither `import math` among the imports nor an answer typed above the check is lost."""
    notebook = deepcopy(answered)
    cell(notebook, "cell-001").source += "\nimport math"
    cell(notebook, NAME).source = cell(released, NAME).source
    cell(notebook, CHECKED).source = f"{ANSWER}\n\ncheck({NAME})"
    rebuilt = rebuild(released, handed_in(notebook))
    ids = [c.id for c in rebuilt.notebook.cells]
    assert ids[2] == "own-1"
    assert ids[ids.index(NAME) + 1 : ids.index(NAME) + 3] == ["own-2", CHECKED]
    assert own(rebuilt) == ["import math", ANSWER]
    assert kinds(rebuilt) == {"setup_extended", "check_extended"}
    assert texts(rebuilt)[CHECKED] == f"check({NAME})"


def test_experiments_are_the_lessons_and_keep_the_students_pictures(released, answered):
    notebook = deepcopy(answered)
    picture = base64.b64encode(png()).decode()
    data = {"image/png": picture, "text/html": "<script>1</script>", "text/plain": "<Figure>"}
    shown = {"output_type": "display_data", "data": data, "metadata": {"evil": 1}}
    cell(notebook, "cell-015").update(source="1 / 0", outputs=[shown])
    cell(notebook, "cell-009").source = "my_guess_shelf = 30"
    cell(notebook, NAME)["outputs"] = [shown]
    rebuilt = rebuild(released, handed_in(notebook))
    made = cell(rebuilt.notebook, "cell-015")
    assert made.source == cell(released, "cell-015").source
    assert [o.data for o in made.outputs] == [{"image/png": picture, "text/plain": "<Figure>"}]
    assert made.outputs[0].metadata == {}
    assert cell(rebuilt.notebook, "cell-009").source.startswith("my_guess_shelf = None")
    assert cell(rebuilt.notebook, NAME).outputs == []
    assert rebuilt.repairs == ()


def test_a_changed_experiment_without_an_id_does_not_run_as_an_own_cell(released, answered):
    notebook = deepcopy(answered)
    changed = cell(notebook, "cell-015")
    changed.source = changed.source.replace("values", "heights")
    assert changed.source != cell(released, "cell-015").source
    without_anything(notebook)
    assert own(rebuild(released, handed_in(notebook))) == []


def test_a_guess_without_an_id_does_not_run_as_an_own_cell(released, answered):
    notebook = deepcopy(answered)
    cell(notebook, "cell-009").source = "my_guess_shelf = 30"
    without_anything(notebook)
    assert own(rebuild(released, handed_in(notebook))) == []


@pytest.mark.parametrize("version", [3, 2])
def test_an_old_format_is_read(released, answered, version):
    old = nbformat.convert(deepcopy(answered), 3)
    assert "worksheets" in old
    old.nbformat = version
    rebuilt = rebuild(released, handed_in(old))
    assert texts(rebuilt) == texts(rebuild(released, handed_in(answered)))
    assert "old_format" in kinds(rebuilt)


@pytest.mark.parametrize(
    ("encoding", "kind"),
    [
        ("utf-8-sig", "bom"),
        ("utf-16", "encoding"),
        ("utf-16-le", "encoding"),
        ("utf-32", "encoding"),
        ("latin-1", "letters_lost"),
    ],
)
def test_other_encodings_are_read(released, answered, encoding, kind):
    notebook = deepcopy(answered)
    cell(notebook, NAME).source = f"{ANSWER} é"
    data = json.dumps(notebook, ensure_ascii=False).encode(encoding, errors="replace")
    rebuilt = rebuild(released, data)
    assert kind in kinds(rebuilt)
    assert texts(rebuilt)[NAME].startswith(ANSWER)


@pytest.mark.parametrize(
    ("data", "refusal", "said"),
    [
        (b"", NotANotebook, "empty"),
        (b" \n", NotANotebook, "empty"),
        (b"no notebook", NotANotebook, "JSON"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", NotANotebook, "JSON"),
        (b"{}", NotANotebook, "no cells"),
        (b"[]", NotANotebook, "something else"),
        (b'{"cells": 3}', NotANotebook, "no cells"),
        (b"[" * 200_000, NotANotebook, "deeper"),
        (b'{"cells": ' + b'{"a":' * 100_000, NotANotebook, "deeper"),
        (b'{"cells": []}', Unrebuildable, "none of the lesson"),
        (b'{"cells": [{"cell_type": "code", "source": "x = 1"}]}', Unrebuildable, "none of"),
        (b'{"cells": [\n<<<<<<< HEAD\n=======\n>>>>>>> x\n]}', NotANotebook, "merged"),
        (b'{"cells": ["' + b'\\"' * 15_000_000, Unrebuildable, "MB"),
        (b'{"cells": [' + b"[]," * 9_000_000, Unrebuildable, "MB"),
        (b"9" * 100_000, NotANotebook, "something else"),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else None,
)
def test_what_is_no_notebook_of_the_lesson_is_refused_with_a_sentence(
    released, data, refusal, said
):
    with pytest.raises(refusal, match=said) as refused:
        rebuild(released, data)
    assert str(refused.value)[0].isupper()
    assert str(refused.value).endswith(".")


def test_a_truncated_file_is_refused(released, answered):
    data = handed_in(answered)
    with pytest.raises(NotANotebook, match="cut off"):
        rebuild(released, data[: len(data) // 2])


def test_another_lessons_notebook_is_refused(root, released):
    other = canonical(root, "04_adaptive")
    with pytest.raises(Unrebuildable, match="adagrad_step"):
        rebuild(released, handed_in(other))


def test_large_outputs_cost_neither_time_nor_memory(released, answered):
    """60 MB of outputs, in one string and in a million small pieces."""
    notebook = deepcopy(answered)
    pieces = [{"output_type": "stream", "text": ["x", 'a "quoted" [', "\\"]}] * 300_000
    cell(notebook, "cell-015").outputs = pieces
    text = {"output_type": "stream", "name": "stdout", "text": "y" * 40_000_000}
    cell(notebook, NAME).outputs = [text]
    data = handed_in(notebook)
    assert len(data) > 55_000_000
    del notebook, pieces, text
    tracemalloc.start()
    rebuilt = rebuild(released, data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert texts(rebuilt) == texts(rebuild(released, handed_in(answered)))
    assert kinds(rebuilt) == {"outputs_dropped"}
    assert peak < 3 * len(data)


def test_a_million_small_outputs_are_cut_out_of_a_small_file(released, answered):
    notebook = deepcopy(answered)
    cell(notebook, "cell-015").outputs = [{}] * 1_200_000
    data = handed_in(notebook)
    assert len(data) < 6_000_000
    assert kinds(rebuild(released, data)) == {"outputs_dropped"}


def test_thousands_of_cells_are_read_in_a_moment(released, answered):
    notebook = deepcopy(answered)
    copies = [dict(cell(notebook, NAME), id=f"c{i}", source=f"{ANSWER} {i}") for i in range(2500)]
    notebook.cells += copies + [new_code(f"x{i} = {i}") for i in range(2500)]
    before = time.process_time()
    rebuilt = rebuild(released, handed_in(notebook))
    spent = time.process_time() - before
    assert texts(rebuilt)[NAME] == ANSWER
    assert len(own(rebuilt)) == 2000
    assert kinds(rebuilt) == {"copied", "too_many"}
    assert spent < 30, "quadratic somewhere"


def test_a_book_in_a_cell_is_left_out(released, answered):
    notebook = deepcopy(answered)
    cell(notebook, NAME).source = "#" * 200_000
    notebook.cells.append(new_code("#" * 200_000))
    rebuilt = rebuild(released, handed_in(notebook))
    assert texts(rebuilt)[NAME] == cell(released, NAME).source
    assert [r.kind for r in rebuilt.repairs] == ["too_long", "too_long"]
    assert own(rebuilt) == []


def test_a_book_in_a_text_cell_is_cut_and_says_so(released, answered):
    notebook = deepcopy(answered)
    cell(notebook, WHY).source = WORDS + "a " * 20_000
    notebook.cells += [new_text("b " * 20_000) for _ in range(50)]
    rebuilt = rebuild(released, handed_in(notebook))
    assert texts(rebuilt)[WHY].startswith(WORDS)
    assert texts(rebuilt)[WHY].endswith("[Left out here: the rest of this text.]")
    assert kinds(rebuilt) == {"text_cut", "texts_dropped"}
    assert len(own(rebuilt)) == 2


def test_much_code_is_read_in_a_moment(released, answered):
    """What can't be looked through without taking long is flagged, and counts all the same."""
    notebook = deepcopy(answered)
    long = "def f():\n" + "    x = g(a, b)[0] + 1\n" * 4000
    notebook.cells += [new_code(long) for _ in range(20)]
    notebook.cells += [new_code(f"{ANSWER}\n{long}", id=NAME) for _ in range(20)]
    before = time.process_time()
    rebuilt = rebuild(released, handed_in(notebook))
    assert time.process_time() - before < 30, "all of it was parsed"
    assert texts(rebuilt)[NAME] == ANSWER
    assert "more code than was looked through" in rebuilt.flags[0]
    assert len(own(rebuilt)) == 40


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import scipy.optimize", "scipy.optimize"),
        ("from descentlab import train", "descentlab"),
        ("import ctypes, sys, gc, inspect", "ctypes"),
        ("import numpy.ctypeslib", "numpy.ctypeslib"),
        (f"def {NAME}(*a):\n    return train(MLP)", "MLP"),
        ("x = ().__class__.__subclasses__()", "__subclasses__"),
        ("import math\nx = math.__dict__", "__dict__"),
        ("eval('1')", "eval()"),
        ("getattr(f, 'f_back')", "f_back"),
        ("def check(*a):\n    return 22.0", "check"),
        ("np.allclose = lambda *a: True", "np.allclose"),
        ("class Same:\n    def __eq__(self, other):\n        return True", "__eq__"),
        ("!cat /etc/passwd", "!cat"),
        ("%%bash\nls", "%%bash"),
        ("from autograder import reference", "autograder"),
        ("import os", "os"),
    ],
)
def test_what_reaches_beyond_the_exercise_is_flagged(released, answered, source, said):
    notebook = deepcopy(answered)
    cell(notebook, NAME).source = source
    rebuilt = rebuild(released, handed_in(notebook))
    assert any(said in flag and NAME in flag for flag in rebuilt.flags), rebuilt.flags


@pytest.mark.parametrize(
    "source",
    [
        ANSWER,
        "import math\nfrom functools import partial\nimport numpy as np",
        "this is no Python",
        "-" * 60_000 + "1",
        "(" * 60_000,
        "x" + ".a" * 40_000,
    ],
    ids=lambda source: source[:20],
)
def test_an_ordinary_answer_is_not_flagged(released, answered, source):
    notebook = deepcopy(answered)
    cell(notebook, NAME).source = source
    assert rebuild(released, handed_in(notebook)).flags == ()


def test_own_cells_may_use_the_bench_but_not_the_inside(released, answered):
    notebook = deepcopy(answered)
    notebook.cells.append(new_code("from descentlab import train\nimport matplotlib.pyplot as plt"))
    assert rebuild(released, handed_in(notebook)).flags == ()
    notebook.cells.append(new_code("import gc"))
    assert "gc" in rebuild(released, handed_in(notebook)).flags[0]


def test_text_that_no_file_takes_is_made_writable(released, answered):
    notebook = deepcopy(answered)
    cell(notebook, NAME).source = f"{ANSWER} \ud800 \x00"
    rebuilt = rebuild(released, json.dumps(notebook).encode())
    to_text(rebuilt.notebook).encode("utf-8")
    assert texts(rebuilt)[NAME] == f"{ANSWER} \ufffd \ufffd"


def test_canonical_is_made_from_the_solutions_and_follows_a_change(root, tmp_path):
    file = solution_file(tmp_path, LESSON)
    file.parent.mkdir(parents=True)
    file.write_bytes(solution_file(root, LESSON).read_bytes())
    first = canonical(tmp_path, LESSON)
    first.cells[0].source = "changed by a caller"
    assert canonical(tmp_path, LESSON) == canonical(root, LESSON)
    changed = read_notebook(file)
    changed.cells[0].source = "# Another title"
    file.write_text(to_text(changed), encoding="utf-8")
    assert canonical(tmp_path, LESSON).cells[0].source == "# Another title"


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["swap", "copy", "marks", "id", "tags", "kind", "own"]),
        st.integers(0, 87),
        st.integers(0, 87),
    ),
    max_size=25,
)


def changed(notebook, changes):
    """Do to a notebook what people and programs do to notebooks; no answer's text is touched."""
    for number, (what, one, other) in enumerate(changes):
        cells = notebook.cells
        target = cells[one % len(cells)]
        if what == "swap":
            there = other % len(cells)
            cells[one % len(cells)], cells[there] = cells[there], target
        elif what == "copy":
            cells.insert(other, nbformat.from_dict(deepcopy(target) | {"id": f"copy{number}"}))
        elif what == "marks":
            target.metadata.pop("nbgrader", None)
        elif what == "id":
            target["id"] = f"lost{number}"
        elif what == "tags":
            target.metadata["tags"] = ["skip-execution"]
        elif what == "kind" and target.cell_type == "code":
            target["cell_type"] = "raw"
        elif what == "own":
            cells.insert(other, new_code(f"own_{number} = {number}", id=f"own{number}"))
    return notebook


@settings(max_examples=60, deadline=None)
@given(changes=CHANGES)
def test_no_change_loses_an_answer(released, answered, changes):
    """Each answer stands in its cell; the free text at least in one of the student's own."""
    rebuilt = rebuild(released, handed_in(changed(deepcopy(answered), changes)))
    found = texts(rebuilt)
    for name, ours in marked_cells(answered):
        if name != WHY:
            assert found[name] == ours.source, name
    assert any(WORDS in text for text in [found[WHY], *own(rebuilt)])
    made = {f"own_{number}" for number, (what, *_) in enumerate(changes) if what == "own"}
    assert made == {text.split(" ")[0] for text in own(rebuilt) if text.startswith("own_")}
    nbformat.validate(rebuilt.notebook)
    order = [c.id for c in rebuilt.notebook.cells if not c.id.startswith("own-")]
    assert order == [c.id for c in released.cells]
    checks = [s.name for s in rebuilt.steps if s.role == CHECK]
    assert checks == [p.exercise for p in places(released) if p.role == CHECK]


@settings(max_examples=30, deadline=None)
@given(changes=CHANGES)
def test_rebuilding_once_more_changes_nothing(released, answered, changes):
    once = rebuild(released, handed_in(changed(deepcopy(answered), changes)))
    again = rebuild(released, handed_in(once.notebook))
    assert to_text(again.notebook) == to_text(once.notebook)
    assert again.repairs == ()
    assert again.steps == once.steps


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=12,
)
KEYS = ["cell_type", "metadata", "source", "outputs", "id", "attachments"]


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(JSON | st.dictionaries(st.sampled_from(KEYS), JSON), max_size=6),
    metadata=JSON,
    at=st.integers(0, 80),
)
def test_no_json_stops_the_engine(released, answered, cells, metadata, at):
    notebook = deepcopy(answered)
    mixed = {**notebook, "cells": [*notebook.cells[:at], *cells, *notebook.cells[at:]]}
    rebuilt = rebuild(released, json.dumps({**mixed, "metadata": metadata}).encode())
    assert texts(rebuilt)[NAME] == ANSWER
    to_text(rebuilt.notebook).encode("utf-8")


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200))
def test_no_bytes_stop_the_engine(released, data):
    with pytest.raises((NotANotebook, Unrebuildable)):
        rebuild(released, data)
