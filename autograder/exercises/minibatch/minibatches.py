"""`minibatches`. One epoch: shuffled together, each example once, the short last batch kept."""

import numpy as np

from autograder.exercises.base import RandomExercise, elsewhere, single, slip
from autograder.exercises.minibatch.measuring import (
    PROPERTIES,
    TOPIC,
    Rows,
    always,
    distinct,
    one_cycle,
    order_measurements,
    rare,
    repeated,
    share,
)
from descentlab.calls import Seeded
from descentlab.text import N_, _

MANY = 200
"""From so many examples on the order is measured, too: a bound of 7/√199 = 0.5 leaves 1 outside."""

SHUFFLE = "rng.permutation(len(x))"
CHOSEN = "order[start : start + batch_size]"
ROUND = f"for start in range(0, len(x), batch_size):\n    chosen = {CHOSEN}"
BATCH = "(x[chosen], y[chosen])"


def trials(rng):
    """First an epoch long enough to see its order, then what a batch size can be: with a rest,
    without, larger than the data, all of it, one, a rest of one. x with two and three axes, y with
    one and two."""

    def trial(n, batch_size, x_shape, y):
        x = distinct(rng, (n, *x_shape))
        return single("usual", x, y, batch_size, Seeded(int(rng.integers(2**63))))

    def labels(n):
        return 3 * rng.permutation(n) + 7

    batch = int(rng.integers(47, 58))
    # A rest that is left in place is seen; the first of twelve equal batches has batch_size, too,
    # so that batches cut one short aren't taken for them.
    n = 12 * batch - int(rng.integers(10, 12))
    return [
        trial(n, batch, (3,), distinct(rng, (n, 2))),
        trial(53, 12, (2, 3), labels(53)),
        trial(60, 12, (4,), labels(60)),
        trial(17, 23, (2,), distinct(rng, (17,))),
        trial(31, 31, (3,), labels(31)),
        trial(9, 1, (2,), distinct(rng, (9, 3))),
        trial(21, 4, (2,), labels(21)),
    ]


def measure(records):
    """Exact for all records together; the order where there are examples enough."""
    counts = dict.fromkeys(("rows", "foreign", "apart", "missing", "examples", "twice"), 0)
    orders, first, last, cycle = [], [], [], []
    for record in records:
        x, y = record.call.args[:2]
        find_x, find_y = Rows(x), Rows(y)
        of_x = [find_x.numbers(x_b) for x_b, _y_b in record.value]
        of_y = [find_y.numbers(y_b) for _x_b, y_b in record.value]
        order, beside = np.concatenate(of_x), np.concatenate(of_y)
        counts["rows"] += len(order)
        counts["foreign"] += np.count_nonzero((order < 0) | (beside < 0))
        counts["apart"] += np.count_nonzero(order != beside)
        counts["missing"] += len(x) - len(np.unique(order[order >= 0]))
        counts["examples"] += len(x)
        counts["twice"] += repeated(of_x)
        first.append(order[0] == 0)
        last.append(order[-1] == len(x) - 1)
        cycle.append(one_cycle(order))
        if len(x) >= MANY:
            orders += order_measurements(_("rows of x"), order)
            orders += order_measurements(_("rows of y"), beside)
    foreign = _("share of rows that aren't in the data")
    missing = _("share of examples that are missing")
    apart = _("share of rows beside another one's y")
    doubles = _("2√ of the number of doubles within a batch")
    return [
        share(foreign, counts["foreign"], counts["rows"], "rows"),
        share(missing, counts["missing"], counts["examples"], "once"),
        share(apart, counts["apart"], counts["rows"], "pairs"),
        rare(doubles, counts["twice"], "once"),
        *orders,
        # each by chance in all seven with 1/(600 · 53 · 60 · 17 · 31 · 9 · 21) = 5e-12
        always(_("share of epochs that begin with the first example"), first),
        always(_("share of epochs that end with the last example"), last),
        always(_("share of epochs whose order is a single cycle"), cycle),
    ]


def two_lists(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    starts = range(0, len(x), batch_size)
    x_batches = [x[order[start : start + batch_size]] for start in starts]
    y_batches = [y[order[start : start + batch_size]] for start in starts]
    return x_batches, y_batches


def one_by_one(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch_size):
        chosen = order[start : start + batch_size]
        yield x[chosen], y[chosen]


MISTAKES = (
    slip(
        "not_shuffled",
        N_("not shuffled"),
        N_(
            "The examples come in the order of the data. If that is sorted by class, a batch sees "
            "one class alone: draw a new order from rng first."
        ),
        (SHUFFLE, "np.arange(len(x))"),
        where=N_("shuffle **first**, then cut"),
        pairs=False,
    ),
    slip(
        "y_left_behind",
        N_("y not shuffled along"),
        N_(
            "x is shuffled and y isn't: the examples stand beside labels that belong to others. "
            "Use the same order for both."
        ),
        ("y[chosen]", "y[start : start + batch_size]"),
        where=N_("x[order], y[**order**]"),
    ),
    slip(
        "x_left_behind",
        N_("x not shuffled along"),
        N_(
            "y is shuffled and x isn't: the examples stand beside labels that belong to others. "
            "Use the same order for both."
        ),
        ("x[chosen]", "x[start : start + batch_size]"),
        where=N_("x[**order**], y[order]"),
        pairs=False,
    ),
    slip(
        "shuffled_apart",
        N_("x and y shuffled apart"),
        N_(
            "x and y are shuffled each on its own, in two different orders, so no label belongs to "
            "its example any more. Draw one order and use it for both."
        ),
        (SHUFFLE, f"{SHUFFLE}\nother = {SHUFFLE}"),
        ("y[chosen]", "y[other[start : start + batch_size]]"),
        where=N_("x[order], y[**order**]"),
        pairs=False,
    ),
    slip(
        "with_replacement",
        N_("drawn with replacement"),
        N_(
            "Each place draws from all examples again: more than a third of them don't come at all "
            "in an epoch, others several times. An epoch is one visit to each: a permutation."
        ),
        (SHUFFLE, "rng.integers(0, len(x), size=len(x))"),
        where=N_("each example **once**"),
    ),
    elsewhere(
        "every_batch_anew",
        N_("each batch drawn on its own"),
        N_(
            "Each batch is a fresh draw from all the data, as SL2's first description of SGD and "
            "CS231n's have it. Then an epoch misses about a third of the examples. Here the epoch "
            "visits each of them once: one order, cut into batches."
        ),
        (f"chosen = {CHOSEN}", f"chosen = rng.choice(len(x), len({CHOSEN}), replace=False)"),
        where=N_("each example **once**"),
        pairs=False,
    ),
    slip(
        "last_dropped",
        N_("short last batch missing"),
        N_(
            "There is no short last batch: it was dropped, or joined to the one before. Libraries "
            "offer to drop it (drop_last=True); here every example has its turn in every epoch, "
            "and no batch is larger than batch_size."
        ),
        ("range(0, len(x), batch_size)", "range(0, len(x) - batch_size + 1, batch_size)"),
        where=N_("**⌈n/B⌉** batches"),
        pairs=False,
    ),
    slip(
        "equal_batches",
        N_("batches of equal size"),
        N_(
            "Your batches are made as equal as can be, as np.array_split does. Here all have "
            "batch_size examples, and what is left makes a short last one."
        ),
        (ROUND, "for chosen in np.array_split(order, -(-len(x) // batch_size)):"),
        where=N_("B, B, …, **the rest**"),
        pairs=False,
    ),
    slip(
        "slices_one_short",
        N_("batches one too short"),
        N_(
            "Each batch ends one example too early, so that one is lost at every cut. The end of "
            "a slice isn't in it anyway: nothing is subtracted."
        ),
        (CHOSEN, "order[start : start + batch_size - 1]"),
        where=N_("**B**, B, …, the rest"),
        pairs=False,
    ),
    slip(
        "slices_one_long",
        N_("batches one too long"),
        N_(
            "Each batch ends one example too late, so that one comes twice at every cut. The end "
            "of a slice isn't in it: nothing is added."
        ),
        (CHOSEN, "order[start : start + batch_size + 1]"),
        where=N_("**B**, B, …, the rest"),
        pairs=False,
    ),
    slip(
        "size_as_count",
        N_("batch_size taken for their number"),
        N_(
            "You make batch_size batches. batch_size says how many *examples* are in one; their "
            "number follows from that."
        ),
        (ROUND, "for chosen in np.array_split(order, batch_size):"),
        where=N_("**⌈n/B⌉** batches of **B**"),
        pairs=False,
    ),
    slip(
        "last_batch_full",
        N_("last batch as large as the others"),
        N_(
            "Your last batch has batch_size examples, too, though fewer are left by then. Whether "
            "it was filled up or each batch drawn on its own: some examples come twice in the "
            "epoch. Each has one turn, and the last batch is what is left."
        ),
        (CHOSEN, "np.take(order, range(start, start + batch_size), mode='wrap')"),
        where=N_("B, B, …, **the rest**"),
        pairs=False,
    ),
    slip(
        "empty_batch",
        N_("an empty batch at the end"),
        N_(
            "When batch_size divides the number of examples, there is a batch with nothing in it "
            "at the end. Its mean would be 0/0: make as many batches as there are starts."
        ),
        ("range(0, len(x), batch_size)", "range(0, len(x) + 1, batch_size)"),
        where=N_("**⌈n/B⌉** batches"),
        pairs=False,
    ),
    slip(
        "last_example_lost",
        N_("a rest of one lost"),
        N_(
            "When a single example is left for the last batch, it gets lost. The range of starts "
            "goes up to the number of examples, not to one less."
        ),
        ("range(0, len(x), batch_size)", "range(0, len(x) - 1, batch_size)"),
        where=N_("**⌈n/B⌉** batches"),
        pairs=False,
    ),
    slip(
        "within_batches_only",
        N_("shuffled inside the batches only"),
        N_(
            "You cut first and shuffle inside each batch, so a batch always holds the same "
            "examples. Shuffle all of them, then cut."
        ),
        (f"chosen = {CHOSEN}", f"chosen = rng.permutation(np.arange(len(x)){CHOSEN[5:]})"),
        where=N_("shuffle **first**, then cut"),
        pairs=False,
    ),
    slip(
        "batches_shuffled_whole",
        N_("batches in another order"),
        N_(
            "The short batch isn't the last one. Did you shuffle the batches as a whole after "
            "cutting? Then the same examples always come together: shuffle the examples first, "
            "then cut."
        ),
        (SHUFFLE, "np.arange(len(x))"),
        ("return batches", "rng.shuffle(batches)\nreturn batches"),
        where=N_("shuffle **first**, then cut"),
        pairs=False,
    ),
    slip(
        "rotated_only",
        N_("only started elsewhere"),
        N_(
            "You start at a random place and go on in the order of the data: neighbours stay "
            "neighbours. Draw a whole new order."
        ),
        (SHUFFLE, "np.roll(np.arange(len(x)), rng.integers(len(x)))"),
    ),
    slip(
        "sorted_inside",
        N_("sorted inside the batches"),
        N_(
            "Inside each batch the examples stand in the order of the data. It does no harm to a "
            "mean, but it isn't the order that was drawn: leave out the sorting."
        ),
        (CHOSEN, f"np.sort({CHOSEN})"),
        pairs=False,
    ),
    slip(
        "pair_swapped",
        N_("(y, x) for (x, y)"),
        N_("Your pairs hold y first. A batch is (x_b, y_b)."),
        (BATCH, "(y[chosen], x[chosen])"),
        where=N_("(**x_b, y_b**)"),
        pairs=False,
    ),
    slip(
        "x_only",
        N_("batches of x only"),
        N_("Your batches hold x alone. A batch is a pair, the examples and their y."),
        (f"({BATCH})", "(x[chosen])"),
        where=N_("(x_b, **y_b**)"),
        pairs=False,
    ),
    slip(
        "indices_returned",
        N_("row numbers for rows"),
        N_(
            "Your batches hold the numbers of the rows. The rows themselves are asked for: index x "
            "and y with those numbers."
        ),
        (BATCH, "(chosen, chosen)"),
        where=N_("(**x[…], y[…]**)"),
        pairs=False,
    ),
    slip(
        "two_lists",
        N_("two parts for a list of pairs"),
        N_(
            "What you return has two parts, one of x and one of y. Return one list of all batches, "
            "each a pair, so that a loop can say: for x_b, y_b in batches."
        ),
        two_lists,
        where=N_("[**(x_b, y_b)**, …]"),
    ),
    elsewhere(
        "generator",
        N_("a generator for a list"),
        N_(
            "With yield your function hands out one batch at a time, as data loaders do, which "
            "saves memory. Here a list is asked for: it has a length and can be walked twice."
        ),
        one_by_one,
    ),
)

EXERCISE = RandomExercise(
    name="minibatches",
    topic=TOPIC,
    points=24,
    returns="batches",
    trials=trials,
    mistakes=MISTAKES,
    first_look=1,
    measure=measure,
    properties=PROPERTIES,
    hints=(
        N_("Shuffle numbers, not data: rng.permutation(n) gives 0 … n − 1 in a new order."),
        N_(
            "With order = [3, 0, 4, 1, 2], x[order[0:2]] are the examples 3 and 0. Which y goes "
            "with them?"
        ),
        N_(
            "range(0, n, batch_size) gives where each batch starts. A slice that goes past the end "
            "stops there on its own."
        ),
    ),
    praise=N_("Shuffle x in place instead: what would the caller find in his data afterwards?"),
)
