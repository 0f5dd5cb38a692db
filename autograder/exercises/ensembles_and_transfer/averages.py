"""`ensemble_predict` and `polyak_average`: the mean of several models."""

import numpy as np

from autograder.exercises.base import (
    FLOAT32_TOLERANCE,
    Exercise,
    Trial,
    draw,
    elsewhere,
    single,
    slip,
)
from descentlab.calls import Call
from descentlab.text import N_

TOPIC = "ensembles_and_transfer"


def probabilities(rng, rows, classes):
    """Rows that are positive and sum to 1."""
    return rng.dirichlet(np.full(classes, 0.8), size=rows)


def ensemble_trials(rng):
    def one(label, members, rows, classes, dtype=np.float64, **more):
        every = [probabilities(rng, rows, classes).astype(dtype) for _ in range(members)]
        return single(label, every, **more)

    first, second = np.round(rng.uniform(0.1, 0.4, 2), 1), np.round(rng.uniform(0.5, 0.9, 2), 1)
    example = [np.column_stack([p, 1 - p]) for p in (first, second)]
    return [
        single("example", example),
        one("usual", 3, 5, 4),
        one("usual", 5, 4, 3),
        one("usual", 2, 7, 10),
        one("usual", 1, 3, 4),
        one("usual", 7, 6, 2),
        one("usual", 3, 1, 4),
        one("float32", 3, 4, 5, np.float32, tolerance=FLOAT32_TOLERANCE),
    ]


def _geometric(prob_list):
    product = np.exp(np.mean(np.log(prob_list), axis=0))
    return product / product.sum(axis=1, keepdims=True)


def _halved(prob_list):
    result = prob_list[0] + 0.0
    for probs in prob_list[1:]:
        result = (result + probs) / 2
    return result


def _product_normalized(prob_list):
    product = np.prod(prob_list, axis=0)
    return product / product.sum(axis=1, keepdims=True)


def _softmax_again(prob_list):
    odds = np.exp(np.mean(prob_list, axis=0))
    return odds / odds.sum(axis=1, keepdims=True)


def _votes(prob_list):
    members = np.array(prob_list)
    return np.eye(members.shape[2])[members.argmax(axis=2)].mean(axis=0)


ENSEMBLE = Exercise(
    name="ensemble_predict",
    topic=TOPIC,
    points=12,
    returns="probs",
    trials=ensemble_trials,
    mistakes=(
        slip(
            "sum_for_mean",
            N_("sum for the mean"),
            N_("The members' probabilities are added up; the rows no longer sum to 1."),
            ("np.mean", "np.sum"),
            where=N_("**mean** over the members"),
        ),
        slip(
            "mean_over_rows",
            N_("mean over the examples"),
            N_("The mean is taken over the examples; it goes over the members of the ensemble."),
            ("axis=0", "axis=1"),
            where=N_("mean over the **members**"),
        ),
        slip(
            "mean_over_everything",
            N_("mean over everything"),
            N_("One number is left: the mean runs over members, examples and classes."),
            ("np.mean(prob_list, axis=0)", "np.mean(prob_list)"),
        ),
        slip(
            "first_member",
            N_("only the first member"),
            N_("Only the first member speaks."),
            ("np.mean(prob_list, axis=0)", "prob_list[0] + 0.0"),
        ),
        slip(
            "last_member",
            N_("only the last member"),
            N_("Only the last member speaks: is the sum overwritten in your loop?"),
            ("np.mean(prob_list, axis=0)", "prob_list[-1] + 0.0"),
        ),
        slip(
            "divided_by_classes",
            N_("divided by another count"),
            N_("The sum is divided by the number of classes. It is the number of members."),
            lambda prob_list: sum(prob_list) / prob_list[0].shape[1],
        ),
        slip(
            "divided_by_two",
            N_("always divided by 2"),
            N_("The sum is divided by 2 however many members there are."),
            lambda prob_list: sum(prob_list) / 2,
        ),
        slip(
            "divided_by_rows",
            N_("divided by the number of examples"),
            N_("The sum is divided by the number of examples. It is the number of members."),
            lambda prob_list: sum(prob_list) / len(prob_list[0]),
        ),
        slip(
            "halved_each_time",
            N_("mean of the mean so far and the next"),
            N_(
                "Each member is averaged with the result so far, half and half: the last one "
                "weighs a half, the one before it a quarter. All weigh the same."
            ),
            _halved,
        ),
        slip(
            "product",
            N_("product for the mean"),
            N_("The members' probabilities are multiplied; they are averaged here."),
            ("np.mean", "np.prod"),
        ),
        slip(
            "largest",
            N_("maximum for the mean"),
            N_("The largest probability of any member is taken, so rows sum to more than 1."),
            ("np.mean", "np.max"),
        ),
        slip(
            "median",
            N_("median for the mean"),
            N_("You take the median over the members. With three or more it isn't the mean."),
            ("np.mean", "np.median"),
        ),
        elsewhere(
            "votes",
            N_("majority vote"),
            N_(
                "This counts votes: each member names one class. CS7 averages the members' "
                "results, so that a sure member weighs more than a doubtful one."
            ),
            _votes,
        ),
        elsewhere(
            "product_of_experts",
            N_("product, normalized"),
            N_(
                "The members' probabilities are multiplied and normalized, a product of experts: "
                "one that says 0 silences all others. CS7 averages them."
            ),
            _product_normalized,
        ),
        elsewhere(
            "geometric_mean",
            N_("geometric mean"),
            N_(
                "This averages log-probabilities and normalizes: a geometric mean, as when logits "
                "are averaged. CS7 averages the probabilities themselves."
            ),
            _geometric,
        ),
        slip(
            "geometric_unscaled",
            N_("geometric mean, not brought back to 1"),
            N_(
                "You average the logarithms: a geometric mean, whose rows don't even sum to 1. CS7 "
                "averages the probabilities themselves."
            ),
            lambda prob_list: np.exp(np.mean(np.log(prob_list), axis=0)),
        ),
        slip(
            "softmax_again",
            N_("softmax of probabilities"),
            N_(
                "You put a softmax over the mean. The members give probabilities already; a second "
                "softmax pulls them together."
            ),
            _softmax_again,
        ),
        slip(
            "first_counted_twice",
            N_("first member counted twice"),
            N_("The first member is in your sum twice: before the loop, and in it."),
            lambda prob_list: (prob_list[0] + np.sum(prob_list, axis=0)) / len(prob_list),
        ),
        slip(
            "returned_in_loop",
            N_("only the first member, divided"),
            N_(
                "Only the first member is in your sum, which is divided by their number. Does a "
                "return stand inside the loop?"
            ),
            lambda prob_list: prob_list[0] / len(prob_list),
        ),
        slip(
            "first_left_out",
            N_("first member left out of the sum"),
            N_("The first member isn't in your sum, and is counted where you divide."),
            lambda prob_list: (np.sum(prob_list, axis=0) - prob_list[0]) / len(prob_list),
        ),
    ),
    hints=(
        N_("Which axis counts the members when the list becomes one array (M, N, C)?"),
        N_("What comes out has the shape of one member's answer, and its rows sum to 1."),
    ),
    praise=N_("When is the ensemble no better than its members? When they all err together."),
)


def polyak_trials(rng):
    def walk(label, shape, steps, dtype=np.float64, decays=(0.62, 0.86), **more):
        def calls():
            average = rng.normal(size=shape).astype(dtype)
            decay = draw(rng, *decays)
            for _step in range(steps):
                theta = rng.normal(size=shape).astype(dtype)
                average = yield Call((average, theta, decay))

        return Trial(label, calls, **more)

    start = np.round(rng.uniform(0.3, 2.0, (2, 2)), 1)
    return [
        single("example", start[0], -start[1], draw(rng, 0.6, 0.85, 1)),
        walk("usual", (7,), 3),
        walk("usual", (4,), 2, decays=(0.993, 0.998)),
        walk("shape", (3, 5), 2),
        walk("shape", (2, 3, 4), 1),
        walk("float32", (6,), 2, np.float32, tolerance=FLOAT32_TOLERANCE),
    ]


POLYAK = Exercise(
    name="polyak_average",
    topic=TOPIC,
    points=16,
    returns="average",
    trials=polyak_trials,
    mistakes=(
        elsewhere(
            "decay_reversed",
            N_("decay the other way round"),
            N_(
                "Your decay is the share of the new θ, as some libraries' τ is. Here it is the "
                "share of the average that stays."
            ),
            ("decay * average + (1 - decay) * theta", "(1 - decay) * average + decay * theta"),
            where=N_("**decay** · average + **(1 − decay)** · θ"),
        ),
        slip(
            "theta_not_weighted",
            N_("new θ not weighted"),
            N_("θ goes in whole: the average grows with every step. Its weight is 1 − decay."),
            ("(1 - decay) * theta", "theta"),
            where=N_("decay · average + **(1 − decay)** · θ"),
        ),
        slip(
            "average_not_decayed",
            N_("old average not decayed"),
            N_("The old average stays whole, so the weights sum to more than 1."),
            ("decay * average + ", "average + "),
            where=N_("**decay** · average + (1 − decay) · θ"),
        ),
        slip(
            "same_weight",
            N_("both weighted by decay"),
            N_("Both parts have the weight decay; the two weights must sum to 1."),
            ("(1 - decay) * theta", "decay * theta"),
            where=N_("decay · average + **(1 − decay)** · θ"),
        ),
        slip(
            "plain_mean",
            N_("mean of the two"),
            N_("You return the plain mean of both; decay has no effect."),
            ("decay * average + (1 - decay) * theta", "(average + theta) / 2"),
        ),
        slip(
            "theta_returned",
            N_("θ returned"),
            N_("You return the new θ; nothing is averaged."),
            ("decay * average + (1 - decay) * theta", "theta + 0.0"),
        ),
        slip(
            "average_unchanged",
            N_("average not moved"),
            N_("The average comes back as it went in."),
            ("decay * average + (1 - decay) * theta", "average + 0.0"),
        ),
        slip(
            "average_subtracted",
            N_("sign of one part"),
            N_("The new θ is taken away where it should be added."),
            ("+ (1 - decay)", "- (1 - decay)"),
            where=N_("decay · average **+** (1 − decay) · θ"),
        ),
        slip(
            "moved_too_far",
            N_("moved by decay of the way"),
            N_("The average moves away from θ: the difference stands the wrong way round."),
            (
                "decay * average + (1 - decay) * theta",
                "average + (1 - decay) * (average - theta)",
            ),
            where=N_("average + (1 − decay)(**θ − average**)"),
        ),
        slip(
            "whole_and_decay",
            N_("θ weighted by decay, the average whole"),
            N_(
                "The old average stays whole, and θ has the weight decay. Both weights are wrong: "
                "decay is the average's."
            ),
            ("decay * average + (1 - decay) * theta", "average + decay * theta"),
            where=N_("**decay** · average + **(1 − decay)** · θ"),
            pairs=False,
        ),
        slip(
            "brackets_too_wide",
            N_("brackets too wide"),
            N_("decay multiplies the part of θ as well: brackets are too wide."),
            ("decay * average + (1 - decay) * theta", "decay * (average + (1 - decay) * theta)"),
            where=N_("decay · average **+** (1 − decay) · θ"),
            pairs=False,
        ),
        slip(
            "brackets_missing",
            N_("brackets missing"),
            N_(
                "Brackets are missing: 1 − decay · θ takes the product from 1. θ is multiplied by "
                "what decay leaves."
            ),
            ("decay * average + (1 - decay) * theta", "decay * average + 1 - decay * theta"),
            where=N_("decay · average + **(**1 − decay**)** · θ"),
            pairs=False,
        ),
        slip(
            "corrected",
            N_("divided by 1 − decay"),
            N_(
                "The mean is divided by 1 − decay, as Adam's correction is at its first step. Here "
                "the two weights sum to 1 already."
            ),
            (
                "decay * average + (1 - decay) * theta",
                "(decay * average + (1 - decay) * theta) / (1 - decay)",
            ),
            where=N_("**decay · average + (1 − decay) · θ**"),
            pairs=False,
        ),
    ),
    hints=(
        N_("A running average has two weights that sum to 1. Which belongs to the past?"),
        N_("With decay = 0.9 nine tenths of the old average stay."),
    ),
    praise=N_("With decay = 0.99, about how many of the last θ does the average speak for?"),
)
