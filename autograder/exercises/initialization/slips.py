"""Mistakes that every initializer can have: they edit lines that all of them share."""

from autograder.exercises.base import elsewhere, slip
from descentlab.text import N_

DRAW = "rng.normal(0, std, size=(n_in, n_out))"

LAYOUT = (
    slip(
        "bias_per_input",
        N_("one bias for each input"),
        N_(
            "Your b has one entry for each input of the layer. A bias belongs to a unit of the "
            "layer itself: h @ W + b has as many columns as the layer has outputs."
        ),
        ("np.zeros(n_out)", "np.zeros(n_in)"),
        where=N_("b of shape **(n_out,)**"),
        pairs=False,
    ),
    slip(
        "bias_two_axes",
        N_("b with two axes"),
        N_(
            "Your b is a row with two axes, (1, n_out). The course keeps biases as plain vectors, "
            "one axis; adding them to each row of h works with that as well."
        ),
        ("np.zeros(n_out)", "np.zeros((1, n_out))"),
        where=N_("b of shape **(n_out,)**"),
        pairs=False,
    ),
    elsewhere(
        "bias_column",
        N_("b as a column"),
        N_(
            "Your b is a column, (n_out, 1), as in courses that keep one example per column and "
            "write Wx + b. Here an example is a row, h @ W + b, and b a vector with one axis."
        ),
        ("np.zeros(n_out)", "np.zeros((n_out, 1))"),
        where=N_("b of shape **(n_out,)**"),
        pairs=False,
    ),
    slip(
        "bias_one_number",
        N_("one number as bias"),
        N_(
            "Your b is a single number for the whole layer. It would do for the first forward "
            "pass; training needs one bias for each unit, an array."
        ),
        ("np.zeros(n_out)", "0.0"),
        where=N_("b of shape **(n_out,)**"),
        pairs=False,
    ),
    slip(
        "one_layer_short",
        N_("one layer too few"),
        N_(
            "A layer is missing at the end. layer_sizes holds the input and every layer after it; "
            "how many gaps are there between L + 1 numbers? (Or does a return stand inside the "
            "loop?)"
        ),
        ("range(1, len(layer_sizes))", "range(1, len(layer_sizes) - 1)"),
        where=N_("ℓ = 1, …, **L**"),
        pairs=False,
    ),
    slip(
        "pair_swapped",
        N_("(b, W) for (W, b)"),
        N_("Each pair comes back with the bias first. A layer is (W, b), in this order."),
        ("params.append((W, b))", "params.append((b, W))"),
        where=N_("params = [**(W, b)**, …]"),
        pairs=False,
    ),
    slip(
        "weights_only",
        N_("biases missing"),
        N_("Each layer comes back as W alone. A layer is a pair, its weights and its biases."),
        ("params.append((W, b))", "params.append(W)"),
        where=N_("params = [(W, **b**), …]"),
        pairs=False,
    ),
    slip(
        "lists_apart",
        N_("W and b in two lists"),
        N_(
            "You return two lists, the weights of all layers and the biases of all layers. One "
            "list is asked for, with a tuple (W, b) for each layer."
        ),
        ("return params", "return [W for W, b in params], [b for W, b in params]"),
        where=N_("params = [**(W, b)**, …]"),
        pairs=False,
    ),
    slip(
        "flat_list",
        N_("W and b in one flat list"),
        N_(
            "The list runs W, b, W, b, … and so is twice as long as the network is deep. Put the "
            "two arrays of a layer into a tuple, one tuple a layer."
        ),
        ("params.append((W, b))", "params += [W, b]"),
        where=N_("params = [**(W, b)**, …]"),
        pairs=False,
    ),
    slip(
        "biases_one",
        N_("biases at 1"),
        N_("Your biases start at 1. They start at 0: symmetry is broken by the weights already."),
        ("np.zeros(n_out)", "np.ones(n_out)"),
        where=N_("b = **0**"),
    ),
)

DRAWN = (
    slip(
        "transposed",
        N_("W transposed"),
        N_(
            "Your W has the shape (n_out, n_in). Here an example is a row and a layer computes "
            "h @ W, so the rows of W belong to what comes in."
        ),
        ("size=(n_in, n_out)", "size=(n_out, n_in)"),
        where=N_("W of shape **(n_in, n_out)**"),
        pairs=False,
    ),
    slip(
        "biases_random",
        N_("random biases"),
        N_(
            "You draw the biases as you draw the weights. Random weights break the symmetry "
            "already; biases start at 0."
        ),
        ("np.zeros(n_out)", "rng.normal(0, std, size=n_out)"),
        where=N_("b = **0**"),
    ),
    slip(
        "same_draws",
        N_("the same draws in every layer"),
        N_(
            "Every layer starts from the same random numbers. One generator goes through the "
            "whole network: it moves on with every draw, so don't seed it anew for each layer."
        ),
        ("params = []", "params = []\nseed = int(rng.integers(2**32))"),
        ("rng.normal(0, std, size=", "np.random.default_rng(seed).normal(0, std, size="),
    ),
    slip(
        "same_row",
        N_("one row for all inputs"),
        N_(
            "You draw one number per unit and repeat it for every input, so all rows of W are the "
            "same. Each of the n_in · n_out weights is a draw of its own."
        ),
        (DRAW, "np.tile(rng.normal(0, std, size=n_out), (n_in, 1))"),
        pairs=False,
    ),
    slip(
        "same_column",
        N_("one column for all units"),
        N_(
            "You draw one number per input and repeat it for every unit, so all columns of W are "
            "the same and all units compute the same. Each weight is a draw of its own."
        ),
        (DRAW, "np.tile(rng.normal(0, std, size=(n_in, 1)), (1, n_out))"),
        pairs=False,
    ),
    slip(
        "weights_zero",
        N_("all weights 0"),
        N_(
            "Every weight is 0; nothing is drawn. Then all units of a layer are the same, and no "
            "gradient reaches the layers before."
        ),
        (DRAW, "np.zeros((n_in, n_out))"),
        pairs=False,
    ),
    slip(
        "constant_weights",
        N_("all weights the same"),
        N_(
            "Every weight is σ itself; nothing is drawn. Then all units of a layer learn the same "
            "thing, as in init_constant."
        ),
        (DRAW, "np.full((n_in, n_out), std)"),
        pairs=False,
    ),
    slip(
        "only_positive",
        N_("no negative weights"),
        N_(
            "All your weights are positive, as if their absolute value had been taken. A normal "
            "distribution around 0 has as many on the one side as on the other."
        ),
        (DRAW, f"np.abs({DRAW})"),
        pairs=False,
    ),
    *(
        slip(
            id,
            N_("clipped"),
            N_(
                "Weights far from 0, beyond two or three standard deviations, are pushed back to "
                "the edge. The exercise wants the whole normal distribution; its rare large "
                "weights belong to it."
            ),
            (DRAW, f"np.clip({DRAW}, -{edge} * std, {edge} * std)"),
            pairs=False,
        )
        for id, edge in (("clipped", 2), ("clipped_at_three", 3))
    ),
    slip(
        "scaled_to_measure",
        N_("scaled to a measured σ"),
        N_(
            "Your weights are scaled after they are drawn, so that their measured standard "
            "deviation is σ exactly. σ belongs to what they are drawn from; a sample lies a bit "
            "above or below it, and each weight stays as it was drawn."
        ),
        (DRAW, f"{DRAW}\n    W *= std / np.std(W)"),
        pairs=False,
    ),
    slip(
        "standardized",
        N_("mean and σ forced"),
        N_(
            "Your weights are shifted and scaled after they are drawn, so that their measured mean "
            "is 0 and their measured standard deviation σ, exactly. Both belong to what they are "
            "drawn from; a sample lies a bit off, and each weight stays as it was drawn."
        ),
        (DRAW, f"{DRAW}\n    W = (W - np.mean(W)) / np.std(W) * std"),
        pairs=False,
    ),
    elsewhere(
        "truncated",
        N_("truncated normal"),
        N_(
            "This is a normal distribution without what lies beyond two standard deviations, as "
            "Keras and TensorFlow draw it. Here it is the whole one, whose deviation is σ as it "
            "stands; cutting makes it about an eighth smaller."
        ),
        (
            DRAW,
            f"{DRAW}\n    while np.any(np.abs(W) > 2 * std):\n"
            "        W = np.where(np.abs(W) > 2 * std, rng.normal(0, std, size=W.shape), W)",
        ),
        pairs=False,
    ),
    slip(
        "uniform_limit",
        N_("uniform between −σ and σ"),
        N_(
            "You draw uniformly between −σ and σ. A uniform distribution of that width has a "
            "standard deviation of σ/√3 only, and the exercise wants a normal one."
        ),
        ("rng.normal(0, std, size=", "rng.uniform(-std, std, size="),
        where=N_("W ~ **N(0,** σ²**)**"),
        pairs=False,
    ),
    slip(
        "zero_to_one",
        N_("uniform between 0 and σ"),
        N_(
            "You draw between 0 and σ with rng.random: all weights are positive, and they aren't "
            "normally distributed. rng.normal, or rng.standard_normal, draws around 0."
        ),
        (DRAW, "std * rng.random((n_in, n_out))"),
        where=N_("W ~ **N(0,** σ²**)**"),
        pairs=False,
    ),
)
