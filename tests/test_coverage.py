"""The course covers the documents: the plan against their sections, notebooks and exercises."""

import re
from dataclasses import replace

import pytest

from autograder import reference
from autograder.notebooks import overview
from autograder.notebooks.errors import LessonError
from autograder.notebooks.overview import Place, findings, read_plan, write_overview
from autograder.notebooks.source import lessons_in, solution_file, topic_of
from autograder.notebooks.submission import read_notebook

SECTIONS = {
    "KK": """
        parameter initialization: constant, symmetry | parameter initialization: random
        parameter initialization: Xavier/He | batch, mini-batch, SGD | plain step | momentum
        Adagrad | RMSprop | Adam | checkpoint: constant parameters
        checkpoint: batch, mini-batch, SGD | checkpoint: how momentum works
    """,
    "ALR": """
        stuck ≠ small gradient | the valley with two rates | RMS | Adagrad | RMSprop | Adam
        scheduling: decay | the burst | warm-up | RAdam | summary formula | batch norm named
    """,
    "SL2": """
        training | gradient descent | convexity | smoothness | rates | acceleration: Newton
        acceleration: momentum | acceleration: Nesterov | SGD | epoch | noise | batch size
        the list of improvements | over- and underfitting | weight decay | LASSO
        data preparation and augmentation | dropout | early stopping | initialization
        pretrained initialization | gradient clipping | batch normalization
        named: residual network | named: densely connected network | named: deconvolution
        named: fully convolutional network | Google Colab, announced and never written
    """,
    "ONN": """
        6-1: batches | 6-1: epoch and step | 6-1: losses | 6-1: flow chart | 6-1: Demo 6-1
        6-2: gradient descent | 6-2: several variables | 6-2: learning rate | 6-2: its weakness
        6-2: momentum | 6-3: the fixed rate's weakness | 6-3: Adagrad | 6-3: RMSprop
        6-3: Adam's Algorithm 1 | 6-3: Demo 6-3 | Corelab 1 | Corelab 2 | Corelab 3
        Lab 01 | Lab 02 | Lab 03
    """,
    "CS7": """
        SGD's problems: condition | SGD's problems: minima | SGD's problems: saddles
        SGD's problems: noise | momentum | Nesterov | AdaGrad | RMSProp | Adam, almost | Adam, full
        learning-rate decay | comparison pictures | first order | second order | L-BFGS
        in practice | ensembles | snapshots | Polyak | regularization: loss term
        regularization: dropout | regularization: augmentation | regularization: common patterns
        transfer learning | transfer learning: its table
    """,
}
"""Each document's sections, in its own order, read from the documents."""

ONLY_NAMED = {
    "residual network": "Deep Residual Learning",
    "densely connected network": "Densely Connected Convolutional Networks",
    "deconvolution": "convolution arithmetic",
    "fully convolutional network": "Semantic Segmentation",
}
"""What a document has as a heading without text -> a word of the pointer that the lesson gives."""

LESSONS = [
    "00_gradient_descent",
    "01_initialization",
    "02_minibatch",
    "03_momentum",
    "04_adaptive",
    "05_schedules",
    "06_regularization",
    "07_stability",
    "08_second_order",
    "09_ensembles_and_transfer",
]


@pytest.fixture(scope="module")
def plan(root):
    return read_plan(root)


def test_the_ten_lessons_are_there_in_order(root):
    assert lessons_in(root) == LESSONS
    assert [topic_of(lesson) for lesson in LESSONS] == list(reference.TOPICS)


def test_every_section_of_every_document_has_its_places(plan):
    written = {document.short: list(document.sections) for document in plan.documents}
    listed = {
        short: [part.strip() for part in re.split(r"[|\n]", text.strip())]
        for short, text in SECTIONS.items()
    }
    assert written == listed


def test_headings_exercises_and_questions_are_where_the_plan_says(plan):
    assert findings(plan) == []


def test_the_overview_is_what_would_be_written(root):
    assert write_overview(root, only_check=True) == [], "run `make lessons`"


def test_every_lesson_asks_a_question_and_sums_to_100_points(plan):
    for lesson in plan.lessons:
        assert lesson.points == 100
        assert lesson.question.endswith("?"), lesson.name
        assert re.search(r"\d s$", lesson.runs), lesson.name


def test_the_tables_in_the_overview_add_up(root):
    """As a reader would add them: the parts, their sums, and 100."""
    text = overview.readme_file(root).read_text()
    rows = re.findall(r"^\| (\d\d) \| (.+) \| (.+) \| (\d+) \| (\d+) \|$", text, re.M)
    assert [row[0] for row in rows] == [lesson[:2] for lesson in LESSONS]
    for number, *lists, free_text, total in rows:
        sums = []
        for listed in lists:
            parts, _, stated = listed.rpartition(": ")
            assert sum(float(p) for p in re.findall(r"` ([\d.]+)", parts)) == float(stated), number
            sums.append(float(stated))
        assert sum(sums) + float(free_text) == float(total) == 100, number


@pytest.mark.parametrize(("name", "pointer"), ONLY_NAMED.items())
def test_what_is_only_named_has_a_sentence_and_a_pointer(root, plan, name, pointer):
    (place,) = next(d for d in plan.documents if d.short == "SL2").sections[f"named: {name}"]
    notebook = read_notebook(solution_file(root, place.lesson))
    (cell,) = [c for c in notebook.cells if f"## {place.heading}" in c.source]
    (item,) = [i for i in cell.source.split("\n- ")[1:] if f"**{name}**" in i]
    assert pointer in " ".join(item.split())


def test_colab_is_explained_where_it_is_promised(root, plan):
    sections = next(d for d in plan.documents if d.short == "SL2").sections
    for place in sections["Google Colab, announced and never written"]:
        notebook = read_notebook(solution_file(root, place.lesson))
        (cell,) = [c for c in notebook.cells if f"### {place.heading}" in c.source]
        assert "pip install" in cell.source


# --- what must fail, shown to fail


def planted(plan, place):
    """The plan with one more place, in KK's section on momentum."""
    first, *rest = plan.documents
    sections = {**first.sections, "momentum": (*first.sections["momentum"], place)}
    return replace(plan, documents=(replace(first, sections=sections), *rest))


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (Place("11_quantum", "The rule"), "there is no lesson '11_quantum'"),
        (Place("03_momentum", "The rules"), "no heading 'The rules'"),
        (Place("03_momentum", "Predict, then run"), "or two"),
        (Place("03_momentum", "The rule", ("momentun_step",)), "momentun_step isn't asked below"),
        (Place("03_momentum", "The rule", ("nesterov_step",)), "nesterov_step isn't asked below"),
    ],
)
def test_a_wrong_place_is_found(plan, place, said):
    (finding,) = findings(planted(plan, place))
    assert finding.startswith("KK, momentum")
    assert said in finding


def test_a_section_without_a_place_is_found(plan):
    first, *rest = plan.documents
    bare = replace(first, sections={**first.sections, "plain step": ()})
    found = findings(replace(plan, documents=(bare, *rest)))
    assert found == ["KK: plain step has no place."]


def test_an_exercise_that_no_section_has_is_found(plan):
    without = [replace(d, sections={}) for d in plan.documents if d.short == "CS7"]
    rest = [d for d in plan.documents if d.short != "CS7"]
    found = findings(replace(plan, documents=(*rest, *without)))
    assert "08_second_order: no document's section has lbfgs_direction." in found


def test_points_that_dont_add_up_are_found(plan):
    first, *rest = plan.lessons
    odd = replace(first, free_text=first.free_text + 1)
    found = findings(replace(plan, lessons=(odd, *rest)))
    assert found == [f"{first.name}: its parts add up to 101 points, not 100."]


def test_a_lesson_that_isnt_listed_is_found(plan):
    (finding,) = findings(replace(plan, listed=plan.listed[1:]))
    assert finding.startswith("It lists the lessons 01_initialization")


def test_a_plan_with_a_fault_writes_nothing(root, tmp_path):
    (tmp_path / "solutions").symlink_to(root / "solutions")
    target = overview.course_file(tmp_path)
    target.parent.mkdir()
    text = overview.course_file(root).read_text()
    target.write_text(text.replace('heading = "The rule"', 'heading = "The ruler"'))
    with pytest.raises(LessonError, match="no heading 'The ruler'"):
        write_overview(tmp_path)
    assert not overview.readme_file(tmp_path).exists()
    target.write_text(text)
    assert write_overview(tmp_path) == [overview.readme_file(tmp_path)]
    assert write_overview(tmp_path) == []


def test_a_class_directory_without_a_plan_has_no_overview(tmp_path):
    assert write_overview(tmp_path) == []


def test_headings_in_fenced_blocks_are_none():
    assert overview.headings("# A\n```\n# no\n```\n## B") == [(1, "A"), (2, "B")]
