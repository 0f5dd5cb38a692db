"""`cross_entropy`. L = 1/B Σ_i −ln p_i[label_i]."""

import numpy as np

from autograder.exercises.base import FLOAT32_TOLERANCE, Exercise, elsewhere, single, slip
from autograder.exercises.minibatch.measuring import TOPIC
from descentlab.text import N_

PICK = "p_label = probs[np.arange(len(labels)), labels]"
MEAN = "np.mean(-np.log(p_label))"
BINARY = "-np.log(p_label) - np.sum(np.log(1 - probs), axis=1) + np.log(1 - p_label)"

GUARDED = 1e-5
"""Adding 1e-7 inside the logarithm, so that it never sees 0, is right. It changes −ln p by
1e-7/p, at most 2e-6 for the probabilities of at least 0.05 here."""

SURPRISED = {4e-5: 5e-4, 1.2e-6: 0.01}
"""Probability of one label of four -> tolerance: 1e-7 changes the loss by 0.0006 of 2.5 or more,
and by 0.02 of 3.4 or more."""

CERTAIN = 2e-6
"""What the labels' probabilities lack of 1 in one batch: there the loss is what they lack. Adding
1e-7, or clipping at 1 − 1e-7, changes it by at most 1e-7; clipping at 1 − 1e-5 by 8e-6."""


def trials(rng):
    """More and fewer examples than classes, one example, every class wrong at least once; one label
    that was all but ruled out: there a floor of 1e-5 or more shows; and labels that were all but
    certain, where a ceiling of 1 − 1e-5 or less does."""

    def batch(count, classes, dtype=np.float64):
        probs = rng.dirichlet(np.ones(classes), size=count) + 0.12
        probs /= probs.sum(axis=1, keepdims=True)
        return probs.astype(dtype), rng.integers(0, classes, size=count)

    def mixed(count, classes, dtype=np.float64):
        """Labels in which no class stands for all."""
        probs, labels = batch(count, classes, dtype)
        labels[:2] = rng.permutation(classes)[:2]
        return probs, labels

    rows = np.array([[0.1, 0.2, 0.3, 0.4], [0.5, 0.2, 0.2, 0.1], [0.3, 0.3, 0.15, 0.25]])

    def surprised(p):
        """The label of the first example was all but ruled out."""
        probs, labels = mixed(4, 3)
        probs[0], labels[0] = (0.6 * (1 - p), 0.4 * (1 - p), p), 2
        return probs, labels

    def certain():
        labels = rng.integers(0, 3, size=5)
        probs = np.full((5, 3), CERTAIN / 2)
        probs[np.arange(5), labels] = 1 - CERTAIN
        return probs, labels

    return [
        single("example", rows, rng.permutation(4)[:3], tolerance=GUARDED),
        single("usual", *mixed(9, 5), tolerance=GUARDED),
        single("usual", *mixed(4, 6), tolerance=GUARDED),
        single("usual", *batch(1, 3), tolerance=GUARDED),
        *(single("usual", *surprised(p), tolerance=SURPRISED[p]) for p in SURPRISED),
        single("usual", *certain(), tolerance=5e-7),
        single("float32", *mixed(7, 4, np.float32), tolerance=FLOAT32_TOLERANCE),
    ]


MISTAKES = (
    slip(
        "sign",
        N_("minus forgotten"),
        N_(
            "The minus is missing: logarithms of probabilities are negative, and so is your loss. "
            "Training would make it ever more so."
        ),
        ("-np.log", "np.log"),
        where=N_("**−**ln p"),
    ),
    slip(
        "not_averaged",
        N_("sum over the batch"),
        N_(
            "You add up the examples of the batch. Then the loss grows with the batch size: take "
            "the mean over the examples."
        ),
        ("np.mean", "np.sum"),
        where=N_("**1/B** Σ_i −ln p"),
    ),
    elsewhere(
        "in_bits",
        N_("logarithm to base 2"),
        N_(
            "You measure the surprise in bits, with the logarithm to base 2, as information theory "
            "does. Here, as in all deep learning libraries, it is the natural one: nats."
        ),
        ("np.log(", "np.log2("),
        where=N_("−**ln** p"),
    ),
    slip(
        "base_ten",
        N_("logarithm to base 10"),
        N_(
            "Your logarithm has base 10. It is the natural one, np.log in NumPy, whose derivative "
            "is 1/p without a factor."
        ),
        ("np.log(", "np.log10("),
        where=N_("−**ln** p"),
    ),
    slip(
        "every_label_of_every_row",
        N_("probs[:, labels]"),
        N_(
            "probs[:, labels] picks *all* labels from *every* row, B × B numbers. Wanted is one "
            "number from each row: its own label's."
        ),
        ("np.arange(len(labels)), labels", ":, labels"),
        where=N_("p_i[**label_i**]"),
    ),
    slip(
        "labels_ignored",
        N_("labels not used"),
        N_(
            "You take −ln of all probabilities, whatever the labels say. Only the probability of "
            "the right class counts."
        ),
        (PICK, "p_label = probs"),
        where=N_("p_i[**label_i**]"),
    ),
    slip(
        "largest_probability",
        N_("largest probability for the label's"),
        N_(
            "You take the largest probability of each row: how sure the network is, right or "
            "wrong. What counts is the probability that it gives to the label."
        ),
        (PICK, "p_label = np.max(probs, axis=1)"),
        where=N_("p_i[**label_i**]"),
    ),
    slip(
        "own_entropy",
        N_("entropy of the prediction"),
        N_(
            "You compute −Σ p ln p, the entropy of the prediction itself. In the cross-entropy the "
            "weights come from the labels: 1 for the right class, 0 for the others."
        ),
        (MEAN, "np.mean(np.sum(-probs * np.log(probs), axis=1))"),
        where=N_("1/B Σ_i −ln p_i[**label_i**]"),
        pairs=False,
    ),
    slip(
        "mean_over_classes",
        N_("divided by the classes, too"),
        N_(
            "You divide by the number of classes as well, as a mean over a whole one-hot table "
            "does. Sum over the classes, and take the mean over the examples."
        ),
        (MEAN, f"{MEAN} / probs.shape[1]"),
        where=N_("**1/B** Σ_i −ln p"),
    ),
    slip(
        "log_of_mean",
        N_("logarithm of the mean"),
        N_(
            "You average the probabilities and take the logarithm of that. Each example has its "
            "own logarithm; these are averaged. One bad surprise must not drown in the others."
        ),
        (MEAN, "-np.log(np.mean(p_label))"),
        where=N_("**1/B Σ_i −ln** p"),
    ),
    slip(
        "no_log",
        N_("no logarithm, 1 − p"),
        N_(
            "You average 1 − p. The logarithm makes the difference: at p near 0 it grows without "
            "end, while 1 − p hardly minds."
        ),
        ("-np.log(p_label)", "1 - p_label"),
        where=N_("**−ln** p"),
        pairs=False,
    ),
    slip(
        "minus_p",
        N_("no logarithm, −p"),
        N_("You average −p, the probability itself. The logarithm of it is asked for."),
        ("-np.log(p_label)", "-p_label"),
        where=N_("−**ln** p"),
    ),
    slip(
        "log_of_the_rest",
        N_("logarithm of 1 − p"),
        N_(
            "You take −ln(1 − p), which is large where the network is right. The surprise is "
            "−ln p: none at p = 1."
        ),
        ("-np.log(p_label)", "-np.log(1 - p_label)"),
        where=N_("−ln **p**"),
        pairs=False,
    ),
    slip(
        "weighted_by_p",
        N_("p ln p at the label"),
        N_(
            "You multiply the surprise by the probability that the network gives, as an entropy "
            "does. Each example counts fully, once."
        ),
        ("-np.log(p_label)", "-p_label * np.log(p_label)"),
        where=N_("1/B Σ_i **−ln p**"),
        pairs=False,
    ),
    slip(
        "all_classes_summed",
        N_("all classes summed"),
        N_(
            "You add up −ln p over all classes, whatever the labels say. Only the probability of "
            "the right class counts."
        ),
        (MEAN, "np.mean(np.sum(-np.log(probs), axis=1))"),
        where=N_("p_i[**label_i**]"),
        pairs=False,
    ),
    slip(
        "label_as_weight",
        N_("the label's number as a weight"),
        N_(
            "You multiply ln p by the label itself, as if it were one-hot. The label is the number "
            "of a column, and no weight: class 0 would never count."
        ),
        (MEAN, "np.mean(-np.sum(labels[:, None] * np.log(probs), axis=1))"),
        where=N_("p_i[**label_i**]"),
        pairs=False,
    ),
    slip(
        "perplexity",
        N_("e to the loss"),
        N_(
            "You return e to the cross-entropy, the perplexity. The cross-entropy itself is asked "
            "for."
        ),
        (MEAN, f"np.exp({MEAN})"),
        where=N_("**1/B Σ_i −ln p**"),
        pairs=False,
    ),
    slip(
        "labels_from_one",
        N_("labels counted from 1"),
        N_(
            "You subtract 1 from the labels, as if they counted from 1. They count from 0, as the "
            "columns of probs do; −1 silently means the last column."
        ),
        (", labels]", ", labels - 1]"),
        where=N_("p_i[**label_i**]"),
    ),
    elsewhere(
        "softmax_again",
        N_("softmax once more"),
        N_(
            "You apply the softmax to probs first. PyTorch's cross_entropy does that, since it is "
            "given logits. Here probabilities come in, and the softmax is done."
        ),
        (
            "probs[np",
            "(np.exp(probs) / np.sum(np.exp(probs), axis=1, keepdims=True))[np",
        ),
        where=N_("−ln **p**"),
    ),
    *(
        elsewhere(
            id,
            N_("binary cross-entropy"),
            N_(
                "You also count −ln(1 − p) for the classes that are not the label: the binary "
                "cross-entropy, for tables of independent yes-or-no labels. With one label per "
                "example only its own class counts."
            ),
            (MEAN, f"np.mean({BINARY}){share}"),
            where=N_("1/B Σ_i **−ln p_i[label_i]**"),
            pairs=False,
        )
        for id, share in (("binary_for_each_class", " / probs.shape[1]"), ("binary_summed", ""))
    ),
    slip(
        "first_example_only",
        N_("return inside the loop"),
        N_("Your loss is that of the first example alone. Does the return stand inside the loop?"),
        (MEAN, "-np.log(p_label[0])"),
        where=N_("**1/B Σ_i** −ln p_i[label_i]"),
        pairs=False,
    ),
    slip(
        "roles_swapped",
        N_("label and prediction swapped"),
        N_(
            "You take the logarithm of the *labels*, one-hot, and ln 0 is −inf. ONN writes ŷ for "
            "the label and y for the prediction, the reverse of the usual; the logarithm is of the "
            "prediction."
        ),
        (
            MEAN,
            "np.mean(-np.sum(probs * np.log(np.eye(probs.shape[1])[labels]), axis=1))",
        ),
        where=N_("−Σ label · ln **prediction**"),
        pairs=False,
    ),
    slip(
        "log_of_masked",
        N_("logarithm of masked probabilities"),
        N_(
            "You multiply probs by the one-hot labels first and take the logarithm of the product: "
            "ln 0 is −inf. Take the logarithm first, then the label's part of it."
        ),
        (
            MEAN,
            "np.mean(-np.sum(np.log(probs * np.eye(probs.shape[1])[labels]), axis=1))",
        ),
        where=N_("−Σ label · **ln p**"),
        pairs=False,
    ),
    *(
        slip(
            f"{way}_{size}".replace("-", "_"),
            N_("guard against ln 0 too large"),
            N_(
                "Small probabilities are lifted too early, so a network that all but rules out the "
                "right class gets off too lightly. A guard against ln 0 has to be far smaller, "
                "1e-7 or less."
            ),
            ("np.log(p_label)", f"np.log({guarded.format(size=size)})"),
            where=N_("−ln **p**"),
            pairs=False,
        )
        for way, guarded in (
            ("clipped_at", "np.maximum(p_label, {size})"),
            ("added", "p_label + {size}"),
        )
        for size in ("1e-2", "1e-3", "1e-4")
    ),
    *(
        slip(
            f"ceiling_{size}".replace("-", "_"),
            N_("probabilities near 1 cut"),
            N_(
                "Probabilities near 1 are cut down, so a network that is right and sure of it is "
                "charged for it. There is nothing to guard against at 1, where ln p is 0; if you "
                "clip both ends, then by 1e-7 or less."
            ),
            ("np.log(p_label)", f"np.log(np.minimum(p_label, 1 - {size}))"),
            where=N_("−ln **p**"),
            pairs=False,
        )
        for size in ("1e-2", "1e-3", "1e-4")
    ),
    slip(
        "per_example",
        N_("one number per example"),
        N_(
            "One number for each example came back. The loss of a batch is a single number, their "
            "mean."
        ),
        (f"float({MEAN})", "-np.log(p_label)"),
        where=N_("**1/B Σ_i** −ln p"),
        pairs=False,
    ),
)

EXERCISE = Exercise(
    name="cross_entropy",
    topic=TOPIC,
    points=14,
    returns="loss",
    trials=trials,
    mistakes=MISTAKES,
    hints=(
        N_("From each row of probs you need one number. Which column is it in?"),
        N_(
            "probs[[0, 1, 2], [2, 0, 3]] picks one entry from each of three rows. The rows are 0, "
            "1, …, B − 1; what are the columns?"
        ),
        N_(
            "On paper: probabilities 0.5 and 0.25 at the two labels. −ln gives 0.693 and 1.386; "
            "the loss is their mean."
        ),
    ),
    praise=N_("What is the loss of a network that knows nothing and gives 1/10 to each of ten?"),
)
