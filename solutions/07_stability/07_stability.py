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
# # Keeping the numbers sane
#
# Stability: gradient clipping and batch normalization. 60 to 90 minutes.
#
# You know the initializations of lesson 01 and the narrow valleys of lesson 04. Here you write two
# ways to cut a gradient down to size and the three parts of a batch normalization layer, and train
# a deep network at rates that it can't bear without them. **SL2** names both tricks, **ALR**
# promises a picture of the second, **CS7** has a word on what it replaces. Their full titles stand
# at the end.

# %%
from functools import cache, partial

import numpy as np

from descentlab import (
    MLP,
    BatchNormCache,
    Surface,
    check,
    descend,
    load_digits,
    panels,
    plot_curves,
    plot_paths,
    train,
)

rng = np.random.default_rng(7)
digits = load_digits()

# %% [markdown]
# From earlier lessons, the plain step and He's initialization.

# %%
### GIVEN gd_step

# %%
### GIVEN init_he

# %% [markdown]
# ## Two trainings that went wrong
#
# A network with two hidden layers of 64 units learns the digits, twice, from the same weights and
# with the same batches of 100, in float32, as most of the world computes. In one training the
# learning rate is fifteen times too large. In the other a single pixel is broken, in one image of
# one batch. Both end up knowing nothing. **Which is which?**

# %% tags=["experiment"]
net = MLP([64, 64, 64, 10])


def watched_training(seed, *, lr, epochs, fault=None, fault_at=None, clip=None, dtype=float):
    """Train with a fault in one batch; return theta, the history, and each gradient's norm."""
    seeded = np.random.default_rng(seed)
    theta = net.pack(init_he(net.layer_sizes, seeded)).astype(dtype)
    steps, norms = iter(range(1, 100_000)), []

    def watched_step(theta, grad, *, lr):
        norms.append(np.linalg.norm(grad))
        return gd_step(theta, clip(grad) if clip else grad, lr=lr)

    def transform(x, rng):
        return fault(x) if fault and next(steps) == fault_at else x

    data = digits.x_train, digits.labels_train
    how = {"batch_size": 100, "epochs": epochs, "rng": seeded, "transform": transform}
    return *train(net, theta, *data, rule=watched_step, lr=lr, **how), norms


def break_pixel(x):
    """Give one pixel of the first image, whose ink is from 0 to 1, the value ten billion."""
    x = x.copy()
    x[0, 20] = 1e10
    return x


_, spiked, spiked_norms = watched_training(
    0, lr=0.2, epochs=35, fault=break_pixel, fault_at=300, dtype=np.float32
)
ruined, hasty, hasty_norms = watched_training(0, lr=3, epochs=35, dtype=np.float32)

fig, axes = panels(2)
losses = {"training A": spiked.losses, "training B": hasty.losses}
plot_curves(losses, xlabel="step", ylabel="training loss, nats", ax=axes[0], logy=True)
axes[0].set_ylim(1e-2, 1e10)
norms = {"training A": spiked_norms, "training B": hasty_norms}
plot_curves(norms, xlabel="step", ylabel="gradient's norm", ax=axes[1], logy=True, legend=False)
axes[1].set_ylim(1e-2, 1e10)

print(f"A: largest norm before step 300: {max(spiked_norms[:299]):.1f}; at it: ", end="")
print(f"{spiked_norms[299]:.1e}; loss at steps 299 and 300: ", end="")
print(f"{spiked.losses[298]:.2f}, {spiked.losses[299]:.1e}")
print(f"B: loss at steps 1 to 6: {', '.join(f'{loss:.1f}' for loss in hasty.losses[:6])}; ", end="")
print(f"mean of the last epoch {hasty.train_losses[-1]:.2f}, ln 10 = {np.log(10):.2f}")
(W1, b1), (W2, b2), _ = net.unpack(ruined)
fires = np.maximum(digits.x_test @ W1 + b1, 0) @ W2 + b2 > 0
print(
    f"B: share of the second hidden layer's ReLUs that fire for the test digits: {fires.mean():.1%}"
)

# %% [markdown]
# *In the picture:* A falls nicely for 299 steps, leaps out of the picture and ends, as its numbers
# do; B leaps in its first steps and then lies at 2.3, with little gradient left.
#
# B has the large rate: its first steps threw it so far that the ReLUs of a whole layer never fire
# again, and it gives every digit the same answer, at a loss of ln 10. Its illness is in every step,
# and the cure was printed, under A of all places: a smaller rate. A's rate was good. One pixel of
# the nearly two million it had read was too large.
#
# *How large may a number in a network be, and who sees to it?* After the initialization, so far,
# nobody did.

# %% [markdown]
# ## A limit for every entry
#
# SL2 knows the accident: now and then a gradient comes out huge, even inf, and leaping along it may
# ruin the whole network. Its remedy: *take the max of the gradient's absolute value and a small
# constant*.

# %% [markdown]
# QUESTION clipping_erratum

# %% nbgrader={"grade_id": "clipping_erratum", "solution": true}

# %% nbgrader={"grade_id": "clipping_erratum__check", "grade": true}
check("clipping_erratum", clipping_erratum)

# %% [markdown]
# ### Exercise: `clip_by_value` (10 points)
#
# What SL2 means, for each entry $g$ of the gradient by itself:
#
# $$g \leftarrow \operatorname{sign}(g) \cdot \min(|g|, \text{limit}) .$$
#
# Infinite entries come back as ± limit. NaN, *not a number*, has neither size nor sign: leave it
# NaN, so that somebody sees it.


# %% nbgrader={"grade_id": "clip_by_value", "solution": true}
def clip_by_value(grad, limit):
    """Bring every entry of the gradient into the interval from −limit to limit.

    grad: array of any shape; may hold inf, −inf and NaN, which stays NaN.
    limit: a number above 0.
    Returns a new array of the shape of grad.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "clip_by_value__check", "grade": true}
check(clip_by_value)

# %% [markdown]
# ## A limit for the length
#
# A gradient says two things: where to, and how steep. After an accident the second is worthless.
# Is the first?

# %% [markdown]
# ### Exercise: `clip_by_norm` (14 points)
#
# Scale the whole gradient by one number, so that its norm $\lVert g \rVert = \sqrt{\sum g^2}$ is
# at most `max_norm`:
#
# $$g \leftarrow g \cdot \frac{\text{max\_norm}}{\lVert g \rVert} \quad
# \text{if } \lVert g \rVert > \text{max\_norm}, \text{ else as it is.}$$
#
# The norm is taken over *all* entries, whatever the shape.


# %% nbgrader={"grade_id": "clip_by_norm", "solution": true}
def clip_by_norm(grad, max_norm):
    """Shorten the gradient to max_norm if it is longer; keep its direction.

    grad: array of any shape, finite.
    max_norm: a number above 0.
    Returns a new array of the shape of grad.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "clip_by_norm__check", "grade": true}
check(clip_by_norm)

# %% [markdown]
# QUESTION clipping_direction

# %% nbgrader={"grade_id": "clipping_direction", "solution": true}

# %% nbgrader={"grade_id": "clipping_direction__check", "grade": true}
check("clipping_direction", clipping_direction)

# %% [markdown]
# ### A cliff
#
# Where do such gradients come from when no pixel is broken? From depth: $n$ layers that double
# their input make $2^n$ of it, SL2 warns. The smallest network of that kind: twenty layers share
# one weight $a$, the last has a weight $c$, and $a^{20} c$ should be 1. Its error surface is a
# plain below $a = 1$ and a cliff above.


# %% tags=["experiment"]
def cliff_height(theta):
    """Return (a²⁰ c − 1)²/2."""
    a, c = theta
    return (a**20 * c - 1) ** 2 / 2


def cliff_gradient(theta):
    """Return the derivatives of the height by a and by c."""
    a, c = theta
    error = a**20 * c - 1
    return np.array([error * 20 * a**19 * c, error * a**20])


def clipped_step(theta, grad, *, lr, clip):
    """Take a plain step with a gradient that was clipped first."""
    return gd_step(theta, clip(grad), lr=lr)


view, start = ((0.6, 1.5), (0.9, 1.75)), np.array([1.4, 1.6])
cliff = Surface("A cliff", cliff_height, cliff_gradient, None, None, view, start)
clips = {
    "clipped by value": partial(clip_by_value, limit=5),
    "clipped by norm": partial(clip_by_norm, max_norm=5),
}
walk = partial(descend, cliff, start, lr=0.002, num_steps=100)
paths = {label: walk(rule=partial(clipped_step, clip=clip)) for label, clip in clips.items()}
paths = {"gradient descent": walk(rule=gd_step), **paths}

fig, axes = panels(2)
plot_paths(cliff, paths, ax=axes[0])
axes[0].set(xlabel="weight a", ylabel="weight c")
heights = {label: cliff.f(path.T) for label, path in paths.items()}
plot_curves(heights, xlabel="step", ylabel="height", ax=axes[1], logy=True, legend=False)
axes[1].set_ylim(1e-6, 1e8)

print(f"at the start: height {cliff.f(start):,.0f}, gradient {np.round(cliff.grad(start))}")
for label, path in paths.items():
    print(f"{label}: after one step {np.round(path[1], 3)}, at the end {np.round(path[-1], 3)}")

# %% [markdown]
# *In the picture:* plain gradient descent leaves in its first step. Both clipped paths walk down
# the cliff in small steps: by norm along the gradient, to the left; by value at 45°, as both
# entries are beyond the limit and become equal. They end in different places of one valley.
#
# Clipped by norm, no step is longer than α · max_norm, here a hundredth.

# %% [markdown]
# ## One flipped bit
#
# How do you choose a limit? By looking at what is ordinary. First a training in which nothing
# happens: how long are its gradients?

# %% tags=["experiment"]
for seed in range(5):
    _, _, norms = watched_training(seed, lr=0.2, epochs=15)
    print(f"seed {seed}: median of the norms {np.median(norms):.2f}, largest {max(norms):.2f}")

# %% [markdown]
# So max_norm = 5 touches nothing ordinary. A single entry is far smaller than the norm of 9,000 of
# them: as a limit we take 0.1.
#
# ### Predict, then run
#
# Two accidents, each at step 120 of 180. *Wrong unit*: somebody forgot to divide one batch, and
# its ink runs from 0 to 255. *Flipped bit*: in one pixel of the faintest ink, 1/16, the top bit of
# the exponent tips over, as a cosmic ray may do to memory; that makes 1.1 · 10³⁰⁷ of it. The
# gradient's entries are still numbers, but the norm squares them: it is inf.
#
# Undisturbed, the network knows 95 % of the test digits in the end, on the mean of five seeds.
# **How many will it know after the flipped bit if you clip by norm? And after the wrong unit,
# without clipping?**

# %% tags=["experiment"]
my_guess_bit = None  # per cent, clipped by norm
my_guess_unit = None  # per cent, not clipped


# %% tags=["experiment"]
def wrong_unit(x):
    """Return the batch with ink from 0 to 255."""
    return 255 * x


def flip_bit(x):
    """Flip the highest bit of the exponent of the first pixel that is 1/16."""
    x = x.copy()
    row, column = np.argwhere(x == 1 / 16)[0]
    x.view(np.uint64)[row, column] ^= np.uint64(1 << 62)
    return x


faults = {"nothing": None, "wrong unit": wrong_unit, "flipped bit": flip_bit}
clips = {
    "no clipping": None,
    "by value": partial(clip_by_value, limit=0.1),
    "by norm": partial(clip_by_norm, max_norm=5),
}
test_part = digits.x_test, digits.labels_test
found, spikes = {}, {}
for fault in faults:
    for clip in clips:
        for seed in range(5):
            how = {"lr": 0.2, "epochs": 15, "fault_at": 120}
            with np.errstate(all="ignore"):  # here infinity is what we want to see
                theta, _, norms = watched_training(
                    seed, fault=faults[fault], clip=clips[clip], **how
                )
                spikes.setdefault(fault, norms[119])
                found.setdefault((fault, clip), []).append(100 * net.accuracy(theta, *test_part))

# %% tags=["experiment"]
print(
    f"the flipped pixel: {flip_bit(np.array([[1 / 16]]))[0, 0]:.1e}; the gradient's norm ", end=""
)
print(f"at step 120, {', '.join(f'{fault}: {norm:.1f}' for fault, norm in spikes.items())}")
print("test digits known, %: mean of five seeds (worst to best)")
for fault in faults:
    cells = [np.array(found[fault, clip]) for clip in clips]
    texts = [f"{a.mean():5.1f} ({a.min():.0f} to {a.max():.0f})" for a in cells]
    print(f"{fault:<12}", "   ".join(f"{c}: {t}" for c, t in zip(clips, texts, strict=True)))
print(f"your guesses: flipped bit, by norm {my_guess_bit}; wrong unit, unclipped {my_guess_unit}")

# %% [markdown]
# (The five warnings are the unclipped networks after the flipped bit.) By norm the flipped bit does
# nothing: max_norm/inf is 0, so the step is left out. By value, the entries that the pixel has
# reached move by α · limit = 0.02, wrongly but not far. The wrong unit is the more treacherous
# accident: nothing becomes inf, nobody is warned, and what is left is anything from 28 to 89 %.
#
# And if entries themselves are infinite?

# %% tags=["experiment"]
strange = np.array([3.0, -4.0, np.inf, np.nan])
with np.errstate(all="ignore"):
    print(f"{strange} clipped by value at 5: {clip_by_value(strange, 5.0)}")
    print(f"{strange[:3]} clipped by norm at 5: {clip_by_norm(strange[:3], 5.0)}")

# %% [markdown]
# By norm, inf times 0 is no number; by value it is ± limit. And where the forward pass itself has
# overflowed, all is NaN and neither helps: leave the batch out, and look for the reason.
#
# Now back to training A.

# %% [markdown]
# QUESTION diagnose_spike

# %% nbgrader={"grade_id": "diagnose_spike", "solution": true}

# %% nbgrader={"grade_id": "diagnose_spike__check", "grade": true}
check("diagnose_spike", diagnose_spike)

# %% [markdown]
# ## A scale for every layer
#
# Clipping looks only at what comes out at the end. Inside the network the numbers grow or vanish as
# they like: lesson 01 chose weights that keep their size, but the first update makes others of them.
#
# SL2's second trick is a layer that gives *every mini-batch the same mean and variance*, whatever
# came in. Each feature, each column of the batch, is normalized by itself, then scaled by γ and
# shifted by β, two numbers per feature that are learned like weights. So a network may choose a
# scale. It no longer inherits one.

# %% [markdown]
# ### Exercise: `batchnorm_forward` (20 points)
#
# `x` has the shape `(B, D)`, an example a row; `gamma` and `beta` have the shape `(D,)`. With μ and
# σ² the mean and the variance of each column (divided by B):
#
# $$\hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}, \qquad f(x) = \gamma\, \hat x + \beta .$$
#
# ε keeps a column that never changes from being 0/0. Return the output and
# `BatchNormCache(x_hat, inv_std, gamma)`, where `inv_std` is $1/\sqrt{\sigma^2 + \epsilon}$: the
# way back will need them.


# %% nbgrader={"grade_id": "batchnorm_forward", "solution": true}
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Normalize each column of a batch, then scale it by gamma and shift it by beta.

    x: array of shape (B, D), one example a row.
    gamma, beta: arrays of shape (D,).
    Returns the output, shape (B, D), and BatchNormCache(x_hat, inv_std, gamma).
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "batchnorm_forward__check", "grade": true}
check(batchnorm_forward)

# %% [markdown]
# ### Thirty layers, three beginnings
#
# Thirty ReLU layers of 64 units, with He's weights, with twice and with half of them: SL2's $2^n$,
# and its mirror image. And with your layer before each ReLU?


# %% tags=["experiment"]
def layer_scales(params, factor, normed):
    """Return the std of each layer's output when all weights are multiplied by a factor."""
    h, scales = digits.x_train[:100], []
    for W, _b in params:
        z = h @ (factor * W)
        if normed:
            z, _cache = batchnorm_forward(z, np.ones(64), np.zeros(64))
        h = np.maximum(z, 0)
        scales.append(h.std())
    return np.array(scales)


params = init_he([64] * 31, rng)
fig, axes = panels(2)
for ax, normed in zip(axes, (False, True), strict=True):
    title = "with batch norm" if normed else "without"
    scales = {f: layer_scales(params, f, normed) for f in (2, 1, 0.5)}
    curves = {f"weights × {f}": (range(1, 31), y) for f, y in scales.items()}
    names = {"xlabel": "layer", "ylabel": "std of its output", "title": title}
    plot_curves(curves, **names, ax=ax, logy=True, legend=normed)
    ax.set_ylim(1e-11, 1e11)
    ax.set_yticks([1e-8, 1e-4, 1, 1e4, 1e8], ["10⁻⁸", "10⁻⁴", "1", "10⁴", "10⁸"])
    ends = ", ".join(f"weights × {f}: {y[-1]:.1e}" for f, y in scales.items())
    print(f"layer 30 {title}: {ends}")

# %% [markdown]
# *In the picture:* on the left twice the weights climb to 1.8 · 10⁸ and half of them sink to
# 1.5 · 10⁻¹⁰, while He's hold the middle; on the right the three lines are one.
#
# A column that is twice as large has twice the standard deviation, and the factor cancels.

# %% [markdown]
# ### ALR's surface, reshaped
#
# ALR gets out of a valley that is steep across and nearly flat along with a step of its own for each
# parameter. In passing it says that for this surface there is another way, batch normalization, and
# that *the effect is shown later*. It never is. Here it is.
#
# Such valleys come from features of different size. Take the zeros and ones among the digits and
# two features: the ink of the whole image (about 20) and the mean ink of its four middle pixels
# (about 0.45). With a weight for each, least squares should make +1 of a one and −1 of a zero. The
# condition number, the largest curvature over the smallest, is 2,242.
#
# ### Predict, then run
#
# At the rate that suits this surface best, 2/(largest + smallest curvature), gradient descent needs
# 2,581 steps until its height above the minimum is 1 % of the start's. **How many when both columns
# have gone through your layer**, with γ = 1 and β = 0?

# %% tags=["experiment"]
my_guess_surface = None  # how many steps?


# %% tags=["experiment"]
def error_surface(name, features, targets):
    """Return half the mean squared error of features @ w as a surface over two weights w."""
    H = features.T @ features / len(features)
    slope, square = features.T @ targets / len(features), np.mean(targets**2)

    def f(w):
        return (np.einsum("i...,ij,j...", w, H, w) + square) / 2 - np.tensordot(slope, w, axes=1)

    view, start = ((-0.8, 0.8), (-1.5, 3.0)), np.array([0.5, -1.0])
    lowest = np.linalg.solve(H, slope)
    return Surface(name, f, lambda w: H @ w - slope, lambda w: H, lowest, view, start)


rows = digits.labels_train < 2
images = digits.x_train[rows].reshape(-1, 8, 8)
targets = np.where(digits.labels_train[rows] == 1, 1.0, -1.0)
ink = np.stack([images.sum(axis=(1, 2)), images[:, 3:5, 3:5].mean(axis=(1, 2))], axis=1)
normed_ink, _ = batchnorm_forward(ink, np.ones(2), np.zeros(2))

fig, axes = panels(2)
for ax, name, features in zip(axes, ("raw", "normalized"), (ink, normed_ink), strict=True):
    surface = error_surface(name, features, targets)
    smallest, greatest = np.linalg.eigvalsh(surface.hessian(surface.start))
    how = {"rule": gd_step, "lr": 2 / (smallest + greatest), "num_steps": 5000}
    path = descend(surface, surface.start, **how)
    excess = surface.f(path.T) - surface.f(surface.minimum)
    steps = int(np.argmax(excess < excess[0] / 100))
    drawn = path[: steps + 1 : 101 if steps > 200 else 1]
    plot_paths(surface, {"gradient descent": drawn}, ax=ax, legend=False)
    ax.set(xlabel="weight of the ink", ylabel="weight of the middle")
    means, stds = abs(features.mean(axis=0)).round(2), features.std(axis=0).round(2)
    condition = greatest / smallest
    shown = f"{condition:,.0f}" if condition > 100 else f"{condition:.2f}"
    print(f"{name}: means {means}, stds {stds}, condition number {shown}, ", end="")
    print(f"α = {how['lr']:.3f}, steps: {steps:,}")
axes[0].get_lines()[0].set_marker("none")
print(f"your guess: {my_guess_surface}")

# %% [markdown]
# *In the picture:* on the left gradient descent bounces between the walls all the way to the
# minimum, and only every 101st step is drawn; on the right the contours are wide (nearly circles,
# if the axes had one scale), and the first step ends beside the minimum.
#
# The curvatures are the eigenvalues of the mean of $x x^\top$, with $x$ the two features of an
# image. Dividing by the standard deviation makes them alike; subtracting the mean takes away what
# all images share, and that was most of the 20. The 1.21 that is left comes from the correlation of
# the two columns: each is normalized by itself, and the axes are not turned. Lesson 04 gave every
# parameter its own step; here one step suits all. And inside a network the outputs of one layer are
# the data of the next.

# %% [markdown]
# ## The way back
#
# In a network the gradient must come back through your layer. β and γ are easy: all rows share
# them, so their rows add up. With $d_i$ the loss's gradient by the output of row $i$:
#
# $$d\beta = \sum_i d_i, \qquad d\gamma = \sum_i d_i \hat x_i .$$
#
# The input is the hard part: one $x_j$ goes into μ and σ², and through them into *every* row. So
# there are three ways from $x_j$ to $\hat x_i$: straight, through the mean, and through the
# variance,
#
# $$\frac{\partial \hat x_i}{\partial x_j} = \frac{1}{\sqrt{\sigma^2 + \epsilon}}
# \left( [i = j] - \frac1B - \frac{\hat x_i \hat x_j}{B} \right) .$$
#
# ### Exercise: `batchnorm_backward` (26 points)
#
# Sum that over the rows $i$, each with its $\hat d_i = \gamma d_i$:
#
# $$dx = \frac{\hat d - \operatorname{mean}(\hat d) -
# \hat x \, \operatorname{mean}(\hat d\, \hat x)}{\sqrt{\sigma^2 + \epsilon}} ,$$
#
# the means over the batch, one per column. `cache` is what your forward pass kept. Return `dx`,
# `dgamma`, `dbeta`, in this order.


# %% nbgrader={"grade_id": "batchnorm_backward", "solution": true}
def batchnorm_backward(dout, cache):
    """Send the gradient back through batch normalization.

    dout: array of shape (B, D), the loss's gradient with respect to the output.
    cache: BatchNormCache(x_hat, inv_std, gamma) of the forward pass.
    Returns dx, shape (B, D), and dgamma and dbeta, shape (D,).
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "batchnorm_backward__check", "grade": true}
check(batchnorm_backward)

# %% [markdown]
# ## And at test time?
#
# In training an image is normalized together with 99 others that chance put beside it: CS7's common
# pattern again, noise in training, averaged out at test time. But whose mean does an image get that
# comes alone?

# %% [markdown]
# QUESTION batchnorm_test_time

# %% nbgrader={"grade_id": "batchnorm_test_time", "solution": true}

# %% nbgrader={"grade_id": "batchnorm_test_time__check", "grade": true}
check("batchnorm_test_time", batchnorm_test_time)

# %% [markdown]
# So the layer keeps a diary while it trains.
#
# ### Exercise: `batchnorm_running` (14 points)
#
# With every batch the remembered mean and variance move a little toward the batch's own:
#
# $$\text{mean} \leftarrow m \cdot \text{mean} + (1 - m)\, \mu, \qquad
# \text{var} \leftarrow m \cdot \text{var} + (1 - m)\, \sigma^2 ,$$
#
# where $m$ is `momentum`, the share of the old value, and σ² is divided by B as in the forward
# pass. Return the new mean and the new variance.


# %% nbgrader={"grade_id": "batchnorm_running", "solution": true}
def batchnorm_running(mean, var, x, momentum=0.9):
    """Update the mean and the variance that test time will use.

    mean, var: arrays of shape (D,), what was remembered so far.
    x: array of shape (B, D), this batch; momentum: the share of the old values.
    Returns the new mean and the new variance, shape (D,).
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "batchnorm_running__check", "grade": true}
check(batchnorm_running)

# %% [markdown]
# QUESTION running_share

# %% nbgrader={"grade_id": "running_share", "solution": true}

# %% nbgrader={"grade_id": "running_share__check", "grade": true}
check("running_share", running_share)

# %% [markdown]
# ## A network of your layers
#
# This network has your layer before every ReLU. A layer's bias $b$ is gone: what it adds to a
# column, the mean takes away again, so β stands in its place. And at test time, when mean and
# variance are fixed numbers, the layer is a multiplication and an addition: it melts into the
# weights before it, and a plain `MLP` is left.


# %% tags=["experiment"]
class BatchNormMLP:
    """An MLP with batch norm before each ReLU; theta is its (W, β) and then all γ."""

    def __init__(self, layer_sizes):
        self.plain, self.top = MLP(layer_sizes), MLP(layer_sizes[-2:])
        self.widths = layer_sizes[1:-1]
        self.running = [(np.zeros(width), np.ones(width)) for width in self.widths]

    def pack(self, params):
        """Return theta for a list of (W, β), with every γ = 1."""
        return np.concatenate([self.plain.pack(params), np.ones(sum(self.widths))])

    def split(self, theta):
        """Return the list of (W, β) of all layers, and that of the hidden layers' γ."""
        weights, gammas = np.split(theta, [self.plain.num_parameters])
        return self.plain.unpack(weights), np.split(gammas, np.cumsum(self.widths)[:-1])

    def forward(self, theta, x):
        """Return every layer's input, every hidden layer's h @ W, and the caches."""
        params, gammas = self.split(theta)
        inputs, sums, caches = [x], [], []
        for (W, beta), gamma in zip(params[:-1], gammas, strict=True):
            sums.append(inputs[-1] @ W)
            out, cache = batchnorm_forward(sums[-1], gamma, beta)
            caches.append(BatchNormCache(*cache))
            inputs.append(np.maximum(out, 0))
        return inputs, sums, caches

    def loss_and_grad(self, theta, x, labels):
        """Return the loss of a batch and its gradient, and note the batch in the diary."""
        params, _ = self.split(theta)
        inputs, sums, caches = self.forward(theta, x)
        diary = zip(self.running, sums, strict=True)
        self.running = [batchnorm_running(mean, var, z) for (mean, var), z in diary]

        top = self.top.pack(params[-1:])
        loss = self.top.loss(top, inputs[-1], labels)
        delta = (self.top.predict(top, inputs[-1]) - np.eye(params[-1][1].size)[labels]) / len(x)
        grads, dgammas = [(inputs[-1].T @ delta, delta.sum(axis=0))], []
        for layer in reversed(range(len(caches))):
            dout = (delta @ params[layer + 1][0].T) * (inputs[layer + 1] > 0)
            delta, dgamma, dbeta = batchnorm_backward(dout, caches[layer])
            grads.insert(0, (inputs[layer].T @ delta, dbeta))
            dgammas.insert(0, dgamma)
        return loss, np.concatenate([self.plain.pack(grads), *dgammas])

    def melted(self, theta):
        """Return the theta of the plain MLP that this network is at test time."""
        params, gammas = self.split(theta)
        for layer, (mean, var) in enumerate(self.running):
            (W, beta), stretch = params[layer], gammas[layer] / np.sqrt(var + 1e-5)
            params[layer] = W * stretch, beta - mean * stretch
        return self.plain.pack(params)

    def loss(self, theta, x, labels):
        """Return the loss at test time."""
        return self.plain.loss(self.melted(theta), x, labels)

    def accuracy(self, theta, x, labels):
        """Return the share of right answers at test time."""
        return self.plain.accuracy(self.melted(theta), x, labels)


# %% [markdown]
# ### Does the diary matter?
#
# Five networks with two hidden layers learn for ten epochs. Then the 300 test digits come in
# groups, each normalized by its own mean and variance; the last line uses the diary.

# %% tags=["experiment"]
train_part = digits.x_train, digits.labels_train
groups = (1, 2, 10, 100)
known = {size: [] for size in (*groups, "diary")}
for seed in range(5):
    seeded = np.random.default_rng(seed)
    normed = BatchNormMLP([64, 32, 32, 10])
    theta = normed.pack(init_he([64, 32, 32, 10], seeded))
    how = {"lr": 0.5, "batch_size": 100, "epochs": 10, "rng": seeded}
    theta, _ = train(normed, theta, *train_part, rule=gd_step, **how)
    known["diary"].append(100 * normed.accuracy(theta, *test_part))
    top = normed.top.pack(normed.split(theta)[0][-1:])
    for size in groups:
        parts = np.split(digits.x_test, 300 // size)
        guesses = [normed.top.predict(top, normed.forward(theta, part)[0][-1]) for part in parts]
        right = np.concatenate(guesses).argmax(axis=1) == digits.labels_test
        known[size].append(100 * right.mean())
for size, shares in known.items():
    label = "with the diary" if size == "diary" else f"in groups of {size}"
    print(f"{label:<17}{np.mean(shares):5.1f} % known ({min(shares):.0f} to {max(shares):.0f})")

# %% [markdown]
# One at a time, all digits get the same answer. The larger the group the better, but what an image
# is taken for still depends on its company. With the diary it depends on the image.

# %% [markdown]
# ### Predict, then run: deep and fast
#
# Now ten hidden layers of 32 units, He's weights, ten epochs, and all gradients clipped at a norm
# of 5, so that no run ends in NaN. At α = 0.5 the plain network knows 15 % of the test digits,
# hardly more than guessing. **How many with your layers in it?**

# %% tags=["experiment"]
my_guess_deep = None  # per cent

# %% tags=["experiment"]
kinds = {"without batch norm": MLP, "with batch norm": BatchNormMLP}
safe_step = partial(clipped_step, clip=partial(clip_by_norm, max_norm=5))


@cache
def measure(kind, depth, lr, epochs=10, seeds=5):
    """Train with several seeds; return the test accuracies in per cent."""
    accuracies = []
    for seed in range(seeds):
        seeded, sizes = np.random.default_rng(seed), [64, *[32] * depth, 10]
        network = kinds[kind](sizes)
        how = {"lr": lr, "batch_size": 100, "epochs": epochs, "rng": seeded, "progress": False}
        theta = network.pack(init_he(sizes, seeded))
        theta, _ = train(network, theta, *train_part, rule=safe_step, **how)
        accuracies.append(100 * network.accuracy(theta, *test_part))
    return np.array(accuracies)


rates = [0.02, 0.1, 0.5, 2]
fig, axes = panels(2)
for ax, depth in zip(axes, (2, 10), strict=True):
    table = {kind: np.array([measure(kind, depth, lr) for lr in rates]) for kind in kinds}
    curves = {kind: (rates, accuracies.mean(axis=1)) for kind, accuracies in table.items()}
    names = {"xlabel": "learning rate α", "ylabel": "accuracy on the test part, %"}
    plot_curves(curves, **names, ax=ax, every=1, title=f"{depth} hidden layers", legend=False)
    for line, accuracies in zip(ax.get_lines(), table.values(), strict=True):
        worst, best = accuracies.min(axis=1), accuracies.max(axis=1)
        ax.vlines(rates, worst, best, color=line.get_color(), linewidth=1)
    ax.set_xscale("log")
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates], minor=False)
    ax.set_ylim(0, 100)
axes[0].legend(loc="lower left")

for kind in kinds:
    row = ", ".join(f"α = {lr}: {measure(kind, 10, lr).mean():.0f} %" for lr in rates)
    print(f"10 layers {kind}: {row}")
print(f"your guess: {my_guess_deep}")

# %% [markdown]
# *In the picture* (lines are means of five seeds, bars reach from the worst to the best): with two
# layers both learn, and only at α = 2 the plain network breaks down; with ten the plain one has a
# peak of 72 % and falls to guessing, while the other stays above 90 % from 0.1 to 2.
#
# Is the deep plain network hopeless, then? Give it six times as long (three seeds).

# %% tags=["experiment"]
for lr in (0.1, 0.5):
    patient = measure("without batch norm", 10, lr, epochs=60, seeds=3)
    print(f"plain, 60 epochs, α = {lr}: {patient.mean():.0f} % ", end="")
    print(f"({patient.min():.0f} to {patient.max():.0f})")

# %% [markdown]
# With patience it gets there at α = 0.1; at 0.5 patience doesn't help. Deep *and* fast needs batch
# norm.
#
# ### Why does it bear large rates?
#
# Multiply the first layer's weights by ten. What happens to the loss, and to their gradient?

# %% tags=["experiment"]
sizes = [64, 32, 32, 10]
for kind in kinds:
    network, params = kinds[kind](sizes), init_he(sizes, np.random.default_rng(0))
    for factor in (1, 10, 100):
        (W, b), *others = params
        theta = network.pack([(factor * W, b), *others])
        loss, grad = network.loss_and_grad(theta, digits.x_train[:100], digits.labels_train[:100])
        print(f"{kind:<19} weights × {factor:<4} loss {loss:7.3f}   ", end="")
        print(f"norm of their gradient {np.linalg.norm(grad[: W.size]):.4f}")

# %% [markdown]
# With batch norm $L(cW) = L(W)$, and therefore $\nabla L(cW) = \nabla L(W)/c$. A step that was too
# large makes the weights large, and large weights get small gradients: the layer brakes itself.
# Without it, the loss runs away.

# %% [markdown]
# ### Where it ends
#
# On the way back nobody normalizes. How many times as large is the gradient of the second layer's
# weights as that of the last hidden layer's, before any training?

# %% tags=["experiment"]
for kind in kinds:
    for depth in (10, 20, 40):
        ratios = []
        for seed in range(5):
            sizes = [64, *[32] * depth, 10]
            network = kinds[kind](sizes)
            theta = network.pack(init_he(sizes, np.random.default_rng(seed)))
            _, grad = network.loss_and_grad(theta, digits.x_train[:100], digits.labels_train[:100])
            weights = MLP(sizes).unpack(grad[: MLP(sizes).num_parameters])
            ratios.append(np.linalg.norm(weights[1][0]) / np.linalg.norm(weights[-2][0]))
        middle = np.exp(np.mean(np.log(ratios)))  # the geometric mean
        print(f"{kind:<19}{depth} layers: {middle:6,.4g} times, ", end="")
        print(f"{middle ** (1 / (depth - 2)):.2f} for each layer")

# %% [markdown]
# With batch norm the gradient grows 1.2 times a layer on its way down; He's weights alone nearly
# hold it. (For wide layers theory says $\sqrt{\pi/(\pi - 1)} = 1.21$; see Yang et al. 2019, *A Mean
# Field Theory of Batch Normalization*.) Ten layers bear that. In forty, one learning rate has to
# serve two ends that are a factor of 1,782 apart. What helps there is named next.

# %% [markdown]
# ## What SL2 only names
#
# SL2 ends with four *advanced structures*, headings without text:
#
# - A **residual network** (ResNet) adds each block's input to its output, so that numbers and
#   gradients have a straight way through a hundred layers (He et al. 2015, *Deep Residual Learning
#   for Image Recognition*).
# - A **densely connected network** (DenseNet) hands each layer the outputs of all layers before it
#   (Huang et al. 2016, *Densely Connected Convolutional Networks*).
# - A **deconvolution**, better called transposed convolution, makes a larger image of a smaller one
#   (Dumoulin and Visin 2016, *A guide to convolution arithmetic for deep learning*).
# - A **fully convolutional network** (FCN) has no dense layer, takes images of any size and names a
#   class for each pixel (Long et al. 2015, *Fully Convolutional Networks for Semantic
#   Segmentation*).
#
# ### Google Colab
#
# SL2's last heading announces a Colab tutorial. Lesson 00 has one, for a zip file. If the course has
# a repository on the net, you need no zip: upload the lesson's notebook, and run this in a new cell
# above the first one, with the repository's address for `ADDRESS`:
#
# ```
# !git clone ADDRESS course
# %pip install --no-deps ./course
# ```
#
# `--no-deps`, because Colab has NumPy, SciPy, matplotlib and tqdm already, and a notebook interface
# of its own that must not be replaced. *File*, *Save a copy in Drive* keeps your work.

# %% [markdown]
# ## In your own words
#
# A friend trains a network of ten layers. At a good rate its loss turns to NaN about once a day; at
# ten times that rate it learns nothing at all. *What will clipping do for her, and which kind would
# you take? What will batch normalization do that clipping can't? What must she change at test time,
# and why?* (6 points, read by a person.)

# %% [markdown] nbgrader={"grade_id":"stability__why", "grade": true, "solution": true, "points": 6}
# ### BEGIN SOLUTION
# **Two points each.** *Clipping* is for the rare accident: the one step that would have thrown θ
# out is shortened (or left out, if the norm is inf), the ordinary steps stay as they are. By norm,
# as that keeps the direction, with a limit above the ordinary norms; by value copes with infinite
# entries. It doesn't cure a rate that is too large at every step.
#
# *Batch normalization* gives each layer's outputs the same mean and variance at every step: the
# signal neither explodes nor dies, the surface is less narrow, and weights that grow get smaller
# gradients, so larger rates train. Clipping sees only what comes out at the end.
#
# *At test time* the running averages from training take the place of the batch's mean and variance.
# Otherwise an image is judged by the company it comes in, and a single one, being its own mean,
# always gets the same answer.
# ### END SOLUTION

# %% [markdown]
# ## In the wild
#
# - **PyTorch** clips with `torch.nn.utils.clip_grad_norm_(parameters, max_norm)`, between
#   `loss.backward()` and `optimizer.step()`: one norm over all parameters, as here, and 10⁻⁶ added
#   to it before dividing. It returns the norm from *before*; write that down, as in our first
#   picture. `clip_grad_value_` is your `clip_by_value`.
# - `torch.nn.BatchNorm1d(num_features, eps=1e-5, momentum=0.1)` calls momentum the share of the
#   *new* batch: 0.1 there is 0.9 here. It normalizes with the variance divided by B and keeps the
#   one divided by B − 1. γ is called `weight`, β `bias`. `model.eval()` switches to the diary,
#   `model.train()` back; to forget the first is a classic mistake.
# - **Keras** means by momentum what you do (0.99 by default). Its optimizers take `clipvalue`,
#   `clipnorm` (each weight array by itself) and `global_clipnorm` (yours).
# - With tiny batches or texts of different lengths people take **layer norm**: each row by its own
#   mean and variance, at test time too.
# - CS7 says that with batch norm dropout *isn't used*. Lesson 06 looks at when that holds.

# %% [markdown]
# ## How large may a number be?
#
# As large as what comes after it expects. The step expects a gradient of ordinary length: look what
# is ordinary, and clip what is far above. A layer expects the scale that it has learned with: batch
# norm sets it anew at every step, so that its own input may be of any size. Clipping is for the
# accident, batch norm for every day, and it widens narrow valleys besides.
#
# But feature by feature: it can't turn the axes. Who knows the whole curvature can. That is lesson
# 08.

# %% [markdown]
# ### The documents
#
# - **SL2**: *Deep Learning 学习笔记 03 – Supervised Learning (2)* (Chinese)
# - **ALR**: *Adaptive Learning Rate (training tips)* (Chinese)
# - **CS7**: *Stanford CS231n 7강. Training Neural Networks 2* (Korean)
