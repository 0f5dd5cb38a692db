"""The reference as a whole: names, signatures, texts, and what all its functions promise alike."""

import ast
import builtins
import copy
import doctest
import inspect
from importlib import import_module
from itertools import pairwise

import numpy as np
import pytest

from autograder import reference
from descentlab.states import AdadeltaState, AdamState, BatchNormCache, RmsState

# Homework, tests and graders depend on these texts. Whoever changes one breaks them.
SIGNATURES = {
    "gradient_descent": (
        "gd_step(theta, grad, *, lr)",
        "gradient_descent(grad_fn, theta, *, lr, num_steps)",
        "numerical_gradient(f, theta, h=1e-5)",
        "largest_stable_lr(hessian)",
    ),
    "initialization": (
        "init_constant(layer_sizes, value)",
        "init_normal(layer_sizes, std, rng)",
        "init_xavier(layer_sizes, rng)",
        "init_he(layer_sizes, rng)",
        "signal_scale(params, x, activation)",
        "init_from_pretrained(pretrained, layer_sizes, keep, rng)",
    ),
    "minibatch": (
        "mse(y_hat, y)",
        "cross_entropy(probs, labels)",
        "num_steps(n, batch_size, epochs)",
        "minibatches(x, y, batch_size, rng)",
        "sgd(loss_and_grad, theta, x, y, *, batch_size, epochs, lr, rng)",
    ),
    "momentum": (
        "momentum_step(theta, grad, v, *, lr, beta=0.9)",
        "heavy_ball_step(theta, grad, theta_prev, *, lr, beta=0.9)",
        "running_sum_step(theta, grad, v, *, lr, rho=0.9)",
        "nesterov_step(theta, grad_fn, v, *, lr, beta=0.9)",
    ),
    "adaptive": (
        "adagrad_step(theta, grad, s, *, lr, eps=1e-8)",
        "rms_step(theta, grad, state, *, lr)",
        "adagrad_rms_step(theta, grad, state, *, lr)",
        "rmsprop_step(theta, grad, s, *, lr, beta=0.9, eps=1e-8)",
        "adadelta_step(theta, grad, state, *, lr=1.0, rho=0.95, eps=1e-6)",
        "adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8)",
        "adam_uncorrected_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8)",
    ),
    "schedules": (
        "step_decay(lr0, t, drop=0.5, every=10)",
        "exponential_decay(lr0, t, k)",
        "inverse_time_decay(lr0, t, k)",
        "linear_warmup(lr, t, warmup_steps)",
        "cosine_annealing(lr_max, t, period, lr_min=0.0)",
        "radam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8)",
    ),
    "regularization": (
        "l2_penalty(theta, lam)",
        "l1_penalty(theta, lam)",
        "elastic_net_penalty(theta, l1, l2)",
        "weight_decay_step(theta, grad, *, lr, w)",
        "dropout_forward(x, p, rng)",
        "dropout_backward(dout, mask)",
        "dropout_predict_unscaled(x, p)",
        "early_stopping(val_losses, patience)",
        "random_flip(images, rng, p=0.5)",
        "random_crop(images, padding, rng)",
        "random_erase(images, size, rng)",
        "add_noise(images, std, rng)",
        "color_jitter(images, std, rng)",
        "test_time_average(predict, views)",
    ),
    "stability": (
        "clip_by_value(grad, limit)",
        "clip_by_norm(grad, max_norm)",
        "batchnorm_forward(x, gamma, beta, eps=1e-5)",
        "batchnorm_backward(dout, cache)",
        "batchnorm_running(mean, var, x, momentum=0.9)",
    ),
    "second_order": (
        "newton_step(theta, grad, hessian)",
        "lbfgs_direction(grad, s_list, y_list)",
    ),
    "ensembles_and_transfer": (
        "ensemble_predict(prob_list)",
        "polyak_average(average, theta, decay)",
        "snapshot_epochs(total_epochs, cycles)",
        "reinit_last_layer(params, num_classes, rng)",
        "fine_tune_step(theta, grad, *, lr, trainable, scale=0.1)",
    ),
}
TOPICS = tuple(SIGNATURES)
NAMES = [text.split("(")[0] for texts in SIGNATURES.values() for text in texts]


def rule_calls(shape, dtype):
    """Arguments for every update rule, with non-zero state, for a theta of `shape`."""
    draw = np.random.default_rng(1)
    theta, grad, a, b = (np.asarray(draw.normal(size=shape), dtype=dtype) for _ in range(4))
    adam, rms = AdamState(a, b**2, 6), RmsState(b**2, 3)
    return {
        "gd_step": ((theta, grad), {"lr": 0.3}),
        "momentum_step": ((theta, grad, a), {"lr": 0.3, "beta": 0.7}),
        "heavy_ball_step": ((theta, grad, a), {"lr": 0.3, "beta": 0.7}),
        "running_sum_step": ((theta, grad, a), {"lr": 0.3, "rho": 0.7}),
        "nesterov_step": ((theta, lambda p: 2 * p, a), {"lr": 0.3, "beta": 0.7}),
        "adagrad_step": ((theta, grad, b**2), {"lr": 0.3, "eps": 0.01}),
        "rms_step": ((theta, grad, rms), {"lr": 0.3}),
        "adagrad_rms_step": ((theta, grad, rms), {"lr": 0.3}),
        "rmsprop_step": ((theta, grad, b**2), {"lr": 0.3, "beta": 0.7, "eps": 0.01}),
        "adadelta_step": ((theta, grad, AdadeltaState(a**2, b**2)), {"lr": 0.3, "eps": 0.01}),
        "adam_step": ((theta, grad, adam), {"lr": 0.3, "beta2": 0.8}),
        "adam_uncorrected_step": ((theta, grad, adam), {"lr": 0.3, "beta2": 0.8}),
        "radam_step": ((theta, grad, adam), {"lr": 0.3, "beta2": 0.8}),  # t = 7: ρ_t = 5.25 > 4
        "weight_decay_step": ((theta, grad), {"lr": 0.3, "w": 0.8}),
        "polyak_average": ((a, theta, 0.7), {}),
        "fine_tune_step": ((theta, grad), {"lr": 0.3, "trainable": np.asarray(a > 0)}),
    }


def calls(dtype):
    """Arguments for every exercise; a generator is made anew at each use, from `seed`."""

    def array(*shape):
        return np.random.default_rng(2).normal(size=shape).astype(dtype)

    def absolute_error(theta, x_b, y_b):
        return float(np.mean(np.abs(y_b - theta))), theta - y_b.mean()

    def params(*sizes):
        return [(array(*pair), array(pair[1])) for pair in pairwise(sizes)]

    cache = BatchNormCache(array(5, 3), abs(array(3)), array(3))
    images, rng = array(4, 5, 6), np.random.default_rng(3)
    pairs = [array(3), array(2, 3)[1]], [2 * array(3), 3 * array(2, 3)[1]]
    return rule_calls((2, 3), dtype) | {
        "gradient_descent": ((lambda p: 2 * p, array(2, 3)), {"lr": 0.3, "num_steps": 4}),
        "numerical_gradient": ((lambda p: np.sum(p**2), array(2, 3)), {}),
        "largest_stable_lr": ((array(3, 3) @ array(3, 3).T,), {}),
        "init_constant": (([3, 5, 2], 0.3), {}),
        "init_normal": (([3, 5, 2], 0.3, rng), {}),
        "init_xavier": (([3, 5, 2], rng), {}),
        "init_he": (([3, 5, 2], rng), {}),
        "signal_scale": ((params(3, 5, 2), array(4, 3), np.tanh), {}),
        "init_from_pretrained": ((params(3, 5, 4), [3, 5, 2], 1, rng), {}),
        "mse": ((array(4, 3), 2 * array(4, 3)), {}),
        "cross_entropy": ((np.exp(array(4, 3)), np.array([0, 2, 1, 2])), {}),
        "num_steps": ((7, 3, 2), {}),
        "minibatches": ((array(7, 3), array(7), 3, rng), {}),
        "sgd": (
            (absolute_error, array(1), array(7, 3), array(7)),
            {"batch_size": 3, "epochs": 2, "lr": 0.3, "rng": rng},
        ),
        "step_decay": ((0.3, 7), {"drop": 0.7, "every": 3}),
        "exponential_decay": ((0.3, 7, 0.2), {}),
        "inverse_time_decay": ((0.3, 7, 0.2), {}),
        "linear_warmup": ((0.3, 7, 9), {}),
        "cosine_annealing": ((0.3, 7, 5), {"lr_min": 0.1}),
        "l2_penalty": ((array(2, 3), 0.3), {}),
        "l1_penalty": ((array(2, 3), 0.3), {}),
        "elastic_net_penalty": ((array(2, 3), 0.3, 0.7), {}),
        "dropout_forward": ((array(4, 3), 0.3, rng), {}),
        "dropout_backward": ((array(4, 3), abs(array(4, 3))), {}),
        "dropout_predict_unscaled": ((array(4, 3), 0.3), {}),
        "early_stopping": (([0.5, 0.4, 0.6, 0.7], 2), {}),
        "random_flip": ((images, rng), {"p": 0.4}),
        "random_crop": ((images, 2, rng), {}),
        "random_erase": ((images, 2, rng), {}),
        "add_noise": ((images, 0.3, rng), {}),
        "color_jitter": ((array(4, 5, 6, 3), 0.3, rng), {}),
        "test_time_average": ((lambda view: view, [array(4, 3), 2 * array(4, 3)]), {}),
        "clip_by_value": ((array(2, 3), 0.1), {}),
        "clip_by_norm": ((array(2, 3), 100.0), {}),
        "batchnorm_forward": ((array(5, 3), array(3), 2 * array(3)), {}),
        "batchnorm_backward": ((array(5, 3), cache), {}),
        "batchnorm_running": ((array(3), abs(array(3)), array(5, 3)), {"momentum": 0.7}),
        "newton_step": ((array(3), array(3), np.diag(abs(array(3)))), {}),
        "lbfgs_direction": ((array(3), *pairs), {}),
        "ensemble_predict": (([array(4, 3), 2 * array(4, 3)],), {}),
        "snapshot_epochs": ((14, 3), {}),
        "reinit_last_layer": ((params(3, 5, 4), 2, rng), {}),
    }


RANDOM = [name for name in NAMES if "rng" in inspect.signature(reference.find(name)).parameters]


def leaves(value):
    """All that isn't a container in nested tuples, lists and dicts."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [leaf for part in value for leaf in leaves(part)]
    return [value]


def same(one, two):
    return all(np.array_equal(a, b) for a, b in zip(leaves(one), leaves(two), strict=True))


def arrays(value):
    return [leaf for leaf in leaves(value) if isinstance(leaf, np.ndarray)]


def test_the_catalogue_is_complete_and_in_order():
    assert reference.TOPICS == TOPICS
    for topic, texts in SIGNATURES.items():
        assert tuple(reference.header(name) for name in reference.names(topic)) == tuple(
            f"def {text}:" for text in texts
        )
        module = import_module(f"autograder.reference.{topic}")
        defined = [n.name for n in ast.parse(inspect.getsource(module)).body if hasattr(n, "args")]
        assert tuple(defined) == reference.names(topic)
        assert {reference.topic_of(name) for name in defined} == {topic}
    assert sorted(calls(np.float64)) == sorted(NAMES)


@pytest.mark.parametrize("look_up", [reference.find, reference.body, reference.topic_of])
def test_an_unknown_exercise_is_refused_with_the_nearest_names(look_up):
    with pytest.raises(KeyError, match=r"no exercise called 'adam_stpe'.*adam_step") as caught:
        look_up("adam_stpe")
    assert caught.value.name == "adam_stpe"
    assert caught.value.close[0] == "adam_step"


def test_an_unknown_topic_is_refused_and_far_names_get_no_guess():
    with pytest.raises(KeyError, match="no topic called 'adaptve'; did you mean adaptive"):
        reference.names("adaptve")
    assert str(reference.UnknownNameError("exercise", "???", NAMES)).endswith("'???'")


@pytest.mark.parametrize("name", NAMES)
def test_a_body_stands_alone_in_a_lesson(name):
    """Only np, the state classes, and exercises of the same lesson are in its scope."""
    tree = ast.parse(
        f"{reference.header(name)}\n    " + reference.body(name).replace("\n", "\n    ")
    )
    function = tree.body[0]
    assert ast.get_docstring(function) is None
    bound = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    bound |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    states = {"AdamState", "AdadeltaState", "RmsState", "BatchNormCache"}
    allowed = {"np", *states, *reference.names(reference.topic_of(name)), *dir(builtins)}
    assert {node.id for node in names} - bound <= allowed
    assert "np.random" not in reference.body(name)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_lesson_hands_out_does_the_same(name):
    text = reference.given(name)
    scope = dict(reference.find(name).__globals__)
    exec(compile(text, name, "exec"), scope)  # text of our own package
    docstring = inspect.getdoc(reference.find(name))
    assert scope[name].__doc__ == docstring.split("\n")[0]
    assert scope[name].__doc__.endswith(".")
    assert text.endswith(reference.source(name).splitlines()[-1] + "\n")
    args, kwargs = calls(np.float64)[name]
    twin_args, twin_kwargs = calls(np.float64)[name]
    assert same(scope[name](*args, **kwargs), reference.find(name)(*twin_args, **twin_kwargs))


@pytest.mark.parametrize("topic", TOPICS)
def test_docstrings_run_and_keep_their_order(topic):
    module = import_module(f"autograder.reference.{topic}")
    assert doctest.testmod(module).failed == 0
    sections = ["Parameters\n---", "Returns\n---", "Raises\n---", "Notes\n---", "Source: "]
    for name in reference.names(topic):
        text = inspect.getdoc(reference.find(name))
        places = {mark: text.find(mark) for mark in [*sections, "Examples\n---", ">>> "]}
        missing = {mark for mark, place in places.items() if place < 0}
        assert missing <= {"Raises\n---"}, name
        found = [place for place in places.values() if place >= 0]
        assert found == sorted(found), name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arguments_stay_and_results_are_new(name, dtype):
    args, kwargs = calls(dtype)[name]
    before = [copy.deepcopy(a) for a in arrays([args, kwargs])]
    result = reference.find(name)(*args, **kwargs)
    after = arrays([args, kwargs])
    assert same(before, after)
    # The two that hand an argument on: the last theta is what is remembered, gamma what is cached.
    place = {"heavy_ball_step": 0, "batchnorm_forward": 1}.get(name)
    handed_on = None if place is None else args[place]
    for made in arrays(result):
        shared = [given for given in after if np.shares_memory(made, given)]
        assert all(given is handed_on for given in shared)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_that_comes_in_goes_out(name, dtype):
    args, kwargs = calls(dtype)[name]
    result = reference.find(name)(*args, **kwargs)
    always_double = name in ("numerical_gradient", "init_constant", "init_normal")
    always_double |= name in ("init_xavier", "init_he")  # nothing with a dtype comes in
    for leaf in leaves(result):
        if isinstance(leaf, np.ndarray):
            assert leaf.dtype == (np.float64 if always_double else dtype)
        else:
            assert type(leaf) in (float, int)  # no NumPy scalar, which would widen float32


@pytest.mark.parametrize("name", rule_calls((), float))
@pytest.mark.parametrize("shape", [(6,), (), (1, 2, 3), (0,)])
def test_rules_take_any_shape_and_treat_entries_alike(name, shape):
    args, kwargs = rule_calls(shape, float)[name]
    result = reference.find(name)(*args, **kwargs)
    flat_args, flat_kwargs = rule_calls((int(np.prod(shape)),), float)[name]
    flat = reference.find(name)(*flat_args, **flat_kwargs)
    for one, other in zip(leaves(result), leaves(flat), strict=True):
        if not isinstance(other, int):
            assert np.shape(one) == shape
            np.testing.assert_array_equal(np.ravel(one), other)


@pytest.mark.parametrize("name", RANDOM)
def test_randomness_comes_from_the_generator_alone(name):
    function = reference.find(name)

    def run(seed):
        args, kwargs = calls(np.float64)[name]
        rng = np.random.default_rng(seed)
        args = [rng if isinstance(a, np.random.Generator) else a for a in args]
        return function(*args, **(kwargs | ({"rng": rng} if "rng" in kwargs else {}))), rng

    once, rng = run(4)
    assert same(once, run(4)[0])
    assert any(not same(once, run(seed)[0]) for seed in range(5, 15))  # 4 flips can coincide
    assert rng.bit_generator.state != np.random.default_rng(4).bit_generator.state
