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
# # Downhill in the fog
#
# Gradient descent: the step that every later lesson changes. 60 to 90 minutes.
#
# You need Python with NumPy, derivatives, and a memory of what an eigenvalue is. Three documents
# speak, each in its own notation: **SL2**, **ONN** (its part 6-2) and **CS7**; full titles at the end.

# %% [markdown]
# ## How this course works
#
# Run the cells from top to bottom, and fill in each one that says `raise NotImplementedError` or
# `= None`. A `check(...)` below it tells you at once whether you are right, and if not, which
# mistake it looks like; run it as often as you like. If you are stuck, ask for `hint("gd_step")`,
# with your exercise's name, and after an attempt run `from descentlab import solution` and
# `solution("gd_step")`. In the same way `progress()` shows how far you are in all ten lessons, and
# `lint()`, before you hand in, what is still open.

# %%
from functools import partial

import numpy as np

from descentlab import (
    MLP,
    check,
    descend,
    hint,
    load_digits,
    panels,
    plateau,
    plot_curves,
    plot_paths,
    saddle,
    valley,
)
from descentlab.widgets import valley_explorer

rng = np.random.default_rng(0)

# %% [markdown]
# This is what a hint looks like. It belongs to the first exercise.

# %% tags=["experiment"]
hint("gd_step")

# %% [markdown]
# ### In Colab
#
# SL2 ends with a heading, *Google Colab tutorial*, and under it only 咕, a coo: not today. Here is
# ours. Open this notebook in Colab, upload the course as a zip file in the *Files* panel, and run
# `%pip install --no-deps descent-lab.zip` (your file's name) in a new cell at the top: Colab has
# NumPy and a notebook interface of its own, which must stay. A new session needs both again. To hand
# in, delete that cell and download the notebook.

# %% [markdown]
# ## How long may a step be?
#
# You stand on a hillside in thick fog and want to get to the bottom. All you can feel is the slope
# under your feet. So you take a step downhill, feel again, take another. That is gradient descent.
# The hillside is a network's **loss**: a number that says how badly the network does, for every
# setting θ of its **parameters**, the numbers that it can change. **Training** is the search for
# the θ with the smallest loss on the examples at hand; SL2 calls it θ*.
#
# Two walkers start at the same place in a valley, with the same rule; only the second one's first
# step is 1 % longer. One gets to the bottom. The other gets higher with every step. *How long may
# a step be? And how many will you need?* By the end you can answer both from two numbers, before
# anybody has moved.

# %% [markdown]
# ## The step
#
# Along one parameter the slope is a derivative. Put the derivatives along all parameters into one
# array, in the shape of θ: that is the **gradient**, ∇f. It points to where the function f grows
# fastest, so you go the other way. And the step's length? SL2: where it is steep move far, where
# it is flat move little. The step is the gradient times a number, the **learning rate**:
#
# $$\theta_{k+1} = \theta_k - \eta\, \nabla f(\theta_k) .$$
#
# | | learning rate | the function | the walk |
# |---|---|---|---|
# | **SL2** | η | Loss, later f | θ⁰, θ¹, θ²: a number of the step, not a power |
# | **ONN** | η | C, in its gradient z | θ₁, θ₂, θ₃: begins at 1 |
# | **CS7** | `learning_rate` | known by its gradient, `dx` | `x -= learning_rate * dx` |
#
# A fourth document, **KK**, writes α for η and L for the loss, and so does the card of the first
# check. Mind that L: in SL2, and here from now on, L is a curvature.

# %% [markdown]
# ### Exercise: `gd_step` (14 points)
#
# Write the step: θ ← θ − α∇L. `theta` and `grad`, the gradient there, are arrays of one shape.
# Return a new array and leave both as they were.


# %% nbgrader={"grade_id": "gd_step", "solution": true}
def gd_step(theta, grad, *, lr):
    """Take one step of plain gradient descent.

    theta, grad: arrays of one shape; lr is the learning rate.
    Returns the new theta.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "gd_step__check", "grade": true}
check(gd_step)

# %% [markdown]
# ### Predict, then run
#
# The two walkers' valley is $f = \tfrac12 (x^2 + 100\,y^2)$, 100 times as steep across as along.
# They start at a height of 40, one with η = 0.0199, one with η = 0.0201. After 300 steps the first
# is at a height of 0.08. **At what height is the second?** Commit yourself before you go on.

# %% tags=["experiment"]
my_guess_height = None  # height of the second walker after 300 steps

# %% tags=["experiment"]
narrow = valley(ratio=100)
walk = partial(descend, narrow, narrow.start, rule=gd_step, num_steps=300)
paths = {f"gradient descent, η = {lr}": walk(lr=lr) for lr in (0.0199, 0.0201)}

fig, axes = panels(2)
begun = {label: path[:11] for label, path in paths.items()}
plot_paths(narrow, begun, ax=axes[0], view=((-4.2, -2.8), (-1.2, 1.2)), legend=False)
heights = {label: narrow.f(path.T) for label, path in paths.items()}
plot_curves(heights, xlabel="step", ylabel="height", ax=axes[1], logy=True, legend=False)
axes[1].legend(loc="center right")

for label, height in heights.items():
    print(f"{label}: {height[10]:.3g} after 10 steps, {height[-1]:.5g} after {len(height) - 1}")
print(f"your guess: {my_guess_height}")

# %% [markdown]
# *In the picture:* on the left the first ten steps, in which the two jump from wall to wall and
# hardly differ; on the right their heights, one falling to 0.08, the other rising to 12,531.
#
# Between 0.0199 and 0.0201 is a border. To find it you need to know how slopes change.

# %% [markdown]
# ### See it move
#
# Your own rule, in your hand: drag η across the border between the two walkers, click into the valley
# to start elsewhere, put another surface under it.

# %% tags=["experiment"]
valley_explorer({"gradient descent": gd_step}, lr=0.005)

# %% [markdown]
# *In the picture:* as it stands here, with η = 0.005, the path drops to the floor of the valley and
# creeps along it; height and gradient norm fall along nearly level lines. (In JupyterLab it comes with
# sliders; on paper the picture stands still.)

# %% [markdown]
# ## Feel the slope
#
# For the valley you can work out the gradient on paper. Anywhere else you can measure it, as you
# would in the fog: one foot a little ahead, the other a little behind, one parameter at a time.

# %% [markdown]
# ### Exercise: `numerical_gradient` (26 points)
#
# $$\frac{\partial f}{\partial \theta_i} \approx \frac{f(\theta + h\,e_i) - f(\theta - h\,e_i)}{2h}$$
#
# $e_i$ is an array in the shape of θ with a 1 at entry $i$ and 0 elsewhere. `theta` may have any
# number of axes; `f(theta)` returns one number. Compute in float64, and leave `theta` as it was.


# %% nbgrader={"grade_id": "numerical_gradient", "solution": true}
def numerical_gradient(f, theta, h=1e-5):
    """Measure the gradient of f at theta by central differences.

    f: a function, theta -> number; theta: an array of any shape.
    h is how far to go to each side.
    Returns the gradient, float64, of the shape of theta.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "numerical_gradient__check", "grade": true}
check(numerical_gradient)

# %% [markdown]
# Why both feet, and why h = 10⁻⁵? Measure the slope of sin at 1, where it is cos 1.

# %% tags=["experiment"]
widths = 10.0 ** -np.arange(1, 13)
one_sided = [abs((np.sin(1 + h) - np.sin(1)) / h - np.cos(1)) for h in widths]
slopes = [numerical_gradient(lambda p: np.sin(p[0]), np.ones(1), h)[0] for h in widths]
central = np.abs(np.array(slopes) - np.cos(1))

curves = {"one foot": (widths, one_sided), "both feet": (widths, central)}
names = {"xlabel": "h", "ylabel": "error of the slope"}
plot_curves(curves, **names, logx=True, logy=True)

for label, errors in [("one foot", one_sided), ("both feet", central)]:
    power = np.polyfit(np.log(widths[:4]), np.log(errors[:4]), 1)[0]
    best = widths[np.argmin(errors)]
    print(f"{label}: error falls as h to the power {power:.2f}, best h = {best:.0e}")

# %% [markdown]
# *In the picture:* read from right to left, both errors fall along straight lines, that of both
# feet twice as steeply, and both rise again where h becomes too small.
#
# With one foot the error shrinks like h, with both like h². When h gets tiny, the two heights agree
# in nearly all their digits, and rounding wins. For two feet 10⁻⁵ is best here.
#
# Now a place that nobody works out on paper: a network with one layer that reads digits. From
# 8 × 8 pixels it computes 10 scores, with 64 · 10 weights and 10 offsets: 650 parameters. Its loss
# (cross-entropy, in a unit called *nats*, both of lesson 02) is small where the right digit is
# judged probable. `loss_and_grad` has a formula for the gradient. Is it right?

# %% tags=["experiment"]
digits = load_digits()
net = MLP([64, 10])
few = digits.x_train[:100], digits.labels_train[:100]
theta = 0.1 * rng.normal(size=650)
_, by_formula = net.loss_and_grad(theta, *few)
measured = numerical_gradient(lambda p: net.loss(p, *few), theta)
print(f"largest entry {np.abs(by_formula).max():.3f}")
print(f"largest difference {np.abs(measured - by_formula).max():.0e}, {2 * theta.size:,} losses")

# %% [markdown]
# It is. But measuring took 1,300 losses for one gradient; a formula takes the work of a few. So one
# walks by formula, and measures to check it.

# %% [markdown]
# ## A whole walk
#
# A walk is the step, again and again, with the slope felt anew each time.

# %% [markdown]
# ### Exercise: `gradient_descent` (26 points)
#
# $$\theta_{k+1} = \theta_k - \eta\, \nabla f(\theta_k), \qquad k = 0, \dots, \text{num\_steps} - 1 .$$
#
# `grad_fn(theta)` is the gradient at `theta`. Return the whole path as one array: row 0 is the
# start, row $k$ the point after $k$ steps.


# %% nbgrader={"grade_id": "gradient_descent", "solution": true}
def gradient_descent(grad_fn, theta, *, lr, num_steps):
    """Walk downhill from theta, and return every point on the way.

    grad_fn: a function, theta -> gradient of theta's shape.
    theta: an array of any shape, the start; lr is the learning rate η.
    Returns the path, of shape (num_steps + 1, *theta.shape).
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "gradient_descent__check", "grade": true}
check(gradient_descent)

# %% [markdown]
# ### Diagnosis: three runs
#
# With too large a learning rate, says ONN, you may not find the minimum; with too small a one it
# takes long. Its *Lab 02* has you try. Here are three runs on the bowl $f = \tfrac12 L\theta^2$, of
# one parameter. Its slope is $L\theta$, and its **curvature**, the slope's change per unit of way,
# is everywhere $L$.

# %% tags=["experiment"]
steps = np.arange(9)
runs = {"run 1": 0.98**steps, "run 2": 0.3**steps, "run 3": (-1.1) ** steps}
fig, axes = panels(2)
plot_curves(runs, xlabel="step", ylabel="θ", ax=axes[0], every=1, legend=False)
losses = {label: path**2 / 2 for label, path in runs.items()}
names = {"xlabel": "step", "ylabel": "height / L"}
plot_curves(losses, **names, ax=axes[1], logy=True, every=1)
for label, path in runs.items():
    print(f"{label}: after 8 steps θ = {path[-1]:.5f}")

# %% [markdown]
# *In the picture:* run 1 barely moves, run 2 is near 0 within three steps, run 3 jumps from side
# to side, further each time; the three heights are straight lines on a logarithmic axis, nearly
# level, steeply down, and up.

# %% [markdown]
# QUESTION three_rates

# %% nbgrader={"grade_id": "three_rates", "solution": true}

# %% nbgrader={"grade_id": "three_rates__check", "grade": true}
check("three_rates", three_rates)

# %% [markdown]
# The heights were straight lines, because on a bowl a step only multiplies:
#
# $$\theta - \eta L \theta = (1 - \eta L)\,\theta .$$

# %% [markdown]
# QUESTION alternating_signs

# %% nbgrader={"grade_id": "alternating_signs", "solution": true}

# %% nbgrader={"grade_id": "alternating_signs__check", "grade": true}
check("alternating_signs", alternating_signs)

# %% [markdown]
# ## The longest step
#
# Below ηL = 1 you approach from one side, between 1 and 2 you jump over the bottom and still come
# to rest, above 2 you fly off. So η must stay below 2/L. With many parameters the curvature
# depends on the direction. All of it stands in the **Hessian** ∇²f, the matrix of the second
# derivatives: row $i$ says how the gradient changes along parameter $i$.
#
# Its eigenvectors are the directions in which a bowl is a bowl with one parameter; the
# eigenvalues are the curvatures there. Along an eigenvector with eigenvalue λ, a step multiplies
# by 1 − ηλ. In the valley they are 1 and 100.

# %% [markdown]
# ### Exercise: `largest_stable_lr` (18 points)
#
# SL2 demands $0 < \eta < \frac{2}{L}$, with $L$ the largest eigenvalue of the Hessian. Return that
# bound. `hessian` is symmetric, with no negative eigenvalue and at least one that isn't 0.


# %% nbgrader={"grade_id": "largest_stable_lr", "solution": true}
def largest_stable_lr(hessian):
    """Find the learning rate below which gradient descent on a bowl comes to rest.

    hessian: an array of shape (N, N), symmetric, its eigenvalues from 0 up, not all 0.
    Returns the bound as a float.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "largest_stable_lr__check", "grade": true}
check(largest_stable_lr)

# %% [markdown]
# Put it to the test: the valley, then five random bowls with six parameters, turned any way.

# %% tags=["experiment"]
print(f"valley: bound {largest_stable_lr(narrow.hessian(narrow.start)):.4f}")
for _ in range(5):
    turned, _ = np.linalg.qr(rng.normal(size=(6, 6)))
    hessian = turned * rng.uniform(0.2, 4, size=6) @ turned.T
    bound = largest_stable_lr(hessian)
    walk = partial(gradient_descent, partial(np.matmul, hessian), np.ones(6), num_steps=500)
    below, above = (np.linalg.norm(walk(lr=share * bound)[-1]) for share in (0.99, 1.01))
    print(f"bound {bound:.3f}: distance 2.45 becomes {below:.0e} below it, {above:.0e} above it")

# %% [markdown]
# So this is the border: 2/100 = 0.02. The steepest direction alone decides it.

# %% [markdown]
# ### Spot the error: smooth
#
# Most functions aren't bowls; their curvature changes from place to place. SL2 asks only that it
# is nowhere above some $L$, and calls such a function **L-smooth**.

# %% [markdown]
# QUESTION smooth_gradient

# %% nbgrader={"grade_id": "smooth_gradient", "solution": true}

# %% nbgrader={"grade_id": "smooth_gradient__check", "grade": true}
check("smooth_gradient", smooth_gradient)

# %% [markdown]
# SL2's other form, ∇²f ≲ L·I with I the identity matrix, says that no eigenvalue is above $L$; it
# is the same wherever none is below −L either. Not every loss obeys: |x| has a corner at 0, where
# its slope jumps from −1 to 1, and so has the ReLU of lesson 01. There is no $L$ for a jump.

# %% [markdown]
# ### Predict, then run: Lab 02 on real digits
#
# The one-layer network again, all parameters 0 at the start (in *one* layer that does no harm;
# lesson 01 says why). Its Hessian has 650 rows; measure it with both feet, on the gradient.


# %% tags=["experiment"]
def digits_hessian(theta, x, labels, h=1e-4):
    """Measure how the network's gradient changes along each parameter."""
    rows = []
    for move in h * np.eye(theta.size):
        ahead, behind = (net.loss_and_grad(theta + m, x, labels)[1] for m in (move, -move))
        rows.append((ahead - behind) / (2 * h))
    return np.array(rows)


hessian = digits_hessian(np.zeros(650), digits.x_train, digits.labels_train)
print(f"2/L at the start: {largest_stable_lr(hessian):.2f}")

# %% [markdown]
# Now nine learning rates, 200 steps each, on five random halves of the training images. **What share
# of the test digits, 300 images that no training sees, does the network know in the end with
# η = 30, far above that bound?** (Guessing gives 10 %.)

# %% tags=["experiment"]
my_guess_digits = None  # per cent

# %% tags=["experiment"]
rates = [0.001, 0.01, 0.1, 1, 1.7, 3, 10, 30, 100]


def walk_on_digits(lr, seed):
    """Walk 200 steps on a random half of the training images; return losses and accuracy."""
    half = np.random.default_rng(seed).permutation(1197)[:598]
    data = digits.x_train[half], digits.labels_train[half]
    path = gradient_descent(
        lambda p: net.loss_and_grad(p, *data)[1], np.zeros(650), lr=lr, num_steps=200
    )
    losses = np.array([net.loss(point, *data) for point in path])
    return losses, 100 * net.accuracy(path[-1], digits.x_test, digits.labels_test)


runs = {lr: [walk_on_digits(lr, seed) for seed in range(5)] for lr in rates}
table = np.array([[accuracy for _, accuracy in runs[lr]] for lr in rates])
fig, axes = panels(2)
curves = {f"gradient descent, η = {lr}": runs[lr][0][0] for lr in (0.1, 1.7, 30)}
plot_curves(curves, xlabel="step", ylabel="training loss, nats", ax=axes[0], logy=True)
spread = {"gradient descent": (table.min(axis=1), table.max(axis=1))}
names = {"xlabel": "learning rate η", "ylabel": "accuracy on the test part, %"}
curves = {"gradient descent": (rates, table.mean(axis=1))}
plot_curves(curves, **names, ax=axes[1], logx=True, every=1, spread=spread, legend=False)

for lr, row in zip(rates, table, strict=True):
    rises = [int((np.diff(losses) > 0).sum()) for losses, _ in runs[lr]]
    peak = max(losses.max() for losses, _ in runs[lr])
    print(f"η = {lr:<5} {row.min():3.0f} to {row.max():.0f} %, peak {peak:5.1f}, rises {rises}")
print(f"your guess for η = 30: {my_guess_digits}")

# %% [markdown]
# *In the picture:* on the left (one of the halves) the loss falls slowly with 0.1, faster with 1.7;
# with 30 it shoots up to dozens of nats and then falls below the others. On the right (a line is the
# mean of the five halves, a bar reaches from the worst to the best) accuracy climbs up to η = 1, is
# level, and sinks by a point or two at the end.
#
# Too small takes long: with 0.001 the halves know between 49 and 74 %. And the bound is where it
# should be: up to 1.7 the loss never rises, from 3 on it does in all five. But with 30 the network
# still knows 93 to 95 %. On a bowl an overshoot is multiplied for ever. This loss is a bowl only
# from near; further out it is a slanted plane, without curvature, and the walk comes back.
# **2/L is where going down at every step ends.** SL2's promise needs an L that holds everywhere;
# measured at one place, it is a good first guess.

# %% [markdown]
# ## How many steps?
#
# On a bowl any η below 2/L arrives. When? For that you need to know how *flat* it gets.
#
# ### Spot the error: halfway
#
# A function is **convex** if its curvature is nowhere negative, in any direction. Then a place where
# the slope is 0 is the lowest there is. SL2 writes it without second derivatives.

# %% [markdown]
# QUESTION convex_midpoint

# %% nbgrader={"grade_id": "convex_midpoint", "solution": true}

# %% nbgrader={"grade_id": "convex_midpoint__check", "grade": true}
check("convex_midpoint", convex_midpoint)

# %% [markdown]
# If no eigenvalue of ∇²f is anywhere below some μ > 0, f is **μ-strongly convex**: nowhere flatter
# than a bowl of curvature μ. The ratio κ = L/μ is the **condition number**.

# %% [markdown]
# ### Zigzag
#
# What if the loss changes fast in one direction and slowly in another? asks CS7, and answers: slow
# along the flat one, a jitter across, and often so where there are many parameters. The steep
# direction forbids the long step that the flat one needs. Count the steps until a thousandth of the
# distance is left, in narrower and narrower valleys.

# %% tags=["experiment"]
kappas = np.array([3, 10, 30, 100, 300, 1000])


def steps_to_arrive(ratio, lr):
    """Return the steps until a thousandth of the first distance is left in the valley."""
    place = valley(ratio)
    path = gradient_descent(place.grad, place.start, lr=lr, num_steps=8000)
    distance = np.linalg.norm(path, axis=1)
    arrived = np.flatnonzero(distance < distance[0] / 1000)
    return int(arrived[0]) if arrived.size else 8000


counts = {
    "gradient descent, η = 1/L": [steps_to_arrive(k, 1 / k) for k in kappas],
    "gradient descent, η = 2/(L + μ)": [steps_to_arrive(k, 2 / (k + 1)) for k in kappas],
}
milder = valley(ratio=20)
path = gradient_descent(milder.grad, milder.start, lr=1.85 / 20, num_steps=40)
fig, axes = panels(2)
plot_paths(milder, {"gradient descent": path}, ax=axes[0], title="κ = 20, η = 1.85/L")
curves = {label: (kappas, found) for label, found in counts.items()}
names = {"xlabel": "condition number κ", "ylabel": "steps"}
plot_curves(curves, **names, ax=axes[1], logx=True, logy=True, every=1)

for label, found in counts.items():
    power = np.polyfit(np.log(kappas[2:]), np.log(found[2:]), 1)[0]
    print(f"{label}: {found}, as κ to the power {power:.2f}")

# %% [markdown]
# *In the picture:* on the left a path zigzags between the walls of a milder valley towards the
# minimum; on the right the steps grow with κ along two parallel straight lines, from 10 and 17 steps
# to 3,454 and 6,885.
#
# Ten times κ, ten times the steps. On a bowl no fixed η does better than 2/(L + μ), at which the
# steepest and the flattest direction shrink alike, by (κ − 1)/(κ + 1) a step: about 3.5 κ steps for a
# thousandth. η = 1/L, which never overshoots, takes twice as many. Memory (lesson 03), a rate for
# each parameter (04) and curvature itself (SL2's Newton, lesson 08) do better.

# %% [markdown]
# ### Ten times as exact, how much longer?
#
# How far is enough? Say: until the slope is at most ε, ‖∇f‖ ≤ ε. SL2 states two results for
# 0 < η < 2/L. If f is convex and smooth, it takes $O(\frac1\epsilon)$ steps: at most 1/ε times a
# constant, which depends on f and the start. If f is strongly convex, $O(\log\frac1\epsilon)$. A
# tenth of ε is up to ten times the work in the one case, a fixed number of steps more in the other.
#
# Watch it on |x|ᵖ between −1 and 1: for p above 2 the curvature vanishes at the bottom, so there is
# no μ. Beside it a bowl; and then |x|⁴ with **weight decay**, which adds $\frac{\mu}{2}x^2$ to the
# loss, here with μ = 0.1.

# %% tags=["experiment"]
limits = 10.0 ** -np.arange(6)


def steps_to_flat(power, decay=0.0, share=1.0):
    """Return the steps until the slope of |x|^power + decay/2 x² is at most each limit."""
    lr = share / (power * (power - 1) + decay)  # of 1/L: steepest is the start, x = 1
    x, step, found = 1.0, 0, []
    for limit in limits:
        while (grad := power * x ** (power - 1) + decay * x) > limit:
            x -= lr * grad
            step += 1
        found.append(step)
    return found


found = {f"|x|^{power}": steps_to_flat(power) for power in (20, 10, 4)}
found["bowl, η = 0.05/L"] = steps_to_flat(2, share=0.05)
decayed = {"|x|^4": found["|x|^4"], "|x|^4 with weight decay": steps_to_flat(4, decay=0.1)}
fig, axes = panels(2)
for ax, counts, logy in [(axes[0], found, True), (axes[1], decayed, False)]:
    curves = {label: (1 / limits, count) for label, count in counts.items()}
    names = {"xlabel": "1/ε", "ylabel": "steps"}
    plot_curves(curves, **names, ax=ax, logx=True, logy=logy, every=1)

for label, count in found.items():
    power = np.polyfit(np.log(1 / limits[-3:]), np.log(count[-3:]), 1)[0]
    print(f"{label}: {count}, as 1/ε to the power {power:.2f}")
print(f"|x|^4 with weight decay: {decayed['|x|^4 with weight decay']}")

# %% [markdown]
# *In the picture:* on the left, both axes logarithmic, |x|²⁰, |x|¹⁰ and |x|⁴ end as straight
# lines, less and less steep in this order, while the bowl bends flat; on the right, with linear
# steps, |x|⁴ shoots up where weight decay turns its curve into a line.
#
# The powers are (p − 2)/(p − 1): 0.67, 0.89, 0.95, nearer and nearer to 1 and never above.
# $O(\frac1\epsilon)$ is a bound, and many functions don't reach it. The bowl pays 45 steps for each
# tenth of ε. Weight decay brings |x|⁴ from 8,135 steps down to 883, with 277 for each tenth: SL2 is
# right that it makes convex functions strongly convex. The price is hidden here: in general it also
# moves the minimum (lesson 06).
#
# None of this holds for deep networks, SL2 adds: their loss is neither convex nor smooth, or its L
# is enormous.

# %% [markdown]
# ## Where a walk gets stuck
#
# The loss of a network with several layers isn't convex. Then the slope can be nearly 0 in places
# that aren't the goal: in a **local minimum**, lowest only in its neighbourhood; at a **saddle
# point**, such as that of f = x² − y², lowest along x and highest along y; on a **plateau**. CS7
# fears the first two, ONN the third: where it is too even, the walk gets stuck.


# %% tags=["experiment"]
def wells(x):
    """Return the height of a landscape with two wells."""
    return x**4 / 4 - x**2 / 2 + 0.15 * x


def wells_slope(x):
    """Return the slope of the two wells."""
    return x**3 - x + 0.15


ridge, shelf = saddle(), plateau()
places = {
    "local minimum": (wells_slope, np.array([1.8])),
    "saddle": (ridge.grad, np.array([-1.6, 1e-6])),
    "plateau": (shelf.grad, np.array([-1.9, 0.5])),
}
walks = {
    label: gradient_descent(slope, start, lr=0.05, num_steps=150)
    for label, (slope, start) in places.items()
}
norms = {
    label: np.array([np.linalg.norm(places[label][0](point)) for point in path])
    for label, path in walks.items()
}
fig, axes = panels(2)
x = np.linspace(-1.9, 1.9, 200)
line = {"two wells": {"color": "#666666"}}
names = {"xlabel": "x", "ylabel": "height", "title": "Two wells: ring start, cross end"}
plot_curves({"two wells": (x, wells(x))}, **names, ax=axes[0], legend=False, styles=line)
for marker, row in (("o", 0), ("x", -1)):
    point = walks["local minimum"][row]
    axes[0].plot(point, wells(point), marker, mfc="none", color="#222222", markersize=11)
plot_curves(norms, xlabel="step", ylabel="gradient's norm", ax=axes[1], logy=True)

for label, norm in norms.items():
    print(f"{label}: norm {norm[75]:.4f} at step 75, {norm[-1]:.4f} at the end")

# %% [markdown]
# *In the picture:* on the left the walk starts on the right slope and ends in the right well, while
# the left one is deeper; on the right, on a logarithmic axis, the gradient's norm falls all the
# way in the local minimum, falls and rises again at the saddle, and stays at 0.001 on the plateau.

# %% [markdown]
# ### Spot the error: which is which?
#
# At step 75 all three have hardly any slope. Something else must tell them apart.

# %% [markdown]
# QUESTION kind_of_point

# %% nbgrader={"grade_id": "kind_of_point", "solution": true}

# %% nbgrader={"grade_id": "kind_of_point__check", "grade": true}
check("kind_of_point", kind_of_point)

# %% tags=["experiment"]
bends = numerical_gradient(lambda p: wells_slope(p[0]), walks["local minimum"][75])
print("local minimum:", np.round(bends, 4))
for label, surface in (("saddle", ridge), ("plateau", shelf)):
    eigenvalues = np.linalg.eigvalsh(surface.hessian(walks[label][75]))
    print(f"{label}:", np.round(eigenvalues, 4))

# %% [markdown]
# Positive: a bottom. One of each sign: there is a way down. All but 0, on the plateau: hardly any
# bend, so walk on.
#
# Only the local minimum keeps you for good. At the saddle each step multiplies the distance from the
# ridge by 1 + 2η = 1.1, and a millionth becomes 1 in 145 steps. (Exactly on the ridge, 0 stays 0.) On
# the plateau a step is 0.05 · 0.001 long. Lesson 03 gives the walker a memory for these two.

# %% [markdown]
# ### Predict, then run: how rare is a minimum?
#
# CS7 claims that in high dimension saddles are far more common than local minima. For a minimum
# every eigenvalue must be positive. Take a random symmetric matrix with five rows as the Hessian at
# a place without slope. **Of a million such places, how many are minima?** (If five coins gave the
# signs, it would be one in 32: 31,250.)

# %% tags=["experiment"]
my_guess_minima = None  # of a million


# %% tags=["experiment"]
def share_of_minima(size):
    """Return the share of a million random symmetric matrices with no negative eigenvalue."""
    minima = 0
    for _ in range(10):
        entries = rng.normal(size=(100_000, size, size))
        hessians = entries + entries.transpose(0, 2, 1)
        candidates = (np.diagonal(hessians, axis1=1, axis2=2) > 0).all(axis=1)  # the others can't
        minima += (np.linalg.eigvalsh(hessians[candidates]) > 0).all(axis=1).sum()
    return minima / 1_000_000


sizes = np.arange(1, 6)
shares = np.array([share_of_minima(size) for size in sizes])
curves = {"coins": (sizes, 0.5**sizes), "random symmetric matrices": (sizes, shares)}
plot_curves(curves, xlabel="parameters", ylabel="share of minima", logy=True, every=1)
print("minima of a million:", ", ".join(f"{1e6 * share:,.0f}" for share in shares))
print(f"your guess for five parameters: {my_guess_minima}")

# %% [markdown]
# *In the picture:* both shares fall as the parameters grow; that of coins in a straight line on the
# logarithmic axis, that of the matrices in a curve that bends down.
#
# 137 in place of 31,250: the eigenvalues of a random matrix push one another apart, and are hardly
# ever all on one side. A network's Hessian isn't random, and where the loss is low more of its
# eigenvalues are positive; so this is a hint and no proof. But it speaks for CS7: the more
# dimensions, the likelier that one of them leads down.
#
# SL2 calls its own view a hypothesis: gradient descent gets away from saddles and poor local minima,
# or there are few, and those where it ends are all about as good. CS7 names a fourth trouble, the
# noise of a gradient from a few examples; lesson 02 shows that it also helps.

# %% [markdown]
# ## In your own words
#
# A friend trains a network. With her first η the loss swings up; with a tenth of it the loss falls,
# but it crawls. After a day the gradient is nearly 0. *What decided how large η could be? What
# decides how slowly it goes then? And why can't she be sure that she has arrived at a minimum?*
# (6 points, read by a person.)

# %% [markdown] nbgrader={"grade_id": "gradient_descent__why", "grade": true, "solution": true, "points": 6}
# ### BEGIN SOLUTION
# **Two points each.** *How large:* the steepest direction, the one of largest curvature L. Above
# 2/L each step along it lands further away on the other side than it was before. (That holds on a
# bowl; elsewhere it says when the loss begins to rise.)
#
# *How slowly:* the flattest direction. All directions share one η, and what the steep one bears is
# too short for the flat one. The steps grow with the condition number, κ = L/μ, the ratio of the
# two curvatures; a smaller η than needed makes it slower still.
#
# *No minimum for sure:* the gradient is 0, or nearly so, at saddles and on plateaus as well, and in
# local minima that aren't the lowest. How the surface bends there decides: the signs of the
# Hessian's eigenvalues. In many dimensions a saddle is far more likely.
# ### END SOLUTION

# %% [markdown]
# ## In the wild
#
# - **PyTorch**: `torch.optim.SGD(params, lr=0.001)` is your `gd_step`, `x -= lr * grad` as in CS7;
#   momentum and weight decay are 0 by default. The S, *stochastic*, is about the data that you feed
#   it (lesson 02), not about another rule. **Keras**: `SGD(learning_rate=0.01)`, the same step.
# - `torch.autograd.gradcheck` checks formulas with your central differences, h = 10⁻⁶, in float64.
#   SciPy's `approx_fprime` stands on one foot, with h = 1.5 · 10⁻⁸: our second picture shows why.
# - Nobody computes the Hessian of a million parameters: it has a million times a million entries.
#   η is found by trying, as SL2 says: people raise it until the loss begins to jump, which is
#   roughly 2/L, and go back to a half or a third.

# %% [markdown]
# ## Two numbers
#
# How long may a step be? η below 2/L, with L the largest curvature: in the valley 0.02, and the two
# walkers stood on either side of it. How many steps will you need? About as many as κ = L/μ says, μ
# the smallest curvature, times the logarithm of how exact you want to be: for a thousandth in the
# valley 346. L and μ, read from the Hessian before anybody moves.
#
# Where there is no μ it takes up to 1/ε, and where the loss is no bowl you have to try. What you
# start from is lesson 01.

# %% [markdown]
# ### The documents
#
# - **SL2**: *Deep Learning 学习笔记 03 – Supervised Learning (2)* (Chinese)
# - **ONN**: 優化神經網路, part 6-2, 優化器的概念 (Chinese)
# - **CS7**: *Stanford CS231n 7강. Training Neural Networks 2* (Korean)
# - **KK**, of which more later: *Knock Knock! Deep Learning*, Day 6: 關於 Training,還有一些基本功(二)
#   (Chinese)
