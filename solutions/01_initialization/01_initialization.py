# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Where on the hill to start
#
# Initialization: the first numbers of a network. 60 to 90 minutes.
#
# You know the downhill step of lesson 00. It needs a place to start from, and for a network that
# means thousands of numbers. Here you write four ways to choose them, an instrument that listens
# to the signal in every layer, and a way to start from a network that has learned before. Two
# documents speak: **KK** and **SL2**. Their full titles stand at the end.

# %%
from functools import partial

import numpy as np

from descentlab import MLP, check, load_digits, panels, plot_curves, train
from descentlab.widgets import initialization_explorer

rng = np.random.default_rng(1)
digits = load_digits()

# %% [markdown]
# The rule of lesson 00 comes along.

# %%
### GIVEN gd_step

# %% [markdown]
# ## One draw, three sizes
#
# A network is a chain of layers. A layer takes a row of numbers $h$, computes $hW + b$ with its
# weights $W$ and biases $b$, and sends each result through an activation, here
# $\operatorname{ReLU}(z) = \max(z, 0)$. The network below has twenty layers: 64 pixels come in,
# nineteen hidden layers have 64 units each, and ten outputs say which digit it is.
#
# All its weights are drawn once, at random, around 0. Then three networks get them: the first with
# a standard deviation of 0.177, the second with *half* of each weight, the third with *double*. All
# else is the same: data, learning rate, and 40 epochs, that is 40 times through the training digits,
# a hundred images a step (lesson 02 tells why a hundred).
#
# ### Predict, then run
#
# The network with 0.177 will know 97 % of the test digits in the end; a guess gets 10 %. **What
# share will the halved one know? And the doubled one?**

# %% tags=["experiment"]
my_guess_half = None  # per cent
my_guess_double = None  # per cent

# %% tags=["experiment"]
deep_sizes = [64] * 20 + [10]
deep = MLP(deep_sizes)
fit = partial(
    train,
    x=digits.x_train,
    labels=digits.labels_train,
    rule=gd_step,
    batch_size=100,
    progress=False,
)
zeros = deep.unpack(np.zeros(deep.num_parameters))
draw = deep.pack([(rng.normal(size=W.shape), b) for W, b in zeros])  # width 1, biases 0

histories = {}
for label, width in {"half": 0.177 / 2, "as drawn": 0.177, "double": 2 * 0.177}.items():
    trained, histories[label] = fit(
        deep, width * draw, lr=0.03, epochs=40, rng=np.random.default_rng(0)
    )
    first = deep.loss(width * draw, digits.x_train, digits.labels_train)
    with np.errstate(all="ignore"):  # the doubled one ends with huge numbers
        known = 100 * deep.accuracy(trained, digits.x_test, digits.labels_test)
    print(f"{label:<9} loss before the first step {first:,.2f}, test digits known {known:.0f} %")
print(f"your guesses: half {my_guess_half}, double {my_guess_double}")

# %% [markdown]
# Half learns nothing in 40 epochs. Double doesn't survive its third step. That is one draw, and a
# learning rate, 0.03, that was chosen for the one in the middle; you will try others further down.
# *Where does 0.177 come from, and why is there so little room round it?* By the end you can work the
# number out on a napkin. But first: why draw at all?

# %% [markdown]
# ## All the same?
#
# KK asks what you may have asked: the parameters must have some value at the start; why not 0, or
# any one constant? Try it.

# %% [markdown]
# ### Exercise: `init_constant` (8 points)
#
# `layer_sizes = [n_0, …, n_L]` lists the widths, input first: `[64, 16, 10]` is a network of two
# layers. Return a list of pairs `(W, b)`, one a layer:
#
# $$W^{[\ell]}_{ij} = \text{value}, \qquad b^{[\ell]} = 0 .$$
#
# An example is a row here, so $W$ has the shape `(n_in, n_out)` and $b$ the shape `(n_out,)`.
# Stuck? Run `from descentlab import hint` and then `hint(init_constant)`.


# %% nbgrader={"grade_id": "init_constant", "solution": true}
def init_constant(layer_sizes, value):
    """Start every weight at the same value, every bias at 0.

    layer_sizes: list of whole numbers, [n_0, …, n_L], input first.
    value: any number.
    Returns a list of (W, b), W of shape (n_in, n_out), b of shape (n_out,).
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "init_constant__check", "grade": true}
check(init_constant)

# %% [markdown]
# ### What the units learn
#
# Sixteen units in each of two hidden layers, two constants, 30 epochs. The *rank* of a matrix is
# the number of its columns that aren't combinations of the others: how many different things the
# layer can look at.

# %% tags=["experiment"]
small_sizes = [64, 16, 16, 10]
small = MLP(small_sizes)


def report(label, params):
    """Train the small network from these parameters; print and return where it came to."""
    theta, history = fit(small, small.pack(params), lr=0.2, epochs=30, rng=np.random.default_rng(0))
    ranks = [int(np.linalg.matrix_rank(W)) for W, _b in small.unpack(theta)]
    known = 100 * small.accuracy(theta, digits.x_test, digits.labels_test)
    print(f"{label:<15} ranks of W after training {ranks}, ", end="")
    print(f"loss {history.train_losses[-1]:.2f}, test digits known {known:.0f} %")
    return theta


for value in (0.0, 0.05):
    same = report(f"constant {value}", init_constant(small_sizes, value))

# %% [markdown]
# With 0 nothing is learned; with 0.05 little, and every rank is 1. What has happened? KK asks it,
# too. Look at the ranks, and think of what two units of one layer get to see.

# %% [markdown]
# QUESTION why_constant

# %% nbgrader={"grade_id": "why_constant", "solution": true}

# %% nbgrader={"grade_id": "why_constant__check", "grade": true}
check("why_constant", why_constant)

# %% [markdown]
# With 0 nothing ever reaches the hidden layers: each gradient there is multiplied by a weight or by
# an activation, and all of these are 0. Only the last biases learn.
#
# With 0.05 the weights do move. But if all units of a layer compute the same, they get the same
# gradient, and after the step they are still the same. KK calls it *symmetry*. How much are the
# other fifteen worth? Keep one unit of each layer, and let it speak sixteen times as loud:

# %% tags=["experiment"]
(W1, b1), (W2, b2), (W3, b3) = small.unpack(same)
slim = MLP([64, 1, 1, 10])
folded = slim.pack([(W1[:, :1], b1[:1]), (16 * W2[:1, :1], b2[:1]), (16 * W3[:1], b3)])
gap = np.abs(slim.predict(folded, digits.x_test) - small.predict(same, digits.x_test)).max()
print(f"parameters: {small.num_parameters} and {slim.num_parameters}")
print(f"largest difference between their probabilities, all test digits: {gap:.0e}")

# %% [markdown]
# The same network, to the last rounding error.

# %% [markdown]
# ## At random, then
#
# To break the symmetry, KK says, start at random. The biases may stay at 0: once the weights of two
# units differ, so do their gradients.

# %% [markdown]
# ### Exercise: `init_normal` (12 points)
#
# Draw every weight by itself from a normal distribution around 0:
#
# $$W^{[\ell]}_{ij} \sim \mathcal N(0, \sigma^2), \qquad b^{[\ell]} = 0 .$$
#
# `std` is σ, the standard deviation. All randomness comes from `rng`, a NumPy generator:
# `rng.normal(0, std, size=...)`.


# %% nbgrader={"grade_id": "init_normal", "solution": true}
def init_normal(layer_sizes, std, rng):
    """Draw every weight from a normal distribution of one width; biases are 0.

    layer_sizes: list of whole numbers, [n_0, …, n_L], input first.
    std: the standard deviation, not the variance; rng: a np.random.Generator.
    Returns a list of (W, b), W of shape (n_in, n_out), b of shape (n_out,).
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "init_normal__check", "grade": true}
check(init_normal)

# %% tags=["experiment"]
for seed in range(3):
    params = init_normal(small_sizes, 0.3, np.random.default_rng(seed))
    report(f"random, seed {seed}", params)

# %% [markdown]
# The ranks are full, and the same sixteen units know nearly four times as many digits.

# %% [markdown]
# ### Predict, then run: how wide?
#
# Random has a danger of its own, KK goes on: at first the output may be extreme, close to 0 or to
# 1, and where the right answer is the opposite one the loss shoots up. So the values must not be
# *too large*.
#
# Two answers: is the digit odd or even? A network with two hidden layers of 64 units. Whoever says
# "fifty-fifty" has a loss of ln 2 = 0.69 nats. **What is the loss before the first step if σ = 1?**

# %% tags=["experiment"]
my_guess_spike = None  # nats

# %% tags=["experiment"]
parity_sizes = [64, 64, 64, 2]
parity_net = MLP(parity_sizes)
odd, odd_test = digits.labels_train % 2, digits.labels_test % 2
fit_parity = partial(fit, parity_net, labels=odd, lr=0.05, epochs=10)

shares, losses = {}, {}
for std in (0.01, 0.2, 1):
    firsts, extremes, curves, known = [], [], [], []
    for seed in range(5):
        seeded = np.random.default_rng(seed)
        start = parity_net.pack(init_normal(parity_sizes, std, seeded))
        says_odd = parity_net.predict(start, digits.x_train)[:, 1]
        firsts.append(parity_net.loss(start, digits.x_train, odd))
        extremes.append(100 * np.mean(np.abs(says_odd - 0.5) > 0.49))
        theta, history = fit_parity(start, rng=seeded)
        curves.append(history.losses)
        known.append(100 * parity_net.accuracy(theta, digits.x_test, odd_test))
        if seed == 0:
            counts, edges = np.histogram(says_odd, bins=20, range=(0, 1))
            shares[f"σ = {std}"] = ((edges[1:] + edges[:-1]) / 2, 100 * counts / len(odd))
    losses[f"σ = {std}"] = np.mean(curves, axis=0)
    print(
        f"σ = {std:<4} loss before the first step {min(firsts):.2f} to {max(firsts):.2f}, ", end=""
    )
    print(f"answers beyond 99 %: {np.mean(extremes):.0f} %, ", end="")
    print(f"known after ten epochs {min(known):.0f} to {max(known):.0f} %")
print(f"your guess for σ = 1: {my_guess_spike}")

fig, axes = panels(2)
names = {"xlabel": "probability given to odd, before training", "ylabel": "share of images, %"}
plot_curves(shares, **names, ax=axes[0], every=1)
axes[0].set(xlim=(-0.02, 1.02), ylim=(-2, 80))
axes[0].set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
names = {"xlabel": "step", "ylabel": "training loss, nats", "legend": False}
ax = plot_curves(losses, **names, ax=axes[1], logy=True)

# %% [markdown]
# *In the picture:* before any training, σ = 0.01 gives every image a half, σ = 0.2 something near
# it, σ = 1 nearly all images 0 or 1; on the right (means of five seeds) the loss with σ = 1 is a
# spike at first, far above the others, and then comes down, that with σ = 0.2 sinks steadily, and
# that with σ = 0.01 lies still.
#
# KK is right about the spike. In so small a network it passes. But *not too large* is half of the
# truth: with σ = 0.01 nothing moves at all. Here 0.2 is good; in the twenty layers of the beginning
# 0.177 was, and twice that was too much. Is there a rule?

# %% [markdown]
# ## Listening in every layer
#
# SL2 says what to watch: a bad start makes the values in the network explode. If each layer doubles
# what comes in, $n$ layers make $2^n$ of it. So build the instrument first.

# %% [markdown]
# ### Exercise: `signal_scale` (16 points)
#
# Send `x` through the layers and write down how large the signal is after each one:
#
# $$h \leftarrow \operatorname{activation}(h\,W^{[\ell]} + b^{[\ell]}), \qquad
# \text{scale}_\ell = \text{standard deviation of all entries of } h .$$
#
# `x` has the shape `(B, n_0)`, a row for each of B examples. The activation is applied in the last
# layer, too. The input itself isn't counted: as many numbers come back as there are layers.


# %% nbgrader={"grade_id": "signal_scale", "solution": true}
def signal_scale(params, x, activation):
    """Measure how large the signal is after each layer.

    params: list of (W, b); x: array of shape (B, n_0), the input.
    activation: a function, array -> array of the same shape.
    Returns an array of one standard deviation a layer, over all entries of its output.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "signal_scale__check", "grade": true}
check(signal_scale)

# %% [markdown]
# QUESTION doublings_to_overflow

# %% nbgrader={"grade_id": "doublings_to_overflow", "solution": true}

# %% nbgrader={"grade_id": "doublings_to_overflow__check", "grade": true}
check("doublings_to_overflow", doublings_to_overflow)

# %% [markdown]
# ### Predict, then run: the width that holds
#
# Now layers of 100 units with ReLU. **With which σ does the signal neither grow nor shrink from
# layer to layer?**

# %% tags=["experiment"]
my_guess_width = None  # a standard deviation


# %% tags=["experiment"]
def relu(z):
    """Return what is above 0, and 0 for the rest."""
    return np.maximum(z, 0)


def identity(z):
    """Return z as it is: a layer without activation."""
    return z


def factor_per_layer(n, std, activation):
    """Return the mean growth per layer from layer 1 to 10, over five draws (geometric mean)."""
    logs = []
    for seed in range(5):
        seeded = np.random.default_rng(seed)
        params = init_normal([n] * 11, std, seeded)
        scales = signal_scale(params, seeded.normal(size=(50, n)), activation)
        logs.append(np.log(scales[-1] / scales[0]) / 9)
    return np.exp(np.mean(logs))


for n, std in ((100, 0.05), (100, 0.1), (100, 0.2), (25, 0.2), (400, 0.2)):
    bare, rectified = (factor_per_layer(n, std, f) for f in (identity, relu))
    print(f"n = {n:<3} σ = {std:<4} σ√n = {std * np.sqrt(n):<4.1f} ", end="")
    print(f"growth per layer: no activation {bare:.2f}, ReLU {rectified:.2f}")
print(f"your guess for the σ that holds 100 ReLUs: {my_guess_width}")

# %% [markdown]
# The column without activation is σ√n, whatever $n$ and σ are; ReLU has about 0.7 times that. So
# with 100 units and no activation 0.1 holds the signal, and with ReLU it is $0.1 / 0.7 = 0.14$. A
# first weight can't be large or small by itself. It depends on how many neighbours it is added to.

# %% [markdown]
# ## The width on a napkin
#
# KK leaves out where the formulas come from, as too complicated. Four lines will do. Let
# $n_\text{in}$ numbers $h_i$ come into a unit. It adds them up,
#
# $$z = \sum_{i=1}^{n_\text{in}} h_i W_i .$$
#
# The weights are drawn independently around 0, so products of different ones average out, and what
# is left of the square is
#
# $$\mathbb E\,[z^2] = n_\text{in}\, \sigma^2\, \mathbb E\,[h^2] ,$$
#
# where $\mathbb E$ is the mean over many draws. Without an activation the size holds if
# $n_\text{in} \sigma^2 = 1$. ReLU sets the negative half of the $z$ to 0, and with it half of the
# mean square: then $n_\text{in} \sigma^2 = 2$. That is the 0.7 from above, $1/\sqrt 2$.
#
# On the way back a gradient runs through the same weights in the other direction: each input of a
# layer sums up what comes from its $n_\text{out}$ units. Its size holds if
# $n_\text{out} \sigma^2 = 1$.
#
# Both at once is possible only where $n_\text{in} = n_\text{out}$. Xavier Glorot's compromise is
# one over the *mean* of the two; Kaiming He takes the way forwards, with ReLU's 2.

# %% [markdown]
# ### Exercise: `init_xavier` (14 points)
#
# For activations that are close to a straight line at 0, such as tanh (Glorot and Bengio 2010):
#
# $$W^{[\ell]}_{ij} \sim \mathcal N(0, \sigma^2), \qquad
# \sigma = \sqrt{\frac{2}{n_\text{in} + n_\text{out}}}, \qquad b^{[\ell]} = 0 .$$
#
# $n_\text{in}$ and $n_\text{out}$ are those of the layer itself. (Glorot's paper draws uniformly
# between $\pm\sqrt{6/(n_\text{in} + n_\text{out})}$. The σ is the same, and elsewhere that form is
# as right; here it is the normal one, as in KK.)


# %% nbgrader={"grade_id": "init_xavier", "solution": true}
def init_xavier(layer_sizes, rng):
    """Draw normal weights whose width weighs up what comes in and what goes out; biases are 0.

    layer_sizes: list of whole numbers, [n_0, …, n_L], input first.
    rng: a np.random.Generator.
    Returns a list of (W, b), W of shape (n_in, n_out), b of shape (n_out,).
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "init_xavier__check", "grade": true}
check(init_xavier)

# %% [markdown]
# ### Exercise: `init_he` (16 points)
#
# For ReLU (He and others 2015; SL2 calls it by his first name, Kaiming):
#
# $$W^{[\ell]}_{ij} \sim \mathcal N(0, \sigma^2), \qquad
# \sigma = \sqrt{\frac{2}{n_\text{in}}}, \qquad b^{[\ell]} = 0 .$$


# %% nbgrader={"grade_id": "init_he", "solution": true}
def init_he(layer_sizes, rng):
    """Draw normal weights of the width that keeps a signal's size through ReLU; biases are 0.

    layer_sizes: list of whole numbers, [n_0, …, n_L], input first.
    rng: a np.random.Generator.
    Returns a list of (W, b), W of shape (n_in, n_out), b of shape (n_out,).
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "init_he__check", "grade": true}
check(init_he)

# %% [markdown]
# QUESTION he_by_hand

# %% nbgrader={"grade_id": "he_by_hand", "solution": true}

# %% nbgrader={"grade_id": "he_by_hand__check", "grade": true}
check("he_by_hand", he_by_hand)

# %% [markdown]
# ### Spot the error: two rules, one formula
#
# The documents side by side, with what the papers say:
#
# | | what it is called | what is written |
# |---|---|---|
# | **KK** | Xavier / He initialization | $\mathcal N\big(0, \sqrt{2/(n^{[\ell]} + n^{[\ell-1]})}\big)$ |
# | **SL2** | Xavier, or Kaiming | no formula: keep mean and variance, mind the activation |
# | Glorot and Bengio | Xavier, Glorot | variance $2/(n_\text{in} + n_\text{out})$ |
# | He and others | He, Kaiming | variance $2/n_\text{in}$ |
#
# KK's $n^{[\ell-1]}$ is $n_\text{in}$ (`n_prev` in the question below), and its $n^{[\ell]}$ is
# $n_\text{out}$. Usually the second place of $\mathcal N$ is the variance.

# %% [markdown]
# QUESTION xavier_or_he

# %% nbgrader={"grade_id": "xavier_or_he", "solution": true}

# %% nbgrader={"grade_id": "xavier_or_he__check", "grade": true}
check("xavier_or_he", xavier_or_he)

# %% [markdown]
# ## Fifty layers
#
# Now send 200 made-up inputs, each of 100 normal numbers, through fifty layers of 100 units: with
# ReLU and with tanh, drawn in four ways, five seeds each.

# %% tags=["experiment"]
sizes = [100] * 51
inputs = rng.normal(size=(200, 100))
starts = {
    "σ = 0.05": partial(init_normal, sizes, 0.05),
    "σ = 0.2": partial(init_normal, sizes, 0.2),
    "Xavier": partial(init_xavier, sizes),
    "He": partial(init_he, sizes),
}
fig, axes = panels(2)
for ax, (name, activation) in zip(axes, {"ReLU": relu, "tanh": np.tanh}.items(), strict=True):
    curves, spread = {}, {}
    for label, start in starts.items():
        scales = np.array(
            [signal_scale(start(np.random.default_rng(s)), inputs, activation) for s in range(5)]
        )
        curves[label] = (range(1, 51), np.exp(np.log(scales).mean(axis=0)))
        spread[label] = (scales.min(axis=0), scales.max(axis=0))
        first, last = curves[label][1][[0, -1]]
        print(f"{name} {label:<9} layer 1: {first:.2f}, layer 50: {last:.2g} ", end="")
        print(f"({scales[:, -1].min():.2g} to {scales[:, -1].max():.2g})")
    names = {"xlabel": "layer", "ylabel": "standard deviation of the output", "title": name}
    plot_curves(curves, **names, ax=ax, logy=True, spread=spread, legend=False)
    ax.set_ylim(1e-25, 1e11)
    ax.set_yticks([1e-20, 1e-10, 1, 1e10])
legend = axes[1].legend(loc="lower left")

# %% [markdown]
# *In the picture* (lines are geometric means of five seeds, bars reach from the least to the
# largest): with ReLU only He's line stays level; 0.2 climbs steadily, Xavier falls by a power of ten
# every seven layers, and 0.05 far faster. With tanh, 0.05 falls as well, Xavier sinks slowly, and
# 0.2 and He lie level.
#
# Each slope on the left is one factor per layer. Xavier's $1/\sqrt 2$ looks harmless, and after
# fifty layers 15 billionths are left.
#
# On the right nothing explodes, as tanh ends at ±1. Is 0.2 a good start, then? Look closer.

# %% [markdown]
# ### See it move
#
# The same with sliders: choose the draw, the depth and the activation, and watch what is left of the
# signal in each layer.

# %% tags=["experiment"]
initialization_explorer(
    {"constant": init_constant, "normal": init_normal, "Xavier": init_xavier, "He": init_he}
)

# %% [markdown]
# *In the picture:* as it stands here, for 20 layers of ReLUs: on the left a constant start spreads
# over the first layer and has left the scale in the fifth; on the right its standard deviation climbs
# in a straight line on a logarithmic axis, that of the normal draw and Xavier's fall together, and
# He's stays level.

# %% tags=["experiment"]
for label in ("σ = 0.2", "He", "Xavier"):
    h = inputs
    for W, b in starts[label](np.random.default_rng(0)):
        h = np.tanh(h @ W + b)
    print(f"tanh, {label:<8} layer 50: {np.mean(np.abs(h) > 0.9):.0%} of the outputs beyond ±0.9")

# %% [markdown]
# With σ = 0.2 nearly a third of the outputs is *saturated*: they lie where tanh is flat, and a flat
# activation lets hardly any gradient through. A signal can hold its size for a bad reason.

# %% [markdown]
# ### The mean, too?
#
# SL2 wants mean *and* variance kept. Here are both for $z$, what a layer has before the activation,
# and for $h$, what comes out, with He's weights and ReLU. Beside them a third number: the cosine of
# the angle between two inputs' signals, 0 where they have nothing in common, 1 where they point the
# same way.


# %% tags=["experiment"]
def cosine(h):
    """Return the mean cosine between any two different rows of h."""
    unit = h / np.linalg.norm(h, axis=1, keepdims=True)
    return (np.sum(unit.sum(axis=0) ** 2) - len(h)) / (len(h) * (len(h) - 1))


table = np.empty((5, 50, 4))
for seed in range(5):
    h = inputs
    for layer, (W, b) in enumerate(init_he(sizes, np.random.default_rng(seed))):
        z = h @ W + b
        h = relu(z)
        table[seed, layer] = z.mean() / z.std(), np.sqrt(np.mean(z**2)), h.mean(), cosine(h)

print(f"input     mean of z {'':<25} cosine {cosine(inputs):.3f}")
for layer in (1, 10, 50):
    shift, size, mean, alike = table[:, layer - 1].T
    print(
        f"layer {layer:<3} mean of z {shift.mean():+.2f} ± {shift.std(ddof=1):.2f} of its std, ",
        end="",
    )
    print(f"mean of h {np.mean(mean / size):.2f} of z's size, cosine {alike.mean():.3f}")

# %% [markdown]
# Before the activation the mean stays around 0, as the weights are as often negative as positive;
# what is left is the chance of a hundred units. After ReLU it can't be 0, as nothing there is
# negative: it is about 0.4 times the size of $z$ (in theory $1/\sqrt{2\pi} = 0.399$). So SL2's
# sentence holds for $z$ and, with ReLU, not for $h$. Xavier's derivation needs a mean of 0, He's
# only the mean square.
#
# And the last column: a size that holds isn't everything. After fifty layers all inputs point
# nearly the same way, and a network that can't tell them apart is hard to train. Lesson 07 has what
# helps in such depths.

# %% [markdown]
# ### The way back
#
# How much of the gradient arrives at the first layers? A network of fifty layers on the digits; we
# look at the gradient of the biases, which is the error that reaches each layer.

# %% tags=["experiment"]
tower_sizes = [64] * 50 + [10]
tower = MLP(tower_sizes)
batch = digits.x_train[:100], digits.labels_train[:100]
for label, init in {"He": init_he, "Xavier": init_xavier}.items():
    ratios = []
    for seed in range(5):
        start = tower.pack(init(tower_sizes, np.random.default_rng(seed)))
        parts = tower.unpack(tower.loss_and_grad(start, *batch)[1])
        ratios.append(np.linalg.norm(parts[0][1]) / np.linalg.norm(parts[48][1]))
    print(f"{label:<7} error at layer 1, in units of that at layer 49: ", end="")
    print(", ".join(f"{ratio:.2g}" for ratio in sorted(ratios)))

# %% [markdown]
# With He's weights between a half and nearly all of the error arrives; with Xavier's on ReLU, a few
# hundred-millionths. *Vanishing gradients* are the same factor per layer, met on the way back.

# %% [markdown]
# ## Name the illness
#
# Three patients, networks of twenty layers. Of two you see the loss (the third didn't live to the end
# of an epoch), of all three what your instrument says of their first weights:

# %% tags=["experiment"]
fig, axes = panels(2)
patients = {"patient 1": "half", "patient 2": "as drawn", "patient 3": "double"}
curves = {
    name: (range(1, 41), histories[label].train_losses)
    for name, label in patients.items()
    if label != "double"
}
plot_curves(curves, xlabel="epoch", ylabel="training loss, nats", ax=axes[0], legend=False)
axes[0].set_ylim(0, 2.6)

curves = {}
for name, width in zip(patients, (0.177 / 2, 0.177, 2 * 0.177), strict=True):
    scales = signal_scale(deep.unpack(width * draw), digits.x_train, relu)
    curves[name] = (range(1, 20), scales[:-1])
    listed = ", ".join(f"{scale:.2g}" for scale in scales[:4])
    print(f"{name}: layer 1 to 4: {listed}; layer 19: {scales[-2]:.2g}")
names = {"xlabel": "layer", "ylabel": "standard deviation of the output"}
ax = plot_curves(curves, **names, ax=axes[1], logy=True)

# %% [markdown]
# *In the picture:* on the left patient 1's loss is a level line at 2.3 while that of patient 2 falls;
# on the right, before any training, the signal of patient 1 falls in a straight line by more than
# five powers of ten, that of patient 3 climbs nearly as steeply, and that of patient 2 stays near
# where it was.
#
# The question is about a network that somebody else has drawn, with one of these illnesses.

# %% [markdown]
# QUESTION dead_start

# %% nbgrader={"grade_id": "dead_start", "solution": true}

# %% nbgrader={"grade_id": "dead_start__check", "grade": true}
check("dead_start", dead_start)

# %% [markdown]
# You have met all three before: they are the networks of the beginning, halved, as drawn, doubled.
#
# ### A fair race
#
# KK advises to remember one thing, that your network is initialized by Xavier. With twenty layers
# of ReLU? A race at one learning rate (KK's α, the η of lesson 00) would favour the start that the
# rate was chosen for. So He and Xavier get three rates each, half and double of He's weights two
# each, far apart. The validation part, 300 digits kept aside for such choices, says which rate is
# best for each; the test part is looked at for the result. Three seeds, 20 epochs.


# %% tags=["experiment"]
def times_he(factor, layer_sizes, rng):
    """Return He's weights, each multiplied by one factor."""
    return [(factor * W, b) for W, b in init_he(layer_sizes, rng)]


def race(network_sizes, start, lr):
    """Train with three seeds; return shares known of validation and test part, and the losses."""
    network, rows, curves = MLP(network_sizes), [], []
    for seed in range(3):
        seeded = np.random.default_rng(seed)
        theta = network.pack(start(network_sizes, seeded)).astype(np.float32)  # it is quicker
        theta, history = fit(network, theta, lr=lr, epochs=20, rng=seeded)
        with np.errstate(all="ignore"):  # some end with huge numbers
            val = network.accuracy(theta, digits.x_val, digits.labels_val)
            test = network.accuracy(theta, digits.x_test, digits.labels_test)
        rows.append((100 * val, 100 * test))
        curves.append(history.train_losses)
    return *np.array(rows).T, curves


half, double = partial(times_he, 0.5), partial(times_he, 2)
runners = {
    "He": (init_he, (0.01, 0.03, 0.1)),
    "Xavier": (init_xavier, (0.03, 0.1, 0.3)),
    "half of He": (half, (0.1, 1)),
    "double He": (double, (1e-8, 1e-6)),
}
results = {
    label: {lr: race(deep_sizes, start, lr) for lr in rates}
    for label, (start, rates) in runners.items()
}

# %% tags=["experiment"]
curves, spread = {}, {}
for label, tried in results.items():
    row = ", ".join(f"α = {lr:g}: {val.mean():.0f} %" for lr, (val, _, _) in tried.items())
    best = max(tried, key=lambda lr: tried[lr][0].mean())
    _, test, losses = tried[best]
    print(f"{label:<11} validation {row}")
    print(f"{'':<11} test at α = {best:g}: {test.mean():.0f} % ", end="")
    print(f"({test.min():.0f} to {test.max():.0f})")
    if label != "double He":  # its losses are in the thousands
        curves[f"{label}, α = {best:g}"] = (range(1, 21), np.mean(losses, axis=0))
        spread[f"{label}, α = {best:g}"] = (np.min(losses, axis=0), np.max(losses, axis=0))

names = {"xlabel": "epoch", "ylabel": "training loss, nats", "legend": False}
ax = plot_curves(curves, **names, every=2, spread=spread)
ax.set_ylim(0, 2.6)
legend = ax.legend(loc="lower left")

# %% [markdown]
# *In the picture* (lines are means of three seeds, bars reach from the best to the worst): He's loss
# comes down, unevenly; Xavier's and that of half lie on one another at 2.3, the loss of a network
# that knows nothing.
#
# Of the rates tried none helps Xavier beyond 20 % in these 20 epochs, and half learns nothing at
# any. Double did diverge because of the rate: its gradients are huge, and at a hundred-millionth it
# survives and learns a little. He's own spread, 60 to 90 % with the best rate, says that twenty
# plain layers are hard even from a good start. In three layers?

# %% tags=["experiment"]
for label, (start, _) in runners.items():
    _, test, _ = race([64, 64, 64, 10], start, 0.1)
    print(f"three layers, α = 0.1, {label:<11} test {test.mean():.0f} % ", end="")
    print(f"({test.min():.0f} to {test.max():.0f})")

# %% [markdown]
# There all four are between 92 and 95 %, with one rate for all. So it depends on the depth; and on
# the activation, says SL2: Xavier's rule was derived for those like tanh (which we haven't raced).

# %% [markdown]
# ## Not from nothing
#
# SL2 has one more start: parameters that somebody has trained before, on a similar task, or of a
# model that isn't very good. One may take the whole network or only its first layers, in the belief
# that these have learned to see what is general.

# %% [markdown]
# ### Exercise: `init_from_pretrained` (18 points)
#
# Take the first `keep` layers of `pretrained`, a list of `(W, b)`, and draw the rest as He does:
#
# $$W^{[\ell]}, b^{[\ell]} = \text{copies of the pretrained ones for } \ell \le \text{keep},
# \qquad \text{He's after that.}$$
#
# `layer_sizes` is that of the *new* network; its last layers may have other widths. Copies,
# because training the new network must not change the old one. Your `init_he` may help.


# %% nbgrader={"grade_id": "init_from_pretrained", "solution": true}
def init_from_pretrained(pretrained, layer_sizes, keep, rng):
    """Copy the first layers from a trained network and draw the rest anew.

    pretrained: list of (W, b); layer_sizes: [n_0, …, n_L] of the new network.
    keep: how many layers to take over, from 0 to all; rng: a np.random.Generator.
    Returns a list of (W, b) that shares no array with pretrained.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "init_from_pretrained__check", "grade": true}
check(init_from_pretrained)

# %% [markdown]
# A network has learned the ten digits from 1,197 labelled images. The new task: odd or even, with
# labels for 50 images only. A second one gets the same 50 images and the same task, all of them
# mirrored left to right, training and test.


# %% tags=["experiment"]
def mirrored(x):
    """Return the images of 8 × 8 pixels with left and right exchanged."""
    return x.reshape(-1, 8, 8)[:, :, ::-1].reshape(-1, 64)


ten_sizes = [64, 64, 64, 10]
ten = MLP(ten_sizes)
views = {"upright": lambda x: x, "mirrored": mirrored}
known = {(view, keep): [] for view in views for keep in (0, 1, 2)}
for seed in range(10):
    seeded = np.random.default_rng(seed)
    start = ten.pack(init_he(ten_sizes, seeded))
    theta, _ = fit(ten, start, lr=0.2, epochs=15, rng=seeded)
    for view, keep in known:
        seeded = np.random.default_rng(100 + seed)  # the same 50 images for each start
        rows = seeded.permutation(len(odd))[:50]
        params = init_from_pretrained(ten.unpack(theta), parity_sizes, keep, seeded)
        few = {"x": views[view](digits.x_train[rows]), "labels": odd[rows], "batch_size": 20}
        start = parity_net.pack(params)
        new, _ = fit_parity(start, **few, lr=0.1, epochs=30, rng=seeded)
        accuracy = parity_net.accuracy(new, views[view](digits.x_test), odd_test)
        known[view, keep].append(100 * accuracy)
for (view, keep), found in known.items():
    better = np.sum(np.array(found) > known[view, 0])
    print(f"{view:<9} keep = {keep}: {np.mean(found):.1f} ± {np.std(found, ddof=1):.1f} %", end="")
    print(f", better than a fresh start in {better} of 10 seeds" if keep else ", a fresh start")

# %% [markdown]
# Upright, two kept layers raise the mean from 85 to 90 %, and help in each of the ten seeds; one
# layer helps less. (It is no magic: the old network has seen many more labels, and who can tell a 3
# from an 8 knows which is odd.) Mirrored, a task that looks just as similar, the kept layers are
# worth no more than fresh ones, as far as ten seeds can tell. SL2's *we believe* is well chosen.
# Lesson 09 takes this further.

# %% [markdown]
# ## In your own words
#
# Explain to a friend who knows gradient descent, without a formula: *why must the weights of a
# layer not all start at the same number? Why does a good width depend on how many inputs a unit
# has? And why does it matter so little in three layers, and so much in fifty?* (6 points, read by
# a person.)

# %% [markdown] nbgrader={"grade_id": "initialization__why", "grade": true, "solution": true, "points": 6}
# ### BEGIN SOLUTION
# **Two points each.** *Not the same number:* units that start equal compute the same, get the same
# gradient and stay equal. However many they are, they are worth one. Random numbers make them
# different. (At 0 not even that one learns, as no gradient gets through.)
#
# *The number of inputs:* a unit adds up one product per input. With more of them the sum gets
# larger (its square grows with their number), so each weight must be smaller to keep the signal's
# size; with ReLU a bit larger again, as it drops one half. One point for the sum, one for "so that
# the signal leaves a layer as large as it came in".
#
# *Depth:* what a layer does to the size, the next one does again: it is a factor per layer, and
# factors multiply. A factor of a half is an eighth after three layers, which training can make up
# for; after fifty nothing is left, nor does any gradient come back. A factor of two explodes in
# the same way.
# ### END SOLUTION

# %% [markdown]
# ## In the wild
#
# - **PyTorch**: `torch.nn.Linear` draws weights *and* biases uniformly between
#   $\pm 1/\sqrt{n_\text{in}}$, a standard deviation of $1/\sqrt{3\,n_\text{in}}$. With ReLU the
#   weights make about 0.41 per layer, less than our halved network had. For deep ones call
#   `torch.nn.init.kaiming_normal_(W, nonlinearity="relu")`; `mode="fan_in"`, your `init_he`, is the
#   default, and `"fan_out"` holds the gradient instead. `xavier_normal_` is your `init_xavier`; a
#   `gain` of 5/3 is recommended for tanh. PyTorch's $W$ has the shape `(n_out, n_in)`.
# - **Keras**: `Dense` starts with `glorot_uniform` and biases of 0. `he_normal` cuts the normal
#   distribution off at two standard deviations.
# - Networks of today are less sensitive: batch normalization (SL2 names it next) sets the scale
#   anew in each layer, and residual networks give the signal a way round. Lesson 07 has both.

# %% [markdown]
# ## The napkin
#
# Where did 0.177 come from? From 64 inputs and ReLU: $\sqrt{2/64} = 0.177$. And why so little room?
# Halve every weight, and each layer halves the signal: after nineteen of them two millionths are
# left. Double it, and each layer doubles: half a million times too much. A good start is random, so
# that units differ, and of a width with which a layer hands on what it got, as large as it was.
#
# Now you stand at a good place on the hill. How much of the data do you look at before each step?
# That is lesson 02.

# %% [markdown]
# ### The documents
#
# - **KK**: *Knock Knock! Deep Learning*, Day 6: 關於 Training,還有一些基本功(二) (Chinese)
# - **SL2**: *Deep Learning 学习笔记 03 – Supervised Learning (2)* (Chinese)
