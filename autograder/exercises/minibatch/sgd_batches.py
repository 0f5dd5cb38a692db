"""Mistakes in `sgd` about its batches: what goes into a step, in which order, how often."""

from autograder.exercises.base import elsewhere, slip
from descentlab.text import N_

ASK = "loss_and_grad(theta, x_b, y_b)"
SHUFFLED = "minibatches(x, y, batch_size, rng)"
STEP = "theta = theta - lr * grad"
EPOCHS = "for _epoch in range(epochs):\n"
IN_ORDER = "[(x[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(x), batch_size)]"

BATCHES = (
    slip(
        "same_shuffle",
        N_("shuffled once for all epochs"),
        N_(
            "All epochs run through the same batches in the same order. Shuffle anew at the start "
            "of each epoch: which of the two loops does minibatches belong into?"
        ),
        (f"{EPOCHS}    for", f"batches = {SHUFFLED}\n{EPOCHS}    for"),
        (f"in {SHUFFLED}", "in batches"),
        where=N_("for each epoch: **shuffle**, then its batches"),
        pairs=False,
    ),
    slip(
        "not_shuffled",
        N_("not shuffled"),
        N_(
            "The examples come in the order of the data, in every epoch. If that is sorted by "
            "class, a batch sees one class alone: minibatches shuffles them."
        ),
        (SHUFFLED, IN_ORDER),
        where=N_("for each epoch: **shuffle**, then its batches"),
        pairs=False,
    ),
    slip(
        "full_data",
        N_("all the data in every step"),
        N_(
            "You loop over batches and pass the whole x and y to loss_and_grad. Each step works "
            "with its own batch."
        ),
        (ASK, "loss_and_grad(theta, x, y)"),
        where=N_("∇L_**batch**(θ)"),
    ),
    slip(
        "one_epoch",
        N_("one epoch only"),
        N_("Only one epoch is run, whatever epochs says."),
        ("range(epochs)", "range(1)"),
        where=N_("for each **epoch**"),
        pairs=False,
    ),
    slip(
        "epoch_too_few",
        N_("one epoch too few"),
        N_("You run one epoch less than epochs says."),
        ("range(epochs)", "range(epochs - 1)"),
        where=N_("for each **epoch**"),
        pairs=False,
    ),
    slip(
        "epoch_too_many",
        N_("one epoch too many"),
        N_("You run one epoch more than epochs says."),
        ("range(epochs)", "range(epochs + 1)"),
        where=N_("for each **epoch**"),
        pairs=False,
    ),
    slip(
        "rest_carried_over",
        N_("rest carried into the next epoch"),
        N_(
            "What is left at the end of an epoch is filled up with examples of the next one, so "
            "there are fewer steps. Each epoch ends with its own short batch."
        ),
        (
            f"{EPOCHS}    for x_b, y_b in {SHUFFLED}:",
            "order = np.concatenate([rng.permutation(len(x)) for _epoch in range(epochs)])\n"
            "starts = range(0, len(order), batch_size)\n"
            "for chosen in [order[start : start + batch_size] for start in starts]:\n"
            "    for x_b, y_b in [(x[chosen], y[chosen])]:",
        ),
        where=N_("**⌈n/B⌉** batches an epoch"),
        pairs=False,
    ),
    slip(
        "batch_gradient_descent",
        N_("all the data as one batch"),
        N_(
            "Each epoch is one step with all the data: batch gradient descent. Cut the epoch into "
            "batches of batch_size."
        ),
        (SHUFFLED, "[(x, y)]"),
        where=N_("for each **batch** of each epoch"),
        pairs=False,
    ),
    slip(
        "one_batch_per_epoch",
        N_("one batch per epoch"),
        N_(
            "After its first batch each epoch is over: you take epochs for steps. An epoch runs "
            "through all batches."
        ),
        (STEP, f"{STEP}\n        break"),
        where=N_("for each **batch** of each epoch"),
        pairs=False,
    ),
    elsewhere(
        "last_dropped",
        N_("short last batch dropped"),
        N_(
            "The short last batch of each epoch is left out. Libraries offer that "
            "(drop_last=True); here every example has its turn in every epoch."
        ),
        (SHUFFLED, f"[b for b in {SHUFFLED} if len(b[0]) == batch_size]"),
        where=N_("**⌈n/B⌉** steps an epoch"),
        pairs=False,
    ),
    slip(
        "one_example_a_step",
        N_("one example a step"),
        N_(
            "Each step takes a single example, whatever batch_size says: stochastic gradient "
            "descent in KK's sense. Here a step takes a batch."
        ),
        (SHUFFLED, "minibatches(x, y, 1, rng)"),
        where=N_("∇L_**batch**(θ)"),
        pairs=False,
    ),
    slip(
        "loops_exchanged",
        N_("loops exchanged"),
        N_(
            "Your loops are exchanged: each batch is worked through epochs times before the next "
            "one comes. An epoch goes through *all* batches, then the next begins."
        ),
        (
            f"{EPOCHS}    for x_b, y_b in {SHUFFLED}:",
            f"for x_b, y_b in {SHUFFLED}:\n    {EPOCHS[:-1]}",
        ),
        where=N_("**for each epoch**: for each batch"),
        pairs=False,
    ),
    slip(
        "with_replacement",
        N_("drawn with replacement"),
        N_(
            "Each batch is drawn with replacement from all the data, so an epoch misses more than "
            "a third of the examples. An epoch visits each of them once."
        ),
        (
            SHUFFLED,
            "[\n        (x[i], y[i])\n"
            "        for i in [rng.integers(0, len(x), batch_size) for b in "
            f"{SHUFFLED}]\n    ]",
        ),
        where=N_("each example **once** an epoch"),
        pairs=False,
    ),
    elsewhere(
        "every_batch_anew",
        N_("each batch drawn on its own"),
        N_(
            "Each step draws a fresh batch from all the data, as SL2's first description of SGD "
            "and CS231n's have it. Then an epoch misses about a third of the examples. Here it "
            "visits each of them once, and its last batch is what is left."
        ),
        (
            SHUFFLED,
            "[\n        (x[i], y[i])\n"
            "        for i in [rng.permutation(len(x))[:batch_size] for b in "
            f"{SHUFFLED}]\n    ]",
        ),
        where=N_("each example **once** an epoch"),
        pairs=False,
    ),
    slip(
        "y_left_behind",
        N_("y not shuffled along"),
        N_(
            "x is shuffled and y isn't, so the gradient is that of examples with the answers of "
            "others. One order for both."
        ),
        (
            SHUFFLED,
            "[\n        (a, y[i * batch_size : (i + 1) * batch_size])\n"
            f"        for i, (a, _b) in enumerate({SHUFFLED})\n    ]",
        ),
        where=N_("x[order], y[**order**]"),
        pairs=False,
    ),
    slip(
        "shuffled_apart",
        N_("x and y shuffled apart"),
        N_(
            "x and y are shuffled each on its own, so the gradient is that of examples with the "
            "answers of others. One order for both."
        ),
        (
            SHUFFLED,
            "[\n        (a, d)\n        for (a, _b), (_c, d) in "
            f"zip({SHUFFLED}, {SHUFFLED})\n    ]",
        ),
        where=N_("x[order], y[**order**]"),
        pairs=False,
    ),
)
