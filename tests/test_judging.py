"""The judge: right answers pass, wrong ones get their name, general faults their sentence."""

import copy
import time

import numpy as np
import pytest

from autograder import exercises, judge, reference
from autograder.comparing import fit
from autograder.evidence import call_plainly
from autograder.exercises.slips import Slip, apply_edits, overlapping
from autograder.naming import frozen, predict
from descentlab import AdamState, RmsState
from tests.mutants import variants

FUNCTIONS = [
    exercise
    for topic in reference.TOPICS
    for exercise in exercises.lesson(topic)
    if not exercise.is_question
]
QUESTIONS = [
    exercise
    for topic in reference.TOPICS
    for exercise in exercises.lesson(topic)
    if exercise.is_question
]
SEEDS = range(3)


def by_name(exercise):
    return exercise.name


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=by_name)
def test_right_answers_pass_in_every_form(exercise):
    for answer in (exercise.reference, *variants(exercise.topic).get(exercise.name, ())):
        for seed in SEEDS:
            verdict = judge(exercise.name, answer, seed=seed)
            assert verdict.passed, (answer, seed, verdict.message)
            assert verdict.points == verdict.max_points == exercise.points


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=by_name)
def test_listed_mistakes_fail_under_their_name(exercise):
    for version in exercise.singles:
        for seed in SEEDS:
            verdict = judge(exercise.name, version.function, seed=seed)
            assert not verdict.passed, (version.id, seed)
            assert verdict.points < verdict.max_points
            assert version.id in (verdict.mistake, *verdict.findings), (version.id, verdict)
            assert verdict.message


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=by_name)
def test_every_exercise_is_complete(exercise):
    assert len(exercise.mistakes) >= 4, "few wrong versions: what do learners really do?"
    assert 2 <= len(exercise.hints) <= 3
    assert exercise.praise
    identifiers = [mistake.id for mistake in exercise.mistakes]
    assert len(set(identifiers)) == len(identifiers)
    assert not exercise.parts or abs(sum(exercise.parts.values()) - 1) < 1e-12
    assert len(variants(exercise.topic).get(exercise.name, ())) >= 3
    labels = [trial.label for trial in exercise.trials(np.random.default_rng(0))]
    assert set(labels) <= {"example", "usual", "fresh", "shape", "small", "float32"}


@pytest.mark.parametrize("exercise", [e for e in FUNCTIONS if not e.is_random], ids=by_name)
def test_a_listed_mistake_differs_by_a_hundred_tolerances(exercise):
    """A hundred tolerances on some record: ten more than naming allows itself."""
    for version in exercise.singles:
        for seed in SEEDS:
            assert _differs(exercise, version, np.random.default_rng(seed)), (version.id, seed)


def _differs(exercise, version, rng):
    from autograder.evidence import gather
    from descentlab.calls import run

    evidence = gather(exercise, lambda call: run(exercise.reference, call), rng)
    for record in evidence.records:
        wrong = predict(version, frozen(record.call))
        fitted = fit(wrong, record.expected, exercise.returns, 100 * record.tolerance)
        if not isinstance(fitted, list) or not all(leaf.right for leaf in fitted):
            return True
    return False


@pytest.mark.parametrize("topic", [t for t in reference.TOPICS if exercises.lesson(t)])
def test_points_of_a_lesson_leave_room_for_free_text(topic):
    listed = exercises.lesson(topic)
    questions = sum(e.points for e in listed if e.is_question)
    assert questions <= 10
    assert sum(e.points for e in listed) < 100
    assert [e.name for e in listed if not e.is_question] == list(reference.names(topic))


@pytest.mark.parametrize("question", QUESTIONS, ids=by_name)
def test_questions_know_their_key_and_answer_every_choice(question):
    scope = {}
    exec(question.solution_source(), scope)
    right = judge(question.name, scope[question.name])
    assert right.passed
    assert right.points == question.points
    scope = {}
    exec(question.stub_source(), scope)
    assert judge(question.name, scope[question.name]).unanswered
    for letter, (text, reply) in getattr(question, "choices", {}).items():
        assert text
        assert reply
        assert judge(question.name, letter.lower()).passed == (letter == question.key)
    for wrong, reply in getattr(question, "replies", ()):
        verdict = judge(question.name, wrong)
        assert not verdict.passed
        assert verdict.message == reply


def test_key_letters_vary():
    keys = [question.key for question in QUESTIONS if hasattr(question, "key")]
    assert len(set(keys)) > 1


# --- general faults, on one rule --------------------------------------------------------------


def right(theta, grad, v, *, lr, beta=0.9):
    v = beta * v + lr * grad
    return theta - v, v


def swapped(theta, grad, v, *, lr, beta=0.9):
    return right(theta, grad, v, lr=lr, beta=beta)[::-1]


def in_place(theta, grad, v, *, lr, beta=0.9):
    v *= beta
    v += lr * grad
    theta -= v
    return theta, v


def fixed_beta(theta, grad, v, *, lr, beta=0.9):
    return right(theta, grad, v, lr=lr, beta=0.9)


def squared(theta, grad, v, *, lr, beta=0.9):
    return right(theta, grad**2, v, lr=lr, beta=beta)


def normalized(theta, grad, v, *, lr, beta=0.9):
    return right(theta, grad / np.abs(grad), v, lr=lr, beta=beta)


def twice_the_step(theta, grad, v, *, lr, beta=0.9):
    v = beta * v + lr * grad
    return theta - 2 * v, v


def truncated(theta, grad, v, *, lr, beta=0.9):
    v = (beta * v + lr * grad).astype(int)
    return theta - v, v


def one_number(theta, grad, v, *, lr, beta=0.9):
    v = beta * v + lr * grad
    return theta @ v, v


def lists(theta, grad, v, *, lr, beta=0.9):
    theta, v = right(theta, grad, v, lr=lr, beta=beta)
    return theta.tolist(), v.tolist()


def text(theta, grad, v, *, lr, beta=0.9):
    return np.array(["a"] * len(theta)), v


def objects(theta, grad, v, *, lr, beta=0.9):
    theta, v = right(theta, grad, v, lr=lr, beta=beta)
    return theta.astype(object), v


def broken(theta, grad, v, *, lr, beta=0.9):
    return theta - lr * gradient, v  # noqa: F821


def only_vectors(theta, grad, v, *, lr, beta=0.9):
    new, speed = theta.copy(), v.copy()
    for i in range(1, len(theta)):
        speed[i] = beta * v[i] + lr * grad[i]
        new[i] = theta[i] - speed[i]
    speed[0] = beta * v.ravel()[0] + lr * grad.ravel()[0]
    new[0] = theta.ravel()[0] - speed.ravel()[0]
    return new, speed


def rounded(theta, grad, v, *, lr, beta=0.9):
    theta, v = right(theta, grad, v, lr=lr, beta=beta)
    return theta.round(4), v


def flat(theta, grad, v, *, lr, beta=0.9):
    theta, v = right(theta, grad, v, lr=lr, beta=beta)
    return theta.ravel(), v


def but_first(theta, grad, v, *, lr, beta=0.9):
    new, v = theta.copy(), beta * v + lr * grad
    new[1:] -= v[1:]
    return new, v


def but_last(theta, grad, v, *, lr, beta=0.9):
    new, v = theta.copy(), beta * v + lr * grad
    new[:-1] -= v[:-1]
    return new, v


def returns_early(theta, grad, v, *, lr, beta=0.9):
    new, v = theta.copy(), beta * v + lr * grad
    for i in range(len(theta)):
        new[i] -= v[i]
        return new, v


def capped(theta, grad, v, *, lr, beta=0.9):
    """beta is used, up to a bound that most of the judge's inputs are above."""
    return right(theta, grad, v, lr=lr, beta=min(beta, 0.7))


def endless(theta, grad, v, *, lr, beta=0.9):
    while True:
        pass


def endless_and_stubborn(theta, grad, v, *, lr, beta=0.9):
    while True:
        try:
            while True:
                pass
        except Exception:
            continue


def leaving(theta, grad, v, *, lr, beta=0.9):
    raise SystemExit


def renamed(theta, grad, v, *, learning_rate, beta=0.9):
    return right(theta, grad, v, lr=learning_rate, beta=beta)


def infinite(theta, grad, v, *, lr, beta=0.9):
    v = beta * v + lr * grad
    return theta - v / 0.0, v


def stub(theta, grad, v, *, lr, beta=0.9):
    raise NotImplementedError


memory = {}


def remembering(theta, grad, v, *, lr, beta=0.9):
    memory["v"] = beta * memory.get("v", 0.0) + lr * grad.sum()
    return theta - memory["v"], v + memory["v"]


@pytest.mark.parametrize(
    ("answer", "fault", "said"),
    [
        (stub, "unanswered", "stub"),
        (lambda *_args, **_more: None, "returned_nothing", "(theta, v)"),
        (lambda theta, *_args, **_more: theta, "not_a_tuple", "(theta, v)"),
        (lambda theta, *_args, **_more: (theta,) * 3, "wrong_count", "3"),
        (swapped, "wrong_order", "(theta, v)"),
        (in_place, "changed_argument", "theta, v"),
        (fixed_beta, "ignored_argument", "beta"),
        (squared, "sign_ignored", "grad"),
        (normalized, "size_ignored", "grad"),
        (twice_the_step, "wrong_step_length", "2 times"),
        (truncated, "integers", "whole numbers"),
        (rounded, "few_digits", "round"),
        (flat, "flat_result", "flattens"),
        (but_first, "wrong_first", "begin at 1"),
        (but_last, "wrong_last", "one too early"),
        (returns_early, "wrong_all_but_first", "inside a loop"),
        (one_number, "returned_scalar", "(2,)"),
        (lists, "returned_list", "list"),
        (text, "wrong_type", "theta"),
        (objects, "wrong_type", "theta"),
        (broken, "exception", "return theta - lr * gradient"),
        (only_vectors, "only_this_rank", "(3, 5)"),
        (endless, "timed_out", "2 seconds"),
        (endless_and_stubborn, "timed_out", "2 seconds"),
        (leaving, "exited", "exit"),
        (renamed, "wrong_signature", "learning_rate"),
        (remembering, "hidden_state", "between calls"),
        (3, "not_a_function", "the number 3"),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", None),
)
def test_general_faults_have_their_sentence(answer, fault, said):
    verdict = judge("momentum_step", answer)
    assert not verdict.passed
    assert verdict.mistake == fault, verdict.message
    assert said in verdict.message


def test_an_argument_that_is_used_elsewhere_is_not_called_ignored():
    verdicts = [judge("momentum_step", capped, seed=seed) for seed in range(20)]
    assert not any(verdict.passed for verdict in verdicts)
    assert "ignored_argument" not in {verdict.mistake for verdict in verdicts}


def dropped(x, p, rng):
    mask = (rng.random(x.shape) >= p) / (1 - p)
    return x * mask, mask


@pytest.mark.parametrize(
    ("draw", "fault"),
    [
        (lambda rng: rng, None),
        (lambda rng: rng.spawn(1)[0], None),
        (lambda rng: np.random.default_rng(rng.integers(2**40)), None),
        (copy.deepcopy, "copies_rng"),
        (lambda rng: np.random.default_rng(3), "ignores_rng"),
        (lambda rng: np.random.default_rng(), "not_from_rng"),
        (lambda rng: np.random, "global_generator"),
    ],
    ids=["rng", "spawned", "seeded", "copied", "fixed", "fresh", "global"],
)
def test_randomness_comes_from_the_rng_that_is_passed_in(draw, fault):
    verdict = judge("dropout_forward", lambda x, p, rng: dropped(x, p, draw(rng)))
    assert verdict.mistake == fault, verdict.message


def test_a_list_that_is_changed_is_noticed():
    rule = exercises.find("early_stopping").reference

    def answer(val_losses, patience):
        found = rule(list(val_losses), patience)
        val_losses[0] += 1.0
        return found

    assert judge("early_stopping", answer).mistake == "changed_argument"


class Tensor:
    """Numbers in an object of another library's."""

    def __init__(self, numbers):
        self.numbers = numbers

    def __array__(self, dtype=None, copy=None):
        return np.array(self.numbers, dtype=dtype)


def test_a_state_that_only_holds_numbers_is_carried_on_as_them():
    def answer(theta, grad, v, *, lr, beta=0.9):
        theta, v = right(theta, grad, v, lr=lr, beta=beta)
        return theta, Tensor(v)

    assert judge("momentum_step", answer).passed


def test_a_wrong_count_whose_root_is_imaginary_is_a_wrong_answer():
    """At t = -7 the next rate is lr/√−6, also in the reference."""
    rule = exercises.find("adagrad_rms_step").reference

    def answer(theta, grad, state, *, lr):
        theta, (sigma, _t) = rule(theta, grad, state, lr=lr)
        return theta, RmsState(sigma, -7)

    with np.errstate(all="ignore"):
        after = rule(np.ones(2), np.ones(2), RmsState(np.ones(2), -7), lr=0.1)
    assert np.iscomplexobj(after[0])
    assert not judge("adagrad_rms_step", answer).passed


def test_a_wrong_state_that_the_rule_can_not_go_on_from_is_a_wrong_answer():
    """At t = -1 the next update divides by 0, also in the reference."""
    rule = exercises.find("radam_step").reference

    def answer(theta, grad, state, **rates):
        theta, (m, v, _t) = rule(theta, grad, state, **rates)
        return theta, type(state)(m, v, -1)

    with np.errstate(all="ignore"), pytest.raises(ZeroDivisionError):
        rule(np.ones(2), np.ones(2), AdamState(np.ones(2), np.ones(2), -1))
    verdict = judge("radam_step", answer)
    assert not verdict.passed
    assert verdict.mistake
    assert "t" in verdict.message


def test_a_division_by_zero_is_called_by_its_name():
    with np.errstate(all="ignore"):
        verdict = judge("momentum_step", infinite)
    assert verdict.mistake == "not_finite"
    assert any("divide by zero" in note for note in verdict.notes)


def test_two_slips_at_once_are_both_named():
    def answer(theta, grad, v, *, lr, beta=0.9):
        v = (1 - beta) * v + lr * grad
        return theta + v, v

    verdict = judge("momentum_step", answer)
    assert set(verdict.mistake.split("+")) == {"beta_swapped", "step_sign"}
    assert "1." in verdict.message
    assert "2." in verdict.message


@pytest.mark.parametrize("name", ["pytorch_form", "running_mean_form", "onn_form"])
def test_other_conventions_are_called_right_elsewhere(name):
    version = next(v for v in exercises.find("momentum_step").singles if v.id == name)
    verdict = judge("momentum_step", version.function)
    assert verdict.mistake == name
    assert verdict.elsewhere


def test_the_named_parts_have_their_share():
    verdict = judge("momentum_step", twice_the_step)
    assert verdict.points == pytest.approx(0.4 * 22)  # v is right, theta isn't


def test_a_wider_result_is_right_and_noted():
    def wide(theta, grad, v, *, lr, beta=0.9):
        return right(theta.astype(float), grad, v.astype(float), lr=lr, beta=beta)

    verdict = judge("momentum_step", wide)
    assert verdict.passed
    assert any("float64" in note for note in verdict.notes)


def test_the_same_seed_judges_the_same():
    one, two = (judge("momentum_step", squared, seed=7) for _ in range(2))
    assert one == two
    assert judge("momentum_step", squared, seed=8).example != one.example


def test_an_unknown_exercise_names_the_nearest():
    with pytest.raises(LookupError, match="momentum_step"):
        judge("momentum_stp", right)


def test_a_hanging_answer_is_stopped_in_time():
    start = time.monotonic()
    judge("momentum_step", endless)
    assert time.monotonic() - start < 20  # one call of 2 s, and room for a busy machine


def test_an_edit_that_fits_nowhere_is_refused():
    body = "v = beta * v + lr * grad\n"
    with pytest.raises(ValueError, match="0 times"):
        apply_edits(body, [("rho", "beta")])
    with pytest.raises(ValueError, match="2 times"):
        apply_edits(body, [("v", "w")])
    with pytest.raises(ValueError, match="overlap"):
        apply_edits(body, [("beta * v", "v"), ("beta", "rho")])
    assert apply_edits(body, [("+ lr", "- lr"), ("beta * v", "v")]) == "v = v - lr * grad\n"
    assert overlapping(body, Slip((("beta * v", "v"),)), Slip((("beta", "rho"),)))
    assert not overlapping(body, Slip((("+ lr", "- lr"),)), Slip((("beta", "rho"),)))


def test_call_plainly_hands_out_copies():
    from descentlab.calls import Call

    theta = np.ones(2)

    def spoil(array):
        array[:] = 7

    call_plainly(spoil, Call((theta,)))
    assert theta.tolist() == [1.0, 1.0]
