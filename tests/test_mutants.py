"""A sample of `make mutants`, and its tools shown to see what they should."""

import numpy as np
import pytest

from autograder import exercises, reference
from tests import mutants
from tests.mutation import mutants as mutations

SOURCE = '''
def step(theta, grad, *, lr):
    """The downhill step."""
    moved = theta - lr * grad
    return moved
'''


def test_mechanical_mutations_of_one_line():
    """By hand: the signs, the factors, the names; nothing twice, and never the original."""
    bodies = [text.split('"""')[2] for _label, text in mutations(SOURCE)]
    assert len(set(bodies)) == len(bodies)
    for expected in (
        "theta + lr * grad", "theta - lr / grad", "theta - lr\n", "theta - grad\n", "lr * grad\n",
        "grad - lr * grad", "theta - lr * theta",
    ):  # fmt: skip
        assert any(f"moved = {expected}" in body for body in bodies), expected
    assert not any("moved = theta - lr * grad\n    return moved" in body for body in bodies)


@pytest.mark.parametrize("topic", reference.TOPICS)
def test_a_sample_of_wrong_versions_is_killed(topic, monkeypatch):
    """Another exercise of each topic on each day; the whole is `make mutants`."""
    monkeypatch.setattr(mutants, "EQUIVALENT_INPUTS", 500)
    seed = int(np.datetime64("today").astype(int))
    listed = mutants.functions(topic)
    row = mutants.examine((listed[seed % len(listed)].name, seed, 6, 3))
    assert not row.alive, (row.name, seed, row.alive)
    assert not row.unnamed, (row.name, seed, row.unnamed)
    assert not row.rejected, (row.name, seed, row.false)
    assert row.listed_killed == row.listed
    assert row.mutants_killed == row.mutants > 0


def test_a_judge_that_lets_everything_pass_is_seen(monkeypatch):
    """The survey itself fails when wrong answers pass."""
    right = mutants.judge

    def generous(name, answer, **more):
        return right(name, exercises.find(name).reference, **more)

    monkeypatch.setattr(mutants, "judge", generous)
    row = mutants.examine(("gd_step", 3, 4, 1))
    assert row.listed_killed == 0
    assert len(row.alive) >= row.listed


def test_a_mutant_that_does_the_same_counts_as_equivalent():
    exercise = exercises.find("momentum_step")

    def same(theta, grad, v, *, lr, beta=0.9):
        v = lr * grad + v * beta
        return theta - v, v

    def other(theta, grad, v, *, lr, beta=0.9):
        v = lr * grad + v * beta
        return np.where(theta > 2, theta + v, theta - v), v  # seldom wrong

    rng = np.random.default_rng(0)
    assert mutants._agree(exercise, same, exercise.reference, rng, 500)
    assert not mutants._agree(exercise, other, exercise.reference, rng, 500)


def test_random_versions_are_told_apart_by_what_they_measure():
    """Minus symmetric noise is noise; a spread off by 1 % is not, though a single check passes."""
    exercise = exercises.find("add_noise")

    def minus(images, std, rng):
        return images - rng.normal(0, std, size=images.shape)

    def wider(images, std, rng):
        return images + rng.normal(0, 1.01 * std, size=images.shape)

    rng = np.random.default_rng(0)
    assert not mutants._agree(exercise, minus, exercise.reference, rng, 10)
    assert mutants._alike(exercise, minus, rng, 300)
    assert not mutants._alike(exercise, wider, rng, 300)
