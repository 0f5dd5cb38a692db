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
# # How much data for one step?
#
# Batch, mini-batch, one at a time. 60 to 90 minutes.
#
# You know the downhill step of lesson 00 and the first weights of lesson 01. Here you write two
# losses and the loop that nearly all networks are trained by, and measure what a batch costs and
# what it is worth. Three documents speak: **KK**, **SL2** and **ONN** (its part 6-1). Their full
# titles stand at the end.

# %%
from functools import partial
from time import perf_counter

import numpy as np

from descentlab import (
    MLP,
    Surface,
    check,
    descend,
    load_digits,
    panels,
    plot_curves,
    plot_images,
    plot_paths,
    saddle,
)
from descentlab.widgets import batch_size_explorer

rng = np.random.default_rng(2)
digits = load_digits()
net = MLP([64, 32, 10])

# %% [markdown]
# Four things come along from the lessons before.

# %%
### GIVEN gd_step

# %%
### GIVEN largest_stable_lr

# %%
### GIVEN init_he

# %%
### GIVEN init_constant

# %% [markdown]
# ## Five looks at every digit
#
# There are 1,197 digits to train on, and you may look at each five times. That is enough for 5
# steps with the gradient of all images; or for 60 steps with about 100 each; or for 5,985 steps
# with a single one. KK says of the first that it always finds the best way down, of the last that
# it wanders. *Careful and few, or careless and many: which network knows the digits in the end? And
# what does a more careful step really buy?*

# %% [markdown]
# ### Predict, then run
#
# One network, one learning rate α = 0.1, five looks at each image. **What share of the test digits
# will it know after 5, after 60, after 5,985 steps?** You will run it as soon as you have written
# the loop.

# %% tags=["experiment"]
my_guess_shares = None  # three numbers, per cent, such as (20, 30, 40)

# %% [markdown]
# ## The loss of a batch
#
# Let $N$ be the number of all examples and $B$ the number that go into one step, the **batch
# size**. ONN has a formula for each way: all at once, one, a batch with $B < N$. Under them stands
# the rule of this section: *if more than one example goes in, remember to take the mean.*
#
# | | all the data | the batch | SGD, stochastic gradient descent |
# |---|---|---|---|
# | **KK** | | m | one example a step; with m it is *mini-batch gradient descent* |
# | **SL2** | n | m | m random examples a step |
# | **ONN** | N | B | (not used) |
#
# Today SGD mostly means SL2's.

# %% [markdown]
# ### Exercise: `mse` (10 points)
#
# The mean squared error. The network's outputs are $\hat y$, the targets $y$; both have a row for
# each of $B$ examples and a column for each of $K$ outputs:
#
# $$L = \frac{1}{B} \sum_{i=1}^{B} \sum_{k=1}^{K} (\hat y_{ik} - y_{ik})^2 .$$
#
# Return a single number. Stuck? Run `from descentlab import hint`, then `hint(mse)`.


# %% nbgrader={"grade_id": "mse", "solution": true}
def mse(y_hat, y):
    """Return the squared error of a batch: summed over outputs, averaged over examples.

    y_hat, y: arrays of shape (B, K), predictions and targets.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "mse__check", "grade": true}
check(mse)

# %% [markdown]
# ### Spot the error: two rows of one table
#
# Where ONN has one example, its formula is $\sum_{i=1}^{class\#} (y_i - \hat y_i)^2$; where it has
# a batch, $\frac{1}{B} \sum_{i=1}^{B} (y_i - \hat y_i)^2$. The letter $i$ has changed its job.

# %% [markdown]
# QUESTION mse_of_two

# %% nbgrader={"grade_id": "mse_of_two", "solution": true}

# %% nbgrader={"grade_id": "mse_of_two__check", "grade": true}
check("mse_of_two", mse_of_two)

# %% [markdown]
# ### Exercise: `cross_entropy` (14 points)
#
# For classes the loss is the *surprise* at the right one. If the network gave it the probability
# 1, there is none, and −ln 1 = 0; the smaller the probability, the larger −ln p. With $p_i$ the
# row of probabilities for example $i$ and $c_i$ its label,
#
# $$L = \frac{1}{B} \sum_{i=1}^{B} -\ln p_{i,\,c_i} .$$
#
# The unit is the *nat*, since the logarithm is the natural one.


# %% nbgrader={"grade_id": "cross_entropy", "solution": true}
def cross_entropy(probs, labels):
    """Return the mean surprise of a batch at its right classes, in nats.

    probs: array of shape (B, C), positive, each row sums to 1.
    labels: whole numbers from 0 to C - 1, shape (B,).
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "cross_entropy__check", "grade": true}
check(cross_entropy)

# %% [markdown]
# ### Spot the error: which one has the hat?
#
# ONN writes $-\sum_{i=0}^{class\#} \hat y_i \ln(y_i)$ for one example. A small slip first: from 0
# to $class\#$ are $class\# + 1$ terms, one too many. Then look at the hat.

# %% [markdown]
# QUESTION label_or_prediction

# %% nbgrader={"grade_id": "label_or_prediction", "solution": true}

# %% nbgrader={"grade_id": "label_or_prediction__check", "grade": true}
check("label_or_prediction", label_or_prediction)

# %% [markdown]
# ### Lab 01 and Corelab 1: 100 examples into a network
#
# ONN's Lab 01 is to feed data by the batch, its Corelab 1 to put 100 examples into a network and
# print the cross-entropy. What should it be? A network that knows nothing gives each of ten classes
# about 1/10.

# %% tags=["experiment"]
theta = net.pack(init_he(net.layer_sizes, np.random.default_rng(0)))
probs = net.predict(theta, digits.x_train)
labels = digits.labels_train
singles = [cross_entropy(probs[i : i + 1], labels[i : i + 1]) for i in range(100)]

print(f"ln 10 = {np.log(10):.3f}")
print(f"Corelab 1, the first 100 examples: {cross_entropy(probs[:100], labels[:100]):.3f}")
print(f"all {len(labels):,}: {cross_entropy(probs, labels):.3f}")
print(f"one at a time, the same 100: {min(singles):.2f} to {max(singles):.2f}")

# %% [markdown]
# A hundred examples tell nearly what all of them tell; a single one tells little.

# %% [markdown]
# ## Why the mean?
#
# SL2 gives the reason in brackets: so that the learning rate doesn't depend on the size of the data
# set. Check it on a small problem that you will need again: guess the ink of one pixel (row 6,
# column 2, counted from 0) from the pixels below and above it,
# $\hat y = \theta_1 x_\text{below} + \theta_2 x_\text{above}$. A squared error of two parameters
# is a bowl, and lesson 00 says which learning rates a bowl bears.


# %% tags=["experiment"]
def guess_pixel(theta, x_b, y_b):
    """Return the squared error of two weights that guess a pixel, and its gradient."""
    y_hat = x_b @ theta
    grad = 2 * x_b.T @ (y_hat - y_b) / len(x_b)
    return mse(y_hat[:, np.newaxis], y_b[:, np.newaxis]), grad


neighbours, pixel = digits.x_train[:, [58, 42]], digits.x_train[:, 50]
for n in (100, 400, 1197):
    hessian = 2 * neighbours[:n].T @ neighbours[:n]  # of the sum over the first n examples
    by_mean, by_sum = largest_stable_lr(hessian / n), largest_stable_lr(hessian)
    print(f"n = {n:>5,}: α must stay below {by_mean:.2f} with the mean, {by_sum:.4f} with the sum")

# %% [markdown]
# With the mean one α serves for any amount of data. With the sum each batch size would need its
# own.

# %% [markdown]
# ### What went wrong?
#
# Now the network: 30 steps on the examples of Corelab 1, with α = 0.1. Somebody had too little
# memory for 100 at once, fed them one by one, and collected the gradients for a common step.


# %% tags=["experiment"]
def somebodys(theta, x_b, labels_b):
    """Return what somebody collected from one example after the other."""
    loss, grad = 0.0, np.zeros_like(theta)
    for i in range(len(x_b)):
        one_loss, one_grad = net.loss_and_grad(theta, x_b[i : i + 1], labels_b[i : i + 1])
        loss, grad = loss + one_loss, grad + one_grad
    return loss, grad


batch = digits.x_train[:100], digits.labels_train[:100]
curves = {}
for label, loss_and_grad in (("100 at once", net.loss_and_grad), ("somebody's", somebodys)):
    walker, curves[label] = theta, []
    for _ in range(30):
        loss, grad = loss_and_grad(walker, *batch)
        curves[label].append(loss)
        walker = gd_step(walker, grad, lr=0.1)
    print(f"{label:<12}", ", ".join(f"{loss:,.1f}" for loss in curves[label][:4]), "…")
    if label == "somebody's":
        print("its last loss:", f"{curves[label][-1]:,.1f}")

ax = plot_curves(curves, xlabel="step", ylabel="loss as it was printed", logy=True)

# %% [markdown]
# *In the picture:* on a logarithmic axis, the curve of 100 at once starts at 2.3 and falls gently;
# somebody's starts a hundred times higher, shoots up to 110,292 in three steps, comes back to 227,
# and stays there.

# %% [markdown]
# QUESTION reading_the_loss

# %% nbgrader={"grade_id": "reading_the_loss", "solution": true}

# %% nbgrader={"grade_id": "reading_the_loss__check", "grade": true}
check("reading_the_loss", reading_the_loss)

# %% [markdown]
# ## Epoch and step
#
# ONN: when all training data have gone in once, that is an **epoch**; when one batch has gone in,
# that is a **step**. SL2 assumes that $n$ is a multiple of $m$. It mostly isn't: 1,197 images are
# eleven batches of 100 and a rest of 97. Here the rest is a batch, too.

# %% [markdown]
# ### Exercise: `num_steps` (10 points)
#
# How many steps are `epochs` epochs of `n` examples in batches of `batch_size`? (⌈ ⌉ rounds up.)
#
# $$\lceil n / B \rceil \cdot \text{epochs}$$


# %% nbgrader={"grade_id": "num_steps", "solution": true}
def num_steps(n, batch_size, epochs):
    """Return the number of steps in a number of epochs.

    n: examples; batch_size, epochs: whole numbers. A short last batch is a step too.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "num_steps__check", "grade": true}
check(num_steps)

# %% [markdown]
# QUESTION epoch_or_step

# %% nbgrader={"grade_id": "epoch_or_step", "solution": true}

# %% nbgrader={"grade_id": "epoch_or_step__check", "grade": true}
check("epoch_or_step", epoch_or_step)

# %% [markdown]
# ### Exercise: `minibatches` (24 points)
#
# SL2: an epoch splits the data into batches at random and goes through them, so that every example
# has the same influence. Shuffle `x` and `y` *together*, and cut them into batches. All chance
# comes from the generator `rng`: `rng.permutation(n)` gives the numbers from 0 to n − 1 in random
# order. Leave `x` and `y` as they are.


# %% nbgrader={"grade_id": "minibatches", "solution": true}
def minibatches(x, y, batch_size, rng):
    """Return one epoch's batches, a list of pairs (x_b, y_b).

    x, y: arrays with a row for each example; example i is row i of both.
    Each example comes once, beside its own y; the last batch holds what is left.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "minibatches__check", "grade": true}
check(minibatches)

# %% [markdown]
# ### Demo 6-1: one epoch of digits
#
# ONN's demo shows how batches go in. Here are yours.

# %% tags=["experiment"]
batches = minibatches(digits.x_train, digits.labels_train, 100, np.random.default_rng(0))
print("sizes of the batches:", [len(labels_b) for _, labels_b in batches])
x_b, labels_b = batches[0]
axes = plot_images(x_b[:10], labels_b[:10])

# %% [markdown]
# *In the picture:* the first ten images of the first batch, each with its own label above it.
# Shuffled apart, the network would learn nothing, and no error message would tell you.

# %% [markdown]
# ### What does going through them buy?
#
# You could also draw each example of a batch anew from all of them (*with replacement*). After as
# many draws as an epoch has examples:

# %% tags=["experiment"]
missed = [1 - len(np.unique(rng.integers(1197, size=1197))) / 1197 for _ in range(20)]
print(f"never drawn: {np.mean(missed):.1%} of the images ({min(missed):.0%} to {max(missed):.0%})")
print(f"(1 − 1/1197)^1197 = {(1 - 1 / 1197) ** 1197:.1%}, 1/e = {np.exp(-1):.1%}")

# %% [markdown]
# More than a third isn't seen, while others come twice or more: SL2's argument for epochs.

# %% [markdown]
# ## The loop
#
# ONN draws the training as a flow chart: *first batch in → compute the network and the loss →
# compute the network and the loss → second batch in → …*
#
# **Spot the error.** One box stands there twice, and the box in which something is learned is
# missing. The second should be: *compute the gradient, and update θ*.

# %% [markdown]
# ### Exercise: `sgd` (26 points)
#
# For each epoch, for each of its batches: ask for the loss and the gradient, then make a step
#
# $$\theta \leftarrow \theta - \alpha \nabla L_\text{batch}(\theta) .$$
#
# `loss_and_grad(theta, x_b, y_b)` returns the pair `(loss, grad)`, both as means over the batch.
# Use your `minibatches`, with a new shuffle for each epoch. `losses` has one entry a step: the
# loss of that step's own batch, taken before the step.


# %% nbgrader={"grade_id": "sgd", "solution": true}
def sgd(loss_and_grad, theta, x, y, *, batch_size, epochs, lr, rng):
    """Train with one step for each batch of each epoch.

    loss_and_grad: a function, (theta, x_b, y_b) -> (loss, grad).
    theta: the start, an array of any shape; lr is the learning rate α.
    Returns the last theta, and a list of losses, one for each step.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "sgd__check", "grade": true}
check(sgd)

# %% [markdown]
# ### Corelab 2: ten epochs of 100-example batches
#
# Ten epochs, a batch of 100 in each step; print the cross-entropy. (α = 0.1; ONN gives none.)

# %% tags=["experiment"]
data = digits.x_train, digits.labels_train
how = {"batch_size": 100, "epochs": 10, "lr": 0.1, "rng": np.random.default_rng(0)}
trained, losses = sgd(net.loss_and_grad, theta, *data, **how)
per_epoch = np.reshape(losses, (10, -1))
for epoch in (0, 4, 9):
    low, high = per_epoch[epoch].min(), per_epoch[epoch].max()
    mean = per_epoch[epoch].mean()
    print(f"epoch {epoch + 1:>2}: mean {mean:.2f}, single batches {low:.2f} to {high:.2f}")
after = cross_entropy(net.predict(trained, data[0]), data[1])
print(f"{len(losses)} steps; all data, after the last one: {after:.2f}")

# %% [markdown]
# The mean falls to 0.59 in the last epoch; single batches scatter round it. (If your shuffle uses
# `rng` in another way than this text's, your numbers differ a little from here on.)

# %% [markdown]
# ## Careful or careless?
#
# Now the five looks of the beginning, with your loop and five random seeds.


# %% tags=["experiment"]
def fresh(seed):
    """Return first weights for the network, and the generator that made them."""
    seeded = np.random.default_rng(seed)
    return net.pack(init_he(net.layer_sizes, seeded)), seeded


for batch_size in (1197, 100, 1):
    shares = []
    for seed in range(5):
        start, seeded = fresh(seed)
        how = {"batch_size": batch_size, "epochs": 5, "lr": 0.1, "rng": seeded}
        end, _ = sgd(net.loss_and_grad, start, *data, **how)
        shares.append(100 * net.accuracy(end, digits.x_test, digits.labels_test))
    steps = num_steps(1197, batch_size, 5)
    print(
        f"B = {batch_size:>5,}, {steps:>5,} steps: {min(shares):.0f} to {max(shares):.0f} % right"
    )
print(f"your guess: {my_guess_shares}")

# %% [markdown]
# The careless ones win by far: five steps don't lead far, however exact. But mind the spread at
# B = 1, and look at the paths and the clock. (All have one α here; below, each has its own.)

# %% [markdown]
# ### Three paths
#
# KK has a famous picture of three paths. Draw it for the two weights that guess a pixel. Their
# error surface comes first, from all the data.

# %% tags=["experiment"]
squares, products = neighbours.T @ neighbours / 1197, neighbours.T @ pixel / 1197
best = np.linalg.solve(squares, products)  # where the gradient is 0
lowest = np.mean(pixel**2) - products @ best


def height(theta):
    """Return the mean squared error at theta, of shape (2,) or a grid of shape (2, ...)."""
    offset = np.moveaxis(theta, 0, -1) - best
    return lowest + np.sum(offset @ squares * offset, axis=-1)


surface = Surface(
    name="Guessing a pixel",
    f=height,
    grad=lambda theta: 2 * (squares @ theta - products),
    hessian=lambda theta: 2 * squares,
    minimum=best,
    view=((-0.5, 1.3), (-0.1, 1.5)),
    start=np.array([-0.3, 1.3]),
)
print(f"lowest at θ = ({best[0]:.2f}, {best[1]:.2f})")

# %% [markdown]
# Now your `sgd` walks on it with α = 0.3: all the data in each step, 20 examples, one.


# %% tags=["experiment"]
def footprints(x, y, *, batch_size, epochs, lr):
    """Return every theta that sgd visits while it guesses pixels, the start first."""
    visited = []

    def watched(theta, x_b, y_b):
        visited.append(theta.copy())
        return guess_pixel(theta, x_b, y_b)

    how = {"batch_size": batch_size, "epochs": epochs, "lr": lr, "rng": np.random.default_rng(0)}
    end, _ = sgd(watched, surface.start, x, y, **how)
    return np.array([*visited, end])


paths, curves = {}, {}
for label, batch_size, epochs in (
    ("gradient descent, B = 1,197", 1197, 80),
    ("B = 20", 20, 20),
    ("B = 1", 1, 20),
):
    path = footprints(neighbours, pixel, batch_size=batch_size, epochs=epochs, lr=0.3)
    paths[label] = path[:61]
    above = height(path.T) - lowest
    moments = np.unique(np.geomspace(1, len(path) - 1, 40).astype(int))
    curves[label] = moments * batch_size, above[moments]
    down = int(np.argmax(above < 0.01)) * batch_size
    late = np.median(above[len(above) * 3 // 4 :])
    print(f"{label}: below 0.01 after {down:,} looks; in the last quarter {late:.0e}")

fig, axes = panels(2)
plot_paths(surface, paths, ax=axes[0])
names = {"xlabel": "examples looked at", "ylabel": "height above the minimum"}
ax = plot_curves(curves, **names, ax=axes[1], logx=True, logy=True, every=4, legend=False)

# %% [markdown]
# *In the picture:* on the left, 60 steps each: all the data walk a smooth curve to the minimum,
# B = 20 the same way with a shiver, B = 1 staggers across the valley. On the right, against the
# examples looked at on logarithmic axes, B = 1 is down first and B = 20 next, long before gradient
# descent; but both hover at a level of their own, B = 1 far higher, and gradient descent passes
# below them in the end.
#
# So noise costs little on the way and much at the end. Lesson 05 makes α, and with it that level,
# smaller in time.

# %% [markdown]
# ### See it move
#
# Your `sgd`, with the batch under a slider. Which B still gets there by a straight way?

# %% tags=["experiment"]
batch_size_explorer(sgd, guess_pixel, neighbours, pixel, surface=surface)

# %% [markdown]
# *In the picture:* as it stands here, with B = 20, the path walks to the minimum with a shiver and
# trembles about it; on the right its height, and below the noise of the gradient, which falls with B
# along a line on logarithmic axes.

# %% [markdown]
# ### One clock
#
# Looks aren't seconds. What does an epoch of digits take on this machine?

# %% tags=["experiment"]
sizes, milliseconds = [1, 3, 10, 30, 100, 300, 1197], []
for batch_size in sizes:
    how = {"batch_size": batch_size, "epochs": 1, "lr": 0.01, "rng": rng}
    times = []
    for _ in range(3):
        before = perf_counter()
        sgd(net.loss_and_grad, theta, *data, **how)
        times.append(1e3 * (perf_counter() - before))
    milliseconds.append(min(times))
    a_step = 1e3 * min(times) / num_steps(1197, batch_size, 1)
    print(f"B = {batch_size:>5,}: {min(times):6.2f} ms an epoch, {a_step:4.0f} µs a step")

names = {"xlabel": "batch size B", "ylabel": "time of an epoch, ms"}
curves = {"time": (sizes, milliseconds)}
ax = plot_curves(curves, **names, logx=True, logy=True, every=1, legend=False)

# %% [markdown]
# *In the picture:* on logarithmic axes an epoch gets cheaper as B grows, at first in nearly a
# straight line; from a hundred or so on little is gained.
#
# KK calls single examples quick, ONN says that they take very long. Both are right: a *step* is
# cheap there, an *epoch* is dear. A step on 10 images costs hardly more than one on a single image,
# since most of the time goes into starting the work. Machines are better at many examples at once
# (KK: *vectorized*).

# %% [markdown]
# QUESTION which_batch

# %% nbgrader={"grade_id": "which_batch", "solution": true}

# %% nbgrader={"grade_id": "which_batch__check", "grade": true}
check("which_batch", which_batch)

# %% [markdown]
# ## What a larger batch is worth
#
# A batch's gradient points in the right direction *on average*. How far off is a single one? Its
# distance from the gradient of all data, squared, in the mean over many batches, is the gradient's
# **variance**; the root of that is its typical error.
#
# ### Predict, then run
#
# A batch of 1,000, drawn with replacement, costs a hundred times as many looks as a batch of 10.
# **How many times smaller is its typical error?**

# %% tags=["experiment"]
my_guess_times = None  # 1? 10? 100?

# %% tags=["experiment"]
x, labels = data


def gradient_length(at):
    """Return the length of the gradient of all data."""
    return np.linalg.norm(net.loss_and_grad(at, x, labels)[1])


def typical_error(at, batch_size, replace=True):
    """Return the root of the variance of a batch's gradient, from 200 batches."""
    true_grad = net.loss_and_grad(at, x, labels)[1]
    squares = []
    for _ in range(200):
        chosen = rng.choice(len(x), size=batch_size, replace=replace)
        grad = net.loss_and_grad(at, x[chosen], labels[chosen])[1]
        squares.append(np.sum((grad - true_grad) ** 2))
    return np.sqrt(np.mean(squares))


sizes = np.array([1, 3, 10, 30, 100, 300, 1000])
drawn = np.array([typical_error(theta, B) for B in sizes])
epoch = np.array([typical_error(theta, B, replace=False) for B in sizes])

ax = plot_curves(
    {"drawn with replacement": (sizes, drawn), "batch of an epoch": (sizes, epoch)},
    xlabel="batch size B",
    ylabel="typical error of the gradient",
    logx=True,
    logy=True,
    every=1,
)
power = np.polyfit(np.log(sizes), np.log(drawn**2), 1)[0]
print(f"fitted: the variance falls as B to the power of {power:.2f}")
print(f"from B = 10 to 1,000 the error falls {drawn[2] / drawn[-1]:.1f} times")
print(f"your guess: {my_guess_times}")
for name, at in (("at the first weights", theta), ("after Corelab 2", trained)):
    ratios = [typical_error(at, B) / gradient_length(at) for B in (1, 100)]
    print(f"error over gradient {name}: {ratios[0]:.1f} at B = 1, {ratios[1]:.1f} at B = 100")
for B, ratio in zip(sizes[-3:], (epoch**2 / drawn**2)[-3:], strict=True):
    print(f"B = {B:>5,}: variance, epoch / drawn {ratio:.2f}, theory {(1197 - B) / 1196:.2f}")

# %% [markdown]
# *In the picture:* two straight lines on logarithmic axes, falling by half a power of ten for each
# power of ten in B; at the right end the batches of an epoch bend down below the drawn ones.
#
# The variance falls as $1/B$, so the error as $1/\sqrt{B}$: **a step that is ten times as exact
# costs a hundred times as many looks.** Within an epoch nothing is drawn twice, and the factor is
#
# $$\frac{1}{B} \cdot \frac{N - B}{N - 1} ,$$
#
# nearly the same for small batches, and 0 at $B = N$.
#
# Look at the lines about error over gradient, too. A single image's step is nearly all noise; only
# the mean of many goes down. And the ratio grows while you train: the gradient shrinks faster than
# the error.

# %% [markdown]
# ### The second argument for epochs
#
# Drawn anew, one batch's error knows nothing of the next. Within an epoch the errors add up to 0:
# what this batch lacks comes in a later one. Does it show? Start at the minimum, guess pixels in
# batches of 20 for 20 epochs, with 20 seeds, and look how far above the minimum the epochs end.


# %% tags=["experiment"]
def restlessness(lr, drawn):
    """Return the mean height above the minimum at the ends of epochs, one number a seed."""
    found = []
    for seed in range(20):
        seeded = np.random.default_rng(seed)
        how = {"batch_size": 20, "epochs": 1, "lr": lr, "rng": seeded}
        place, heights = best, []
        for _ in range(20):
            rows = seeded.integers(1197, size=1197) if drawn else np.arange(1197)
            place, _ = sgd(guess_pixel, place, neighbours[rows], pixel[rows], **how)
            heights.append(height(place) - lowest)
        found.append(1e6 * np.mean(heights))
    return np.array(found)


for lr in (0.3, 0.03):
    for way, drawn_anew in (("epochs", False), ("drawn", True)):
        found = restlessness(lr, drawn_anew)
        low, high = found.min(), found.max()
        print(f"α = {lr:<4} {way:<6}: {found.mean():3.0f} millionths ({low:.0f} to {high:.0f})")

# %% [markdown]
# With α = 0.3 hardly: the first errors of an epoch are forgotten long before the last come to
# balance them. With α = 0.03 they still count, and whoever goes by epochs ends ten times as low, for
# the same work.

# %% [markdown]
# ### One bad example
#
# ONN warns that single examples let one outlier spoil the training. Here one image has its ink on a
# scale from 0 to 16, the others from 0 to 1. How long is the longest step of an epoch?

# %% tags=["experiment"]
units = np.where(np.arange(1197) == np.argmax(pixel), 16, 1)
for batch_size in (1, 10, 100, 1197):
    longest = []
    for scale in (np.ones(1197), units):
        x_s, y_s = neighbours * scale[:, np.newaxis], pixel * scale
        path = footprints(x_s, y_s, batch_size=batch_size, epochs=1, lr=0.1)
        longest.append(np.linalg.norm(np.diff(path, axis=0), axis=1).max())
    print(f"B = {batch_size:>5,}: longest step {longest[0]:.2f}, with the outlier {longest[1]:.2f}")

# %% [markdown]
# In a batch of $B$ the outlier has $1/B$ of the votes; alone, it throws θ nearly eleven units away,
# six times the width of the picture of the paths.

# %% [markdown]
# ### And memory
#
# ONN's other end: all data at once may not fit into memory. A network keeps what every layer puts
# out, for each example of the batch, until the gradient is done.

# %% tags=["experiment"]
kept = sum(net.layer_sizes)  # numbers an example
print(f"digits, all 1,197 at once: {1197 * kept * 8 / 1e6:.1f} MB")
photo = 224 * 224 * 3 * 4  # bytes: three colours, 4 bytes each
print(f"photographs of 224 × 224: {photo / 1e6:.1f} MB each, a million {1e6 * photo / 1e9:.0f} GB")

# %% [markdown]
# And that is only the input. SL2's rule of thumb: a batch that just fits into the graphics card's
# memory; with large images that may be one.

# %% [markdown]
# ## What noise is good for
#
# SL2: it is SGD as soon as the *expected* gradient is the true one, so the full gradient plus
# Gaussian noise is an SGD, too. Why would anyone add noise? Start on the ridge of the saddle
# f = x² − y², where the slope points along the ridge only. Each of 1,000 examples pulls sideways;
# all these pulls add up to 0, those of a batch of 10 don't.

# %% tags=["experiment"]
ridge = saddle()
pulls = rng.normal(size=1000)
pulls = pulls - pulls.mean()


def batch_step(theta, grad, *, lr, rng):
    """Take a step with the pulls of a batch of 10."""
    pull = rng.choice(pulls, 10, replace=False).mean()
    return gd_step(theta, grad + np.array([0, pull]), lr=lr)


def gaussian_step(theta, grad, *, lr, rng):
    """Take a step with the full gradient and Gaussian noise of about the same size."""
    return gd_step(theta, grad + np.array([0, rng.normal(scale=0.3)]), lr=lr)


path = descend(ridge, [-1.6, 0.0], rule=gd_step, lr=0.02, num_steps=10_000)
print(f"full gradient: {abs(path[-1, 1])} from the ridge after 10,000 steps")
for name, rule in (("batches of 10", batch_step), ("full gradient plus noise", gaussian_step)):
    left = []
    for seed in range(20):
        noisy = partial(rule, rng=np.random.default_rng(seed))
        path = descend(ridge, [-1.6, 0.0], rule=noisy, lr=0.02, num_steps=400)
        left.append(np.argmax(np.abs(path[:, 1]) > 1))
    print(f"{name}: 1 away from it at step {min(left)} to {max(left)} (20 seeds)")

# %% [markdown]
# The exact gradient stays for ever; with either noise all seeds are off within 231 steps. But not
# any noise leaves any saddle. In lesson 01 units that started alike stayed alike, and the training
# got stuck. Three ways out of that, 600 steps each:

# %% tags=["experiment"]
twins = MLP([64, 16, 10])
alike = twins.pack(init_constant(twins.layer_sizes, 0.1))


def with_noise(theta, x_b, labels_b):
    """Return loss and gradient with Gaussian noise on the gradient."""
    loss, grad = twins.loss_and_grad(theta, x_b, labels_b)
    return loss, grad + rng.normal(scale=0.003, size=grad.shape)


for name, batch_size, ask in (
    ("full gradient", 1197, twins.loss_and_grad),
    ("batches of 100", 100, twins.loss_and_grad),
    ("full gradient plus noise", 1197, with_noise),
):
    how = {"batch_size": batch_size, "lr": 0.3, "rng": np.random.default_rng(0)}
    end, _ = sgd(ask, alike, *data, epochs=600 // num_steps(1197, batch_size, 1), **how)
    W, _ = twins.unpack(end)[0]
    apart = np.ptp(W, axis=1).max()
    share = twins.accuracy(end, digits.x_test, digits.labels_test)
    print(f"{name:<25} units differ by {apart:.3f}, {share:.0%} of the test digits")

# %% [markdown]
# Whatever the batch, two units that are alike get the same gradient: a batch's noise has no part
# in the direction that would help. Gaussian noise has a part in every direction.

# %% [markdown]
# ## By the clock
#
# SL2 expects fewer steps of larger batches, quicker steps of smaller ones, and leaves open who
# arrives first. It also says that the batch size has some influence on **generalization**, how well
# a network does on what it has never seen.
#
# Give each batch size the best of four learning rates, and train until the loss over all data is
# 0.1. **Which B is quickest?** Say it aloud, then run.


# %% tags=["experiment"]
def train_until(batch_size, lr, seed, most_epochs):
    """Train to a loss of 0.1; return theta, epochs, milliseconds (infinite: not reached)."""
    place, seeded = fresh(seed)
    how = {"batch_size": batch_size, "epochs": 1, "lr": lr, "rng": seeded}
    spent = 0.0
    for epoch in range(1, most_epochs + 1):
        before = perf_counter()
        place, _ = sgd(net.loss_and_grad, place, *data, **how)
        spent += 1e3 * (perf_counter() - before)
        if net.loss(place, *data) <= 0.1:
            return place, epoch, spent
    return place, np.inf, np.inf


sizes, times = [1, 10, 30, 100, 300, 1197], []
for batch_size in sizes:
    fewest, best_lr = 120, None
    for lr in (0.1, 0.3, 1.0, 2.0):
        _, epochs, _ = train_until(batch_size, lr, 0, fewest)
        if epochs <= fewest:
            fewest, best_lr = epochs, lr
    runs = [train_until(batch_size, best_lr, seed, 120) for seed in range(5)]
    ends, epochs, milliseconds = zip(*runs, strict=True)
    times.append(milliseconds)
    shares = [100 * net.accuracy(end, digits.x_test, digits.labels_test) for end in ends]
    steps = num_steps(1197, batch_size, 1) * np.mean(epochs)
    print(
        f"B = {batch_size:>5,}, α = {best_lr}: {steps:5,.0f} steps, "
        f"{np.mean(milliseconds):4.0f} ms, "
        f"test {np.mean(shares):.1f} ± {np.std(shares, ddof=1):.1f} %"
    )

times = np.array(times)
names = {"xlabel": "batch size B", "ylabel": "time to a loss of 0.1, ms"}
spread = {"time": (times.min(axis=1), times.max(axis=1))}
curves = {"time": (sizes, times.mean(axis=1))}
ax = plot_curves(curves, **names, logx=True, logy=True, every=1, legend=False, spread=spread)

# %% [markdown]
# *In the picture:* a trough on logarithmic axes, high at both ends and lowest at some tens to some
# hundreds of examples. Bars span five seeds.
#
# Read the table from top to bottom. Up to B = 30 a larger batch bears a larger α, and the number of
# steps falls steeply: noise had set the limit. From there on α stays at 1, and 2 is best for none,
# not even for all the data: now the surface sets the limit, as in lesson 00. More exactness can't
# be turned into longer steps; it saves few of them, and each costs more. **Make the batch so large
# that noise no longer sets the limit and the machine is busy; no larger.**
#
# And generalization? Brought to the same loss, all batch sizes know about the same: the means lie
# between 95.0 and 96.0 %, and seeds differ by as much. Here SL2's influence doesn't show.

# %% [markdown]
# ## Corelab 3: watch the loss, then explain it
#
# ONN's last one: a network with 5 layers, cross-entropy, plain gradient descent, batch size 200,
# 50 epochs, learning rate 0.02.
#
# ### Predict, then run
#
# In Corelab 2 ten epochs brought the loss to 0.59. **Where do these fifty end?**

# %% tags=["experiment"]
my_guess_loss = None  # nats

# %% tags=["experiment"]
deep = MLP([64, 32, 32, 32, 32, 10])


def fifty_epochs(batch_size, lr):
    """Train with five seeds; return the mean loss of each epoch, a row for each seed."""
    rows = []
    for seed in range(5):
        seeded = np.random.default_rng(seed)
        start = deep.pack(init_he(deep.layer_sizes, seeded))
        how = {"batch_size": batch_size, "epochs": 50, "lr": lr, "rng": seeded}
        _, losses = sgd(deep.loss_and_grad, start, *data, **how)
        rows.append(np.reshape(losses, (50, -1)).mean(axis=1))
    return np.array(rows)


corelab = fifty_epochs(200, 0.02)
print(f"steps: {num_steps(1197, 200, 50)}; first epoch: {corelab[:, 0].mean():.2f} nats")
print("last epoch, five seeds:", ", ".join(f"{loss:.2f}" for loss in np.sort(corelab[:, -1])))
print(f"your guess: {my_guess_loss}")

# %% [markdown]
# Five times as many epochs, and it has hardly come further. Count: thanks to the mean a step is α
# times a gradient, *however many examples it has seen*. Corelab 2 took 120 steps of 0.1, which makes
# 12; this one 300 of 0.02, which makes 6. Test that in two ways: ten times the steps by B = 20, or
# ten times the α.

# %% tags=["experiment"]
runs = {"B = 200, α = 0.02": corelab}
runs["B = 20, α = 0.02"] = fifty_epochs(20, 0.02)
runs["B = 200, α = 0.2"] = fifty_epochs(200, 0.2)
curves = {label: (range(1, 51), np.median(rows, axis=0)) for label, rows in runs.items()}
spread = {label: (rows.min(axis=0), rows.max(axis=0)) for label, rows in runs.items()}
names = {"xlabel": "epoch", "ylabel": "training loss, nats"}
ax = plot_curves(curves, **names, logy=True, spread=spread)
for label, rows in runs.items():
    print(f"{label}: last epoch", ", ".join(f"{loss:.3f}" for loss in np.sort(rows[:, -1])))
worst = rows[np.argmax(rows[:, -1])]
print(f"the last row's worst seed had been down at {worst.min():.3f}")

# %% [markdown]
# *In the picture:* lines are medians of five seeds, bars span them. Corelab 3 falls slowly and
# evenly, the other two far below it: B = 20 smoothly, α = 0.2 in jumps with long bars.
#
# Both come down: the way was too short. But with α = 0.2 one seed of five, down at 0.019 already,
# has jumped up to 1.398. That is a rule of thumb and its limit: **ten times the batch takes ten
# times the α, as far as the surface bears it.**

# %% [markdown]
# ## In your own words
#
# A friend has a million photographs and asks you, in your own words and without a formula: *why
# not all of them in each step? Why not one? And if you go from batches of 100 to batches of
# 1,000, what changes in an epoch, and what do you do about it?* (6 points, read by a person.)

# %% [markdown] nbgrader={"grade_id": "minibatch__why", "grade": true, "solution": true, "points": 6}
# ### BEGIN SOLUTION
# **Two points each.** *Not all*: a step isn't longer for being exact, and exactness is dear: for a
# tenth of the error you need a hundred times as many photographs. From a certain size on it isn't
# the noise that limits the step, and more buys little. (Memory counts as well.)
#
# *Not one*: nearly all of such a step is noise, or one odd photograph throws it far off; and the
# machine spends its time on starting the work instead of doing many examples at once. One of the
# two with its reason is worth one point.
#
# *100 to 1,000*: an epoch has a tenth of the steps, each about as long as before, so the training
# comes less far in an epoch, though with less noise. Make α larger (up to ten times, watching
# whether the loss bears it), or train for more epochs. One point for the change, one for a remedy.
# ### END SOLUTION

# %% [markdown]
# ## In the wild
#
# - **PyTorch**: `DataLoader` has `batch_size=1`, `shuffle=False`, `drop_last=False`: ask for the
#   shuffle yourself. `torch.optim.SGD` knows nothing of batches; by default it is `gd_step`.
# - `CrossEntropyLoss` takes the mean over the batch, like yours, but wants *logits*, what the last
#   layer puts out before it becomes probabilities. `MSELoss` takes the mean over outputs as well:
#   $K$ times smaller than here.
# - `backward()` *adds* to the gradients that are there. Whoever splits a batch to save memory, and
#   forgets to divide, has built what somebody built above.
# - **Keras**: `fit` has `batch_size=32` and `shuffle=True`, and keeps the short last batch. Its
#   losses take the label first, PyTorch's the prediction.

# %% [markdown]
# ## What a careful step buys
#
# Which network knows the digits in the end? After five looks at each, the careless ones, by far. And
# a more careful step buys exactness, at the square of its price: **ten times as exact costs a
# hundred times as many looks.** That pays as long as noise sets the limit, and as long as the
# machine takes more examples in nearly the same time. For our digits both end at about a
# hundred images.
#
# What is left of the noise can be averaged without looking at more data: by remembering the
# gradients before. That is lesson 03.

# %% [markdown]
# ### The documents
#
# - **KK**: *Knock Knock! Deep Learning*, Day 6: 關於 Training,還有一些基本功(二) (Chinese)
# - **SL2**: *Deep Learning 学习笔记 03 – Supervised Learning (2)* (Chinese)
# - **ONN**: 優化神經網路, part 6-1, 批次輸入資料 (Chinese)
