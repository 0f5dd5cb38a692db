"""The loops: every form of rule, schedules, batches, divergence, refusals."""

import threading
from functools import partial

import numpy as np
import pytest

from autograder.reference.adaptive import (
    adadelta_step,
    adagrad_rms_step,
    adagrad_step,
    adam_step,
    adam_uncorrected_step,
    rms_step,
    rmsprop_step,
)
from autograder.reference.gradient_descent import gd_step
from autograder.reference.initialization import init_he
from autograder.reference.momentum import (
    heavy_ball_step,
    momentum_step,
    nesterov_step,
    running_sum_step,
)
from autograder.reference.regularization import weight_decay_step
from autograder.reference.schedules import radam_step
from autograder.reference.second_order import newton_step
from descentlab import (
    MLP,
    AdadeltaState,
    AdamState,
    RmsState,
    bowl,
    descend,
    load_digits,
    saddle,
    train,
    valley,
)

START = np.array([-4.0, 0.8])


class Recorder:
    """Stands in for a network: one parameter, loss theta[0], and a note of what it was shown."""

    def __init__(self):
        self.batches = []

    def loss_and_grad(self, theta, x, labels):
        self.batches.append((x.ravel().tolist(), labels.tolist()))
        return float(theta[0]), np.ones(1)

    def loss(self, theta, x, labels):
        return float(theta[0])

    def accuracy(self, theta, x, labels):
        return 0.5


def run(net=None, **changes):
    """Train on seven rows whose label is their number; `changes` replace arguments."""
    arguments = {
        "theta": np.zeros(1),
        "x": np.arange(7.0)[:, None],
        "labels": np.arange(7),
        "rule": gd_step,
        "lr": 0.5,
        "batch_size": 3,
        "epochs": 2,
        "rng": np.random.default_rng(0),
    }
    return train(net or Recorder(), **(arguments | changes))


# Rules of every form


def test_descend_on_paper():
    """On f = x^2 / 2 a step of 1/2 halves x; 1/4 of the way is left of y in each step."""
    path = descend(bowl((1.0, 1.5)), [8, 64], rule=gd_step, lr=0.5, num_steps=3)
    assert path.tolist() == [[8, 64], [4, 16], [2, 4], [1, 1]]


RULES = {
    "no memory": (gd_step, None),
    "v": (momentum_step, None),
    "v passed": (momentum_step, np.zeros(2)),
    "running sum": (running_sum_step, None),
    "grad_fn": (nesterov_step, None),
    "theta_prev": (heavy_ball_step, None),
    "s": (adagrad_step, None),
    "rmsprop": (rmsprop_step, None),
    "rms": (rms_step, RmsState.zeros(START)),
    "adagrad_rms": (adagrad_rms_step, RmsState.zeros(START)),
    "adadelta": (adadelta_step, AdadeltaState.zeros(START)),
    "adam": (adam_step, AdamState.zeros(START)),
    "adam uncorrected": (adam_uncorrected_step, AdamState.zeros(START)),
    "radam": (radam_step, AdamState.zeros(START)),
    "partial": (partial(momentum_step, beta=0.5), None),
    "partial, required": (partial(weight_decay_step, w=0.99), None),
    "partial, lr too": (partial(gd_step, lr=0.3), None),
    "learner's, lr by position": (lambda theta, grad, lr: theta - lr * grad, None),
    "learner's, another hyperparameter": (lambda theta, grad, k=1, *, lr: theta - lr * grad, None),
    "learner's, v with a default": (
        lambda theta, grad, v=0, *, lr: (theta - lr * grad - 0.1 * v, lr * grad),
        None,
    ),
    "learner's, any keyword": (lambda theta, grad, **kw: theta - kw["lr"] * grad, None),
    "learner's, a list": (
        lambda theta, grad, *, lr: (theta - lr * grad).tolist(),
        None,
    ),
    "learner's, plain tuple as state": (
        lambda theta, grad, state, *, lr: (theta - lr * grad, (state.m, state.v, state.t + 1)),
        AdamState.zeros(START),
    ),
}


@pytest.mark.parametrize(("rule", "state"), RULES.values(), ids=RULES)
def test_every_form_of_rule_walks_and_trains(rule, state):
    path = descend(valley(10), START, rule=rule, state=state, lr=0.05, num_steps=30)
    assert path.shape == (31, 2)
    assert valley(10).f(path[-1]) < valley(10).f(START)
    net = MLP([1, 2])
    theta = np.array([0.1, -0.2, 0.0, 0.0])
    state = (
        None if state is None else type(state).zeros(theta) if hasattr(state, "_fields") else 0.0
    )
    theta, history = run(net, theta=theta, labels=np.arange(7) % 2, rule=rule, state=state, lr=0.01)
    assert theta.shape == (4,)
    assert len(history.losses) == 6


def test_newton_gets_the_hessian_and_no_learning_rate():
    path = descend(valley(), START, rule=newton_step, num_steps=1)
    assert path[1] == pytest.approx(np.zeros(2), abs=1e-12)  # a quadratic: there in one step
    with pytest.raises(TypeError, match="newton_step has no parameter lr"):
        descend(valley(), START, rule=newton_step, lr=0.1, num_steps=1)
    with pytest.raises(ValueError, match=r"newton_step wants the Hessian.*descend\(\)"):
        run(rule=newton_step, lr=None)


def test_heavy_ball_starts_at_rest():
    """With its own theta as the last one, its path is momentum's [SL2 and KK]."""
    heavy = descend(valley(), START, rule=heavy_ball_step, lr=0.01, num_steps=50)
    ball = descend(valley(), START, rule=momentum_step, lr=0.01, num_steps=50)
    assert heavy == pytest.approx(ball, abs=1e-12)


def test_without_lr_a_rule_uses_its_own():
    own = descend(bowl(), START, rule=adam_step, state=AdamState.zeros(START), num_steps=2)
    said = descend(
        bowl(), START, rule=adam_step, state=AdamState.zeros(START), lr=1e-3, num_steps=2
    )
    assert (own == said).all()
    with pytest.raises(TypeError, match="gd_step needs a learning rate: pass lr"):
        descend(bowl(), START, rule=gd_step, num_steps=2)


def test_a_schedule_is_asked_for_t_from_0():
    asked = []

    def halving(t):
        asked.append(t)
        return np.asarray(0.5**t)

    path = descend(bowl(), [8.0, 8.0], rule=gd_step, lr=halving, num_steps=3)
    assert sorted(set(asked)) == [0, 1, 2]
    assert path[:, 0].tolist() == [8, 0, 0, 0]  # lr = 1 at t = 0 goes straight to the minimum
    with pytest.raises(ValueError, match=r"at t = 2 it gave -1"):
        descend(bowl(), START, rule=gd_step, lr=lambda t: 1 - t, num_steps=3)


def test_arguments_stay_as_they_were_with_a_rule_that_changes_its_own():
    def greedy(theta, grad, v, *, lr):
        v += grad
        theta -= lr * v
        return theta, v

    start, state = START.copy(), np.zeros(2)
    first = descend(bowl(), start, rule=greedy, state=state, lr=0.1, num_steps=5)
    again = descend(bowl(), start, rule=greedy, state=state, lr=0.1, num_steps=5)
    assert (first == again).all()
    assert start.tolist() == START.tolist()
    assert state.tolist() == [0, 0]


# Batches, epochs, history


def test_each_epoch_shows_each_row_once_with_its_label():
    net = Recorder()
    theta, history = run(net)
    assert [len(labels) for _x, labels in net.batches] == [3, 3, 1, 3, 3, 1]
    assert all(x == labels for x, labels in net.batches)
    shown = [label for _x, labels in net.batches for label in labels]
    assert sorted(shown[:7]) == sorted(shown[7:]) == list(range(7))
    assert shown[:7] != shown[7:]
    # Gradient 1 and lr 1/2: theta falls by 1/2 a step, and the loss, which is theta, with it.
    assert theta.tolist() == [-3.0]
    assert history.losses == [0, -0.5, -1, -1.5, -2, -2.5]
    assert history.train_losses == [-0.5, -2]
    assert (history.epochs, history.steps_per_epoch, history.diverged_at) == (2, 3, None)
    assert history.val_losses == history.val_accuracies == []
    assert history.seconds > 0


def test_validation_is_judged_after_each_epoch():
    _theta, history = run(val=(np.zeros((2, 1)), np.zeros(2, dtype=int)))
    assert history.val_losses == [-1.5, -3.0]
    assert history.val_accuracies == [0.5, 0.5]


def test_transform_changes_inputs_and_not_labels():
    net = Recorder()
    run(net, transform=lambda x, rng: x + 100)
    assert all(x == [label + 100 for label in labels] for x, labels in net.batches)
    with pytest.raises(ValueError, match=r"shape \(3, 1\), got \(2, 1\)"):
        run(transform=lambda x, rng: x[:2])


def test_the_same_generator_gives_the_same_training():
    net, other = Recorder(), Recorder()
    run(net, rng=np.random.default_rng(5))
    run(other, rng=np.random.default_rng(5))
    assert net.batches == other.batches


def test_digits_are_learned_in_either_precision():
    digits = load_digits()
    net = MLP([64, 32, 10])
    start = net.pack(init_he(net.layer_sizes, np.random.default_rng(1)))
    for dtype in (np.float64, np.float32):
        theta, history = train(
            net,
            start.astype(dtype),
            digits.x_train,
            digits.labels_train,
            rule=adam_step,
            state=AdamState.zeros(start.astype(dtype)),
            lr=3e-3,
            batch_size=100,
            epochs=12,
            rng=np.random.default_rng(2),
            val=(digits.x_val, digits.labels_val),
        )
        assert theta.dtype == dtype
        assert history.val_accuracies[-1] > 0.9  # 0.95 in trials; guessing gives 0.1
        assert history.train_losses[-1] < 0.2 * history.train_losses[0]


# Divergence, progress, streams


def test_a_walk_that_diverges_ends_at_its_last_finite_point(capfd):
    """lr = 4 on f = x^2 / 2 multiplies x by -3: float64 ends after about 646 steps."""
    path = descend(bowl(), [1.0, 0.0], rule=gd_step, lr=4.0, num_steps=1000)
    assert np.isfinite(path).all()
    assert np.isfinite(bowl().f(path.T)).all()
    assert 300 < len(path) < 400  # the height, x^2 / 2, overflows at half of that
    out, err = capfd.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    assert f"gd_step diverged: step {len(path)} of 1000, with lr = 4," in out


def test_a_training_that_diverges_says_so_and_keeps_finite_numbers(capfd):
    rng = np.random.default_rng(3)
    net = MLP([4, 8, 3])
    theta, history = train(
        net,
        rng.normal(size=net.num_parameters),
        rng.normal(size=(50, 4)),
        rng.integers(0, 3, 50),
        rule=lambda theta, grad, *, lr: theta * (1 + lr),
        lr=1e30,
        batch_size=10,
        epochs=100,
        rng=rng,
    )
    out, err = capfd.readouterr()
    assert err == ""
    assert f"diverged: step {history.diverged_at} of 500" in out
    assert np.isfinite(theta).all()
    assert len(history.losses) == history.diverged_at - 1
    assert np.isfinite(history.losses).all()
    assert history.epochs == (history.diverged_at - 1) // 5


def test_falling_off_the_saddle_is_no_divergence_until_it_overflows(capfd):
    path = descend(saddle(), saddle().start, rule=gd_step, lr=0.1, num_steps=100)
    assert len(path) == 101
    assert capfd.readouterr() == ("", "")


def test_progress_goes_to_stdout_without_a_thread(capfd):
    run(progress=True)
    assert not any(type(thread).__name__ == "TMonitor" for thread in threading.enumerate())
    out, err = capfd.readouterr()
    assert "6/6" in out
    assert err == ""
    run()
    descend(bowl(), START, rule=gd_step, lr=0.1, num_steps=5)
    assert capfd.readouterr() == ("", "")  # what is done at once shows no bar
    from tqdm import tqdm

    assert tqdm.monitor_interval == 10  # tqdm itself is as it was


# Refusals


def never(theta, grad, *, lr):
    raise AssertionError("work was done before the arguments were checked")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lr": -0.1}, "lr must be a number above 0 .* got -0.1"),
        ({"lr": 0}, "got 0"),
        ({"lr": float("nan")}, "got nan"),
        ({"lr": float("inf")}, "got inf"),
        ({"lr": "0.1"}, "got '0.1'"),
        ({"lr": lambda t: -1.0}, "at t = 0 it gave -1.0"),
        ({"batch_size": 0}, r"batch_size must be between 1 and 7 \(the rows of x\), got 0"),
        ({"batch_size": 8}, "got 8"),
        ({"batch_size": 2.0}, "got 2.0"),
        ({"epochs": 0}, "epochs must be a whole number from 1, got 0"),
        ({"epochs": True}, "got True"),
        ({"theta": np.array([np.nan])}, "theta must hold finite numbers"),
        ({"labels": np.arange(6)}, r"same number of rows.*\(7, 1\) and \(6,\)"),
        ({"labels": np.arange(7.0)}, "labels of float64"),
        ({"x": np.zeros((0, 1)), "labels": np.arange(0)}, "at least one"),
        ({"val": np.zeros((2, 1))}, r"pair \(x_val, labels_val\), got ndarray"),
        ({"val": (np.zeros((2, 1)), np.arange(3))}, "x_val and labels_val must have the same"),
        ({"state": np.zeros(1)}, "never remembers nothing .*: leave state out"),
    ],
)
def test_train_refuses_before_any_work(changes, said):
    net = Recorder()
    with pytest.raises(ValueError, match=said):
        run(net, **({"rule": never} | changes))
    assert not net.batches


def test_train_refuses_what_is_no_generator():
    with pytest.raises(TypeError, match=r"np.random.default_rng\(0\), got 42"):
        run(rule=never, rng=42)


def test_the_network_says_what_does_not_fit_it_before_any_work():
    with pytest.raises(ValueError, match=r"between 0 and 1 .* from 0 to 6"):
        run(MLP([1, 2]), theta=np.zeros(4), rule=never)


@pytest.mark.parametrize(
    ("start", "num_steps", "said"),
    [
        ([1.0, 2.0, 3.0], 5, r"one point of the surface, such as \[.*\]; got shape \(3,\)"),
        (1.0, 5, r"got shape \(\)"),
        ([1.0, np.inf], 5, "start must hold finite numbers"),
        ([1.0, 2.0], 0, "num_steps must be a whole number from 1, got 0"),
        ([1.0, 2.0], 2.5, "got 2.5"),
    ],
)
def test_descend_refuses_before_any_work(start, num_steps, said):
    with pytest.raises(ValueError, match=said):
        descend(bowl(), start, rule=never, lr=0.1, num_steps=num_steps)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (np.zeros(2), "rule must be a function such as momentum_step, without brackets"),
        (lambda theta: theta, r"at least theta and grad.*its parameters are: theta"),
        (lambda theta, grad, *, alpha: theta, "has no parameter lr: call its learning rate lr"),
    ],
)
def test_what_is_no_rule_is_refused(rule, said):
    with pytest.raises(TypeError, match=said):
        descend(bowl(), START, rule=rule, lr=0.1, num_steps=5)


def test_a_state_that_cannot_be_guessed_is_asked_for():
    with pytest.raises(
        ValueError, match=r"adam_step remembers .*'state'.*AdamState.zeros\(theta\)"
    ):
        descend(bowl(), START, rule=adam_step, lr=0.1, num_steps=5)


def mine(theta, grad, *, lr):
    return MINE[0]


def mine_too(theta, grad, v, *, lr):
    return MINE[0]


MINE = [None]


@pytest.mark.parametrize(
    ("rule", "returned", "said"),
    [
        (mine, None, r"mine must return a new theta of the shape \(2,\).* It returned: None"),
        (mine, np.zeros(3), r"ndarray of shape \(3,\)"),
        (mine, 1.5, "It returned: 1.5"),
        (mine, (np.zeros(2), np.zeros(2)), "tuple of length 2"),
        (mine, np.array(["a", "b"]), "dtype <U1"),
        (mine, [[1.0], [1.0, 2.0]], "list of length 2"),
        (mine_too, None, "mine_too must return two things.*`return theta, v`. It returned: None"),
        (mine_too, np.zeros(2), "two things.* ndarray"),
        (mine_too, (np.zeros(2),) * 3, "two things.* tuple of length 3"),
        (mine_too, (np.zeros(2), None), "what it remembers, v, .* It returned there: None"),
        (mine_too, (None, np.zeros(2)), "a new theta of the shape"),
    ],
)
def test_what_a_rule_returns_wrongly_is_named(rule, returned, said):
    MINE[0] = returned
    with pytest.raises(ValueError, match=said):
        descend(bowl(), START, rule=rule, lr=0.1, num_steps=5)


def test_an_unwritten_rule_raises_its_own_error():
    def momentum_step(theta, grad, v, *, lr, beta=0.9):
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        descend(bowl(), START, rule=momentum_step, lr=0.1, num_steps=5)


def test_a_state_of_the_wrong_kind_is_named():
    def forgets_t(theta, grad, state, *, lr):
        return theta, (state.m, state.v)

    with pytest.raises(ValueError, match=r"forgets_t must return .* AdamState\(m, v, t\), after"):
        descend(bowl(), START, rule=forgets_t, state=AdamState.zeros(START), lr=0.1, num_steps=5)
