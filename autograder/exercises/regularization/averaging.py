"""`test_time_average`. CS7: at test time, average over a fixed set of crops."""

import numpy as np

from autograder import reference
from autograder.exercises.base import (
    FLOAT32_TOLERANCE,
    FLOAT64_TOLERANCE,
    Exercise,
    Trial,
    elsewhere,
    slip,
)
from autograder.exercises.regularization.inputs import TOPIC
from descentlab.calls import Call, Given
from descentlab.text import N_


def classifier(rng, shape, classes, dtype):
    """A classifier of its own for each trial: view of shape (N, ...) -> probs of shape (N, C)."""
    weights = rng.normal(size=(int(np.prod(shape[1:])), classes)).astype(dtype)
    axes = len(shape)

    def predict(view):
        view = np.asarray(view, dtype=dtype)
        if view.ndim != axes:
            raise ValueError(f"a view has {axes} axes, the first for examples; got {view.ndim}")
        features = np.tanh(2 * view).reshape(len(view), -1)
        scores = features @ weights  # bends, so that the mean of views is another thing
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)

    return predict


def trials(rng):
    """Three views and more (of two, a running mean of two would be right), none alike. At last a
    single view, for an answer that gets the others right: of no views there is no mean to name."""
    right = []

    def case(label, shape, classes, count, dtype=np.float64, tolerance=FLOAT64_TOLERANCE):
        predict = classifier(rng, shape, classes, dtype)
        views = [rng.normal(size=shape).astype(dtype) for _view in range(count)]
        call = Call((Given(predict, "predict"), views))
        mean = reference.find("test_time_average")(predict, views)

        def calls():
            probs = yield call
            right.append(np.shape(probs) == mean.shape and np.allclose(probs, mean, atol=1e-4))

        return Trial(label, calls, tolerance)

    def last(single, other):
        def calls():
            yield from (single if all(right) else other).calls()

        return Trial("usual", calls)

    return [
        case("example", (1, 2), 2, 3),
        case("usual", (6, 3), 4, 3),
        case("usual", (2, 4), 3, 5),
        case("shape", (5, 2, 3), 4, 4),
        case("float32", (4, 3), 3, 3, np.float32, FLOAT32_TOLERANCE),
        last(case("usual", (3, 4), 2, 1), case("usual", (3, 4), 2, 4)),
    ]


BODY = "np.mean([predict(view) for view in views], axis=0)"


def _running_mean_of_two(predict, views):
    average = predict(views[0])
    for view in views[1:]:
        average = (average + predict(view)) / 2
    return average


def _softmax_again(predict, views):
    odds = np.exp(np.mean([predict(view) for view in views], axis=0))
    return odds / odds.sum(axis=1, keepdims=True)


def _votes(predict, views):
    probs = [predict(view) for view in views]
    return np.mean([np.eye(p.shape[1])[p.argmax(axis=1)] for p in probs], axis=0)


EXERCISE = Exercise(
    name="test_time_average",
    topic=TOPIC,
    points=4,
    returns="probs",
    trials=trials,
    mistakes=(
        slip(
            "average_of_views",
            N_("views averaged, not predictions"),
            N_(
                "You average the views and predict once: a blur of all crops, which the network "
                "has never seen. Predict each view, and average what comes out."
            ),
            (BODY, "predict(np.mean(views, axis=0))"),
            where=N_("mean of **predict(view)**"),
        ),
        slip(
            "sum_for_mean",
            N_("sum for mean"),
            N_("You add the predictions up: the rows sum to the number of views, not to 1."),
            (BODY, "np.sum([predict(view) for view in views], axis=0)"),
            where=N_("**mean** of predict(view)"),
        ),
        slip(
            "first_view",
            N_("first view only"),
            N_("Only the first view counts. Does a return stand inside the loop?"),
            (BODY, "predict(views[0])"),
            where=N_("mean over **all views**"),
        ),
        slip(
            "last_view",
            N_("last view only"),
            N_("Only the last view counts: each one replaces the one before."),
            (BODY, "predict(views[-1])"),
            where=N_("mean over **all views**"),
        ),
        slip(
            "first_left_out",
            N_("first view left out"),
            N_("The first view isn't in your mean."),
            (BODY, "np.mean([predict(view) for view in views[1:] or views], axis=0)"),
            where=N_("mean over **all views**"),
        ),
        slip(
            "divided_by_one_less",
            N_("divided by one view too few"),
            N_("The sum is divided by one less than the number of views."),
            (BODY, "np.sum([predict(view) for view in views], axis=0) / (len(views) - 1)"),
            where=N_("**mean** over views"),
            pairs=False,
        ),
        slip(
            "divided_by_one_more",
            N_("divided by one view too many"),
            N_("The sum is divided by one more than the number of views."),
            (BODY, "np.sum([predict(view) for view in views], axis=0) / (len(views) + 1)"),
            where=N_("**mean** over views"),
            pairs=False,
        ),
        slip(
            "first_counted_twice",
            N_("first view counted twice"),
            N_("The first view is in your sum twice: before the loop, and in it."),
            (
                BODY,
                "(predict(views[0]) + np.sum([predict(view) for view in views], axis=0))"
                " / (len(views) + 1)",
            ),
            where=N_("mean over **all views**"),
            pairs=False,
        ),
        slip(
            "softmax_again",
            N_("softmax of probabilities"),
            N_(
                "You put a softmax over the mean. predict returns probabilities already; a second "
                "softmax pulls them together."
            ),
            _softmax_again,
            where=N_("mean of **predict(view)**"),
        ),
        slip(
            "last_left_out",
            N_("last view left out"),
            N_("The last view isn't in your mean. Where does the loop end?"),
            (BODY, "np.mean([predict(view) for view in views[:-1] or views], axis=0)"),
            where=N_("mean over **all views**"),
        ),
        slip(
            "divided_by_examples",
            N_("divided by the number of examples"),
            N_("The sum is divided by the number of examples. How many terms did it have?"),
            (BODY, "np.sum([predict(view) for view in views], axis=0) / len(views[0])"),
            where=N_("**mean** over views"),
        ),
        slip(
            "running_mean_of_two",
            N_("mean of old and new at each view"),
            N_(
                "You take the mean of what you have and the new prediction, again and again: the "
                "last view weighs a half, the first ones next to nothing. All weigh the same."
            ),
            _running_mean_of_two,
            where=N_("**mean** over all views"),
        ),
        slip(
            "wrong_axis",
            N_("mean over another axis"),
            N_(
                "You average over the examples or over everything, not over the views. What comes "
                "back has one row per example and one column per class."
            ),
            (BODY, "np.mean([predict(view) for view in views], axis=1)"),
            where=N_("mean over **views**"),
            pairs=False,
        ),
        elsewhere(
            "geometric_mean",
            N_("geometric mean"),
            N_(
                "You average the logarithms, a geometric mean brought back to rows that sum to 1; "
                "some ensembles do. One view that is sure of a no has a veto there. Here it is the "
                "plain mean."
            ),
            (
                BODY,
                "(lambda g: g / g.sum(axis=1, keepdims=True))(np.exp(np.mean("
                "[np.log(predict(view)) for view in views], axis=0)))",
            ),
            where=N_("**mean** of predict(view)"),
        ),
        slip(
            "geometric_unscaled",
            N_("geometric mean, not brought back to 1"),
            N_(
                "You average the logarithms: a geometric mean, whose rows don't even sum to 1. "
                "Here it is the plain mean."
            ),
            (BODY, "np.exp(np.mean([np.log(predict(view)) for view in views], axis=0))"),
            where=N_("**mean** of predict(view)"),
        ),
        elsewhere(
            "product",
            N_("product of probabilities"),
            N_(
                "You multiply the probabilities and bring the rows back to 1, as if the views were "
                "independent witnesses. Views of one image aren't, and a product is far too sure. "
                "Here it is the plain mean."
            ),
            (
                BODY,
                "(lambda g: g / g.sum(axis=1, keepdims=True))(np.prod("
                "[predict(view) for view in views], axis=0))",
            ),
            where=N_("**mean** of predict(view)"),
            pairs=False,
        ),
        slip(
            "median",
            N_("median"),
            N_("You take the median, whose rows don't sum to 1. All views count in a mean."),
            (BODY, "np.median([predict(view) for view in views], axis=0)"),
            where=N_("**mean** of predict(view)"),
        ),
        slip(
            "largest",
            N_("largest probability"),
            N_("You take the largest probability of all views: the rows sum to more than 1."),
            (BODY, "np.max([predict(view) for view in views], axis=0)"),
            where=N_("**mean** of predict(view)"),
        ),
        elsewhere(
            "votes",
            N_("votes for probabilities"),
            N_(
                "Each view votes for its most probable class, and you count votes: that is an "
                "ensemble, too. Here probabilities are averaged, so an unsure view weighs less."
            ),
            _votes,
            where=N_("mean of **predict(view)**"),
        ),
        slip(
            "all_predictions",
            N_("predictions not averaged"),
            N_("You return the predictions of all views as they are. Their mean is asked for."),
            (BODY, "np.array([predict(view) for view in views])"),
            where=N_("**mean** of predict(view)"),
        ),
        slip(
            "returned_in_loop",
            N_("only the first view, divided"),
            N_(
                "Only the first view is in your sum, which is divided by their number. Does a "
                "return stand inside the loop?"
            ),
            (BODY, "predict(views[0]) / len(views)"),
            where=N_("mean over **all views**"),
            pairs=False,
        ),
        slip(
            "first_left_out_of_sum",
            N_("first view left out of the sum"),
            N_(
                "The first view isn't in your sum, and is counted where you divide. Where does "
                "your loop begin?"
            ),
            (
                BODY,
                "(np.sum([predict(view) for view in views], axis=0) - predict(views[0])) / "
                "len(views)",
            ),
            where=N_("mean over **all views**"),
            pairs=False,
        ),
    ),
    hints=(
        N_("predict is a function: call it once for each view. What does it give?"),
        N_("All predictions have the shape (N, C). Their mean has it, too."),
    ),
    praise=N_("Noise in training, averaged out at test: where have you seen that pattern before?"),
)
