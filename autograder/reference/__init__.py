"""The right answers: one module a topic, one function an exercise, NumPy only.

Nothing is imported before it is asked for. Everything else in the course takes its formulas from
here: the judge compares with `find`, lessons are built from `body` and `given`.
"""

import ast
import inspect
import textwrap
from difflib import get_close_matches
from functools import cache
from importlib import import_module

_EXERCISES = {
    "gradient_descent": (
        "gd_step",
        "gradient_descent",
        "numerical_gradient",
        "largest_stable_lr",
    ),
    "initialization": (
        "init_constant",
        "init_normal",
        "init_xavier",
        "init_he",
        "signal_scale",
        "init_from_pretrained",
    ),
    "minibatch": (
        "mse",
        "cross_entropy",
        "num_steps",
        "minibatches",
        "sgd",
    ),
    "momentum": (
        "momentum_step",
        "heavy_ball_step",
        "running_sum_step",
        "nesterov_step",
    ),
    "adaptive": (
        "adagrad_step",
        "rms_step",
        "adagrad_rms_step",
        "rmsprop_step",
        "adadelta_step",
        "adam_step",
        "adam_uncorrected_step",
    ),
    "schedules": (
        "step_decay",
        "exponential_decay",
        "inverse_time_decay",
        "linear_warmup",
        "cosine_annealing",
        "radam_step",
    ),
    "regularization": (
        "l2_penalty",
        "l1_penalty",
        "elastic_net_penalty",
        "weight_decay_step",
        "dropout_forward",
        "dropout_backward",
        "dropout_predict_unscaled",
        "early_stopping",
        "random_flip",
        "random_crop",
        "random_erase",
        "add_noise",
        "color_jitter",
        "test_time_average",
    ),
    "stability": (
        "clip_by_value",
        "clip_by_norm",
        "batchnorm_forward",
        "batchnorm_backward",
        "batchnorm_running",
    ),
    "second_order": (
        "newton_step",
        "lbfgs_direction",
    ),
    "ensembles_and_transfer": (
        "ensemble_predict",
        "polyak_average",
        "snapshot_epochs",
        "reinit_last_layer",
        "fine_tune_step",
    ),
}
_TOPIC_OF = {name: topic for topic, listed in _EXERCISES.items() for name in listed}

TOPICS = tuple(_EXERCISES)


class UnknownNameError(KeyError):
    """A name that the catalogue doesn't have.

    Parameters
    ----------
    kind : {"exercise", "topic"}
        What was looked for.
    name : str
        The name that was asked for.
    known : iterable of str
        The names that there are.

    Attributes
    ----------
    kind, name
        As given.
    close : list of str
        Known names that look like it, the nearest first; at most three.
    """

    def __init__(self, kind, name, known):
        self.kind = kind
        self.name = name
        self.close = get_close_matches(str(name), known, n=3)
        super().__init__(kind, name)

    def __str__(self):
        message = f"there is no {self.kind} called {self.name!r}"
        if self.close:
            message += f"; did you mean {' or '.join(self.close)}?"
        return message


def topic_of(name):
    """Return the topic, which is the name of the module, that the exercise `name` belongs to.

    Raises
    ------
    UnknownNameError
        No exercise bears that name; the error lists the nearest ones.
    """
    if name not in _TOPIC_OF:
        raise UnknownNameError("exercise", name, _TOPIC_OF)
    return _TOPIC_OF[name]


def names(topic):
    """Return the names of the exercises of `topic`, a tuple in the order of the catalogue.

    Raises
    ------
    UnknownNameError
        No topic bears that name; the error lists the nearest ones.
    """
    if topic not in _EXERCISES:
        raise UnknownNameError("topic", topic, _EXERCISES)
    return _EXERCISES[topic]


def find(name):
    """Return the reference function of the exercise `name`; its module is imported now.

    Its ``__globals__`` hold what its body may use: ``np``, the state classes, and the exercises of
    the same topic.

    Raises
    ------
    UnknownNameError
        No exercise bears that name; the error lists the nearest ones.
    """
    return getattr(import_module(f"{__name__}.{topic_of(name)}"), name)


def source(name):
    """Return the whole text of the exercise `name`: signature, docstring and body."""
    return _parts(name)[0]


def body(name):
    """Return the body of the exercise `name`, without its docstring and without indentation."""
    return _parts(name)[2]


def header(name):
    """Return the signature of the exercise `name` as it stands in its text: ``def name(...):``."""
    return _parts(name)[1].rstrip()


def given(name):
    """Return the exercise `name` as a lesson hands it out: a docstring of one sentence.

    A body that calls another exercise of its topic (`sgd` calls `minibatches`) needs that one
    handed out as well.
    """
    signature, code = _parts(name)[1:]
    sentence = inspect.getdoc(find(name)).split("\n\n")[0].replace("\n", " ")
    return f'{signature}    """{sentence}"""\n{textwrap.indent(code, "    ")}'


@cache
def _parts(name):
    """Cut the text of an exercise into (whole, signature, dedented body), each ending in a newline.

    The first statement of every reference function is its docstring (tested), so the lines before
    it are the signature, and the lines after it the body.
    """
    whole = inspect.getsource(find(name))
    docstring = ast.parse(whole).body[0].body[0]
    lines = whole.splitlines(keepends=True)
    signature = "".join(lines[: docstring.lineno - 1])
    code = textwrap.dedent("".join(lines[docstring.end_lineno :]))
    return whole, signature, code
