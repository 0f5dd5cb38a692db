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
# # The shape of the ground
#
# Second order: using curvature. 60 to 90 minutes.
#
# You know the downhill step of lesson 00, the narrow valley, and what a mini-batch does to a
# gradient. Here you write two methods that ask not only *how steep?* but also *how does the
# steepness change?* Two documents speak, **SL2** and **CS7**. Their full titles stand at the end.

# %%
from functools import partial
from time import perf_counter

import numpy as np
from scipy.optimize import minimize

from descentlab import (
    MLP,
    AdamState,
    Surface,
    check,
    descend,
    load_digits,
    panels,
    plot_curves,
    plot_paths,
    plot_values,
    rosenbrock,
    train,
    valley,
)
from descentlab.plots import line_styles
from descentlab.widgets import valley_explorer

rng = np.random.default_rng(8)

# %% [markdown]
# The rule of lesson 00 comes along, to be compared with.

# %%
### GIVEN gd_step

# %% [markdown]
# ## Why not in one step?
#
# In the narrow valley, 100 times as steep across as along, plain gradient descent with its best
# learning rate needs 116 steps until it stays below 1 % of its first height. There is a rule, older
# than the word *gradient*, that needs one. It converges faster, says SL2; it has no learning rate,
# says CS7: nothing to tune.
#
# *So why is no network trained with it?*
#
# By the end you have four answers, each of them measured, and a method that keeps some of the gain
# for little of the price.

# %% [markdown]
# ### Predict, then run
#
# Make the valley 10,000 times as steep across as along. Plain gradient descent gets the rate that
# is best *there*. **How many steps will it need now?**

# %% tags=["experiment"]
my_guess_steep = None  # how many steps?

# %% [markdown]
# ## The slope of the slope
#
# CS7 sorts the rules by what they know of the ground. A **first-order** rule takes the gradient
# and replaces the ground by a tilted plane. A plane has no lowest point: you need a learning rate
# to say how far you trust it.
#
# A **second-order** rule also takes the **Hessian** $H$, the table of all second derivatives,
#
# $$H_{ij} = \frac{\partial^2 L}{\partial\theta_i\, \partial\theta_j} ,$$
#
# how much the slope along parameter $i$ changes when you move along parameter $j$. For $N$
# parameters it is a symmetric $N \times N$ matrix; its eigenvalues are the curvatures of the
# ground. For a step $d$ it gives a bowl in place of the plane:
#
# $$L(\theta + d) \approx L(\theta) + \nabla L^\top d + \tfrac12\, d^\top H d .$$
#
# A bowl has a lowest point, where *its* slope $\nabla L + Hd$ is zero. Go there.

# %% [markdown]
# ### Exercise: `newton_step` (34 points)
#
# The step $d$ that makes the bowl's slope zero solves $Hd = -\nabla L$. Newton's rule is therefore
#
# $$\theta \leftarrow \theta - H^{-1} \nabla L(\theta) .$$
#
# `theta` and `grad` have the shape `(N,)`, `hessian` has `(N, N)`. Return the new `theta`. The
# formula has an inverse in it, the program needs none: solving one system of equations is quicker
# and more exact. (An answer that does invert is right.)


# %% nbgrader={"grade_id": "newton_step", "solution": true}
def newton_step(theta, grad, hessian):
    """Step to the lowest point of the bowl that fits the ground here.

    theta, grad: arrays of shape (N,); hessian: shape (N, N), not singular.
    There is no learning rate.
    Returns the new theta.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "newton_step__check", "grade": true}
check(newton_step)

# %% [markdown]
# ## One step
#
# The valley *is* a bowl, so the bowl that fits it is the valley itself.


# %% tags=["experiment"]
def steps_until(values, limit):
    """Return the first step from which on all values stay below the limit."""
    return int(np.flatnonzero(values >= limit)[-1]) + 1


ratios, needed, walked = [10, 100, 1000, 10_000], {"gradient descent": [], "Newton": []}, {}
for ratio in ratios:
    ground = valley(ratio=ratio)
    walk = partial(descend, ground, ground.start)
    walked[ratio] = {
        "gradient descent": walk(rule=gd_step, lr=2 / (1 + ratio), num_steps=2 * ratio),
        "Newton": walk(rule=newton_step, num_steps=3),
    }
    for label, path in walked[ratio].items():
        height = ground.f(path.T)
        needed[label].append(steps_until(height, height[0] / 100))

fig, axes = panels(2)
shown = {label: path[:41] for label, path in walked[100].items()}
plot_paths(valley(ratio=100), shown, ax=axes[0])
curves = {label: (ratios, steps) for label, steps in needed.items()}
names = {"xlabel": "steepness, across over along", "ylabel": "steps to 1 % of the height"}
plot_curves(curves, **names, ax=axes[1], logx=True, logy=True, every=1, legend=False)

for label, steps in needed.items():
    listed = ", ".join(f"{count:,}" for count in steps)
    print(f"steepness 10, 100, 1000, 10,000: {label} needs {listed}")
print(f"your guess for plain, 10,000: {my_guess_steep}")

# %% [markdown]
# *In the picture:* on the left, 40 steps of gradient descent zigzag in the valley while Newton goes
# straight to the minimum; on the right, the steps of gradient descent grow in proportion to the
# steepness, Newton's stay at one.
#
# What took the place of the learning rate? $H^{-1}$: every direction has its slope divided by *its
# own* curvature. Gradient descent has one rate for both directions, and the steep one dictates it.

# %% [markdown]
# ### See it move
#
# Both rules in your hand: start elsewhere, or put another surface under them, one that is no bowl.

# %% tags=["experiment"]
valley_explorer({"gradient descent": gd_step, "Newton": newton_step}, lr=0.01)

# %% [markdown]
# *In the picture:* as it stands here gradient descent drops to the floor and creeps along it; Newton
# goes to the minimum in one straight step.

# %% [markdown]
# QUESTION newton_steps

# %% nbgrader={"grade_id": "newton_steps", "solution": true}

# %% nbgrader={"grade_id": "newton_steps__check", "grade": true}
check("newton_steps", newton_steps)

# %% [markdown]
# ### When the ground is no bowl
#
# Then the bowl fits only nearby, and one step isn't enough. A friendly case first, one parameter:
# $f(\theta) = e^\theta - 2\theta$, lowest at $\ln 2$.


# %% tags=["experiment"]
def looks(*labels):
    """Return styles in which Newton and L-BFGS look the same in every picture of this lesson."""
    return line_styles(dict.fromkeys(["Newton", "L-BFGS", "SciPy's L-BFGS-B", *labels]))


theta, places = np.array([0.0]), [0.0]
for _ in range(5):
    theta = newton_step(theta, np.exp(theta) - 2, np.diag(np.exp(theta)))
    places.append(float(theta[0]))
errors = np.abs(np.array(places) - np.log(2))
print("distance from the minimum:", ", ".join(f"{error:.0e}" for error in errors))

line = np.linspace(-0.9, 1.7, 105)
curves = {"the ground, f": (line, np.exp(line) - 2 * line)}
for here, label in zip(places[:2], ["bowl fitted at 0", "bowl fitted at 1"], strict=True):
    away = line - here
    curves[label] = (line, np.exp(here) * (1 + away + away**2 / 2) - 2 * line)

fig, axes = panels(2)
names = {"xlabel": "θ", "ylabel": "height"}
styles = looks(*curves) | {"the ground, f": {"color": "#222222"}}
plot_curves(curves, **names, ax=axes[0], styles=styles, legend=False)
axes[0].set_ylim(0.4, 2.4)
axes[0].legend(loc="upper center")
names = {"xlabel": "step", "ylabel": "distance from the minimum"}
ax = plot_curves({"Newton": errors[:5]}, **names, ax=axes[1], logy=True, legend=False, every=1)

# %% [markdown]
# *In the picture:* on the left, the bowl fitted at 0 has its lowest point at 1, and the bowl fitted
# there has it close to the minimum of f; on the right, Newton's distance falls ever more steeply.
#
# Look at the exponents: once close, **each step doubles the number of right digits**. Gradient
# descent adds the same number at each step. Now an unfriendly case, Rosenbrock's banana, a narrow
# valley that bends.

# %% tags=["experiment"]
banana = rosenbrock()
path = descend(banana, banana.start, rule=newton_step, num_steps=6)
print("Newton's heights:", ", ".join(f"{height:.2g}" for height in banana.f(path.T)))
path = descend(banana, banana.start, rule=gd_step, lr=0.001, num_steps=10_000)
print(f"gradient descent, α = 0.001: height {banana.f(path[-1]):.2g} after 10,000 steps")

# %% [markdown]
# Six steps do more than 10,000. But look at the second of them: from 4.7 *up* to 1,400. The bowl
# fitted well where it was fitted, and not where it sent you. "No learning rate" is a promise about
# bowls. Elsewhere a careful program tries the step and shortens it, as yours will further down.
# That is the **first answer**: a step that nobody holds back can go anywhere.

# %% [markdown]
# ## Real digits, and nearly a bowl
#
# A network without hidden layers, 64 pixels straight into softmax, has a convex loss; the L2
# penalty of lesson 06 makes its lowest point unique. The Hessian comes from differences, as the
# gradient did in lesson 00: nudge one parameter, and see how the gradient changes. The penalty and
# lesson 01's first weights come along.

# %%
### GIVEN l2_penalty

# %%
### GIVEN init_he


# %% tags=["experiment"]
def loss_on(net, x, labels, lam=0.0):
    """Return the function theta -> (loss, gradient) on these rows, with an L2 penalty."""

    def f(theta):
        loss, grad = net.loss_and_grad(theta, x, labels)
        penalty, slope = l2_penalty(theta, lam)
        return loss + penalty, grad + slope

    return f


def hessian_at(f, theta, h=1e-5):
    """Return the Hessian, from two gradients for each parameter."""
    nudges = h * np.eye(theta.size)
    rows = [(f(theta + nudge)[1] - f(theta - nudge)[1]) / (2 * h) for nudge in nudges]
    return (np.array(rows) + np.array(rows).T) / 2


digits = load_digits()
flat = MLP([64, 10])
f = loss_on(flat, digits.x_train[:200], digits.labels_train[:200], lam=1e-3)
losses = {"Newton": [], "gradient descent": []}

theta = np.zeros(flat.num_parameters)
for _ in range(8):
    loss, grad = f(theta)
    losses["Newton"].append(loss)
    hessian = hessian_at(f, theta)
    theta = newton_step(theta, grad, hessian)
curvatures = np.linalg.eigvalsh(hessian)

theta = np.zeros(flat.num_parameters)
for _ in range(2000):
    loss, grad = f(theta)
    losses["gradient descent"].append(loss)
    theta = gd_step(theta, grad, lr=1 / curvatures.max())

print(f"{flat.num_parameters} parameters")
print(f"curvatures at the lowest point: {curvatures.min():.3f} to {curvatures.max():.2f}")

# %% [markdown]
# How good is a step, and what does it cost? A step of gradient descent costs one gradient. A
# Newton step costs two more *for each parameter*.

# %% tags=["experiment"]
price = {"Newton": 1 + 2 * flat.num_parameters, "gradient descent": 1}
lowest = losses["Newton"][-1]
by_steps, by_gradients = {}, {}
for label, found in losses.items():
    gap = np.array(found) - lowest
    some = np.unique(np.geomspace(1, len(gap) - 1, 40).astype(int))
    by_steps[label] = (some, gap[some])
    by_gradients[label] = (some * price[label], gap[some])
    steps = steps_until(gap, 1e-6)
    print(f"{label} to 1e-06 above the lowest: steps {steps:,}, gradients {steps * price[label]:,}")

fig, axes = panels(2)
how = {"ylabel": "loss above the lowest, nats", "logx": True, "logy": True}
plot_curves(by_steps, xlabel="step", ax=axes[0], legend=False, **how)
ax = plot_curves(by_gradients, xlabel="gradients computed", ax=axes[1], **how)

# %% [markdown]
# *In the picture:* against the step, on the left, Newton plunges while gradient descent takes
# hundreds of times as long; against the gradients computed, on the right, the two have changed
# places.
#
# Five steps against 1,161: that is what curvature is worth. 6,505 gradients against 1,161: that is
# what it costs, with 650 parameters, and before the system is solved. You will see this bill again.

# %% [markdown]
# ## Drawn to a saddle
#
# Newton's rule looks for a point where the gradient is zero. It doesn't ask what kind of point.

# %% [markdown]
# QUESTION newton_saddle

# %% nbgrader={"grade_id": "newton_saddle", "solution": true}

# %% nbgrader={"grade_id": "newton_saddle__check", "grade": true}
check("newton_saddle", newton_saddle)

# %% [markdown]
# Two holes, at (−1, 0) and (1, 0), and a saddle in the middle. Both rules start above the right
# hole, then from many other places.

# %% tags=["experiment"]
two_holes = Surface(
    name="Two holes and a saddle",
    f=lambda p: (p[0] ** 2 - 1) ** 2 / 4 + p[1] ** 2 / 2,
    grad=lambda p: np.array([p[0] ** 3 - p[0], p[1]]),
    hessian=lambda p: np.diag([3 * p[0] ** 2 - 1, 1.0]),
    minimum=None,  # there are two
    view=((-1.7, 1.7), (-1.2, 1.2)),
    start=np.array([0.4, 0.9]),
)
walks = {
    "gradient descent": partial(descend, two_holes, rule=gd_step, lr=0.3, num_steps=40),
    "Newton": partial(descend, two_holes, rule=newton_step, num_steps=40),
}
starts = np.linspace(-1.6, 1.6, 65)
ends = {label: (starts, [walk([x, 0.9])[-1, 0] for x in starts]) for label, walk in walks.items()}

fig, axes = panels(2)
plot_paths(two_holes, {label: walk(two_holes.start) for label, walk in walks.items()}, ax=axes[0])
axes[0].plot([-1, 1], [0, 0], "x", color="#222222", markersize=10, markeredgewidth=2.4)
names = {"xlabel": "first parameter at the start", "ylabel": "first parameter at the end"}
plot_curves(ends, **names, ax=axes[1], every=2, legend=False)

for label, walk in walks.items():
    drawn = rng.uniform(*np.transpose(two_holes.view), size=(300, 2))
    share = np.mean([abs(walk(start)[-1, 0]) < 0.01 for start in drawn])
    print(f"{label}: from {share:.0%} of 300 random starts to the saddle")

# %% [markdown]
# *In the picture:* on the left, gradient descent rolls into the right hole while Newton turns the
# other way and stops at the saddle; on the right, gradient descent always ends in the hole on its
# side, Newton at 0, the saddle, from everywhere in the middle, and next to that in the *other*
# hole.
#
# From nearly a third of the random starts Newton ends at the saddle. Between the holes the
# curvature along the first parameter is negative. Dividing by it turns the step round: uphill, to
# the top of the pass. Is that a toy's problem? Here is a network that reads digits, with 4 hidden
# units (tanh, so that there are second derivatives everywhere). It starts from weights a tenth as
# large as usual, where gradient descent has no trouble, five times.

# %% tags=["experiment"]
small = MLP([64, 4, 10], activation="tanh")
f = loss_on(small, digits.x_train[:100], digits.labels_train[:100], lam=0.02)


def newton_walk(theta, steps):
    """Return the losses of a walk with Newton's rule on f, and the last theta and Hessian."""
    losses = [f(theta)[0]]
    for _ in range(steps):
        hessian = hessian_at(f, theta)
        theta = newton_step(theta, f(theta)[1], hessian)
        losses.append(f(theta)[0])
    return losses, theta, hessian


for seed in range(5):
    theta = 0.1 * small.pack(init_he(small.layer_sizes, np.random.default_rng(seed)))
    losses, end, hessian = newton_walk(theta, 8)
    slope = np.linalg.norm(f(end)[1])
    weight = max(np.abs(W).max() for W, b in small.unpack(end))
    down = np.sum(np.linalg.eigvalsh(hessian) < 0)
    for _ in range(300):
        theta = gd_step(theta, f(theta)[1], lr=0.3)
    print(f"seed {seed}: Newton's loss {losses[-1]:.3f}, {down} curvatures below 0, ", end="")
    print(f"gradient and weights below 1e-8: {max(slope, weight) < 1e-8}; plain: {f(theta)[0]:.2f}")

# %% [markdown]
# Eight steps, and all five walks stand on level ground, with 36 directions that lead down, and at
# the *same* point: the network that lesson 01 warns of, with every weight zero. All that it has
# learned is how frequent each digit is. Gradient descent passes by and halves the loss. CS7 fears
# saddles because in high dimensions nearly every level point is one. That is the **second answer**:
# Newton doesn't get stuck at a saddle by bad luck. It is looking for one.
#
# And from weights of the usual size?

# %% tags=["experiment"]
for seed in range(5):
    theta = small.pack(init_he(small.layer_sizes, np.random.default_rng(seed)))
    print("Newton's losses:", ", ".join(f"{loss:.1f}" for loss in newton_walk(theta, 3)[0]))

# %% [markdown]
# The first answer again, at its plainest: not one of the five walks goes down.

# %% [markdown]
# ## The bill
#
# Computing the Hessian takes a lot of time, writes SL2, and inverting it the cube of the number of
# parameters, "casually a million and more". CS7: the Hessian is $O(N^2)$, inverting $O(N^3)$.

# %% [markdown]
# QUESTION hessian_size

# %% nbgrader={"grade_id": "hessian_size", "solution": true}

# %% nbgrader={"grade_id": "hessian_size__check", "grade": true}
check("hessian_size", hessian_size)

# %% [markdown]
# ### Predict, then run
#
# You double the number of parameters. **How many times as long does a Newton step take**, the
# Hessian being there already?

# %% tags=["experiment"]
my_guess_doubling = None  # how many times as long?


# %% tags=["experiment"]
def seconds(work):
    """Return how long work() takes: the quickest of 20 times."""
    times = []
    for _ in range(20):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return min(times)


sizes = np.array([120, 240, 480, 960])
measured = {"filling a matrix with random numbers": [], "Newton step": []}
for size in sizes:
    matrix = rng.normal(size=(size, size))
    hessian, grad = matrix + 4 * np.sqrt(size) * np.eye(size), matrix[0]
    fill = partial(rng.standard_normal, out=matrix)
    measured["filling a matrix with random numbers"].append(seconds(fill))
    measured["Newton step"].append(seconds(partial(newton_step, grad, grad, hessian)))

fig, ax = panels(1)
curves = {label: (sizes, 1000 * np.array(times)) for label, times in measured.items()}
names = {"xlabel": "parameters, N", "ylabel": "time, ms"}
styles = {label: looks("filling")[label.split()[0]] for label in curves}
ax = plot_curves(curves, **names, ax=ax, logx=True, logy=True, every=1, styles=styles)
ax.set_xticks(sizes, sizes)
ax.set_xticks([], minor=True)

for label, times in measured.items():
    power = np.polyfit(np.log(sizes), np.log(times), 1)[0]
    print(f"{label}: time grows as N to the {power:.1f}; doubling N takes {2**power:.1f} times")
years = measured["Newton step"][-1] * (1e8 / sizes[-1]) ** 3 / 3.15e7
print(f"N = 100 million, at N³: {years:.0e} years for one step")
print(f"your guess for doubling: {my_guess_doubling}")

# %% [markdown]
# *In the picture:* two nearly straight lines on logarithmic axes, Newton's step the steeper one.
#
# These figures are your machine's, so they aren't in this text. Counting operations gives the
# powers 2 and 3, and doubling takes 4 and 8 times; at sizes this small, caches and fixed costs
# pull a fit a few tenths off. The last line is the **third answer**. A faster computer doesn't
# help against $N^3$: one that is a thousand times faster manages ten times the parameters.

# %% [markdown]
# ### Spot the error: Newton = natural
#
# CS7 notes in passing, *Newton = natural*. The **natural gradient** divides by another matrix, the
# **Fisher matrix** $F$: the mean of $g g^\top$, where $g$ is the gradient on one image with a label
# drawn from the network's *own* predictions. It says how strongly a parameter changes what the
# network predicts.

# %% [markdown]
# QUESTION natural_gradient

# %% nbgrader={"grade_id": "natural_gradient", "solution": true}

# %% nbgrader={"grade_id": "natural_gradient__check", "grade": true}
check("natural_gradient", natural_gradient)


# %% tags=["experiment"]
def fisher_at(net, theta, x):
    """Return the Fisher matrix: each label counts as much as the network believes in it."""
    weighted = []
    for row, probs in zip(x, net.predict(theta, x), strict=True):
        for label, prob in enumerate(probs):
            grad = net.loss_and_grad(theta, row[None], np.array([label]))[1]
            weighted.append(np.sqrt(prob / len(x)) * grad)
    return np.transpose(weighted) @ np.array(weighted)


x, labels = digits.x_train[:50], digits.labels_train[:50]
for name, net in {"no hidden layer": flat, "4 hidden units": small}.items():
    for seed in range(3):
        theta = net.pack(init_he(net.layer_sizes, np.random.default_rng(seed)))
        hessian, fisher = hessian_at(loss_on(net, x, labels), theta), fisher_at(net, theta, x)
        apart = np.linalg.norm(hessian - fisher) / np.linalg.norm(hessian)
        lowest = [np.linalg.eigvalsh(matrix)[0].round(3) + 0.0 for matrix in (hessian, fisher)]
        print(f"{name}: {apart:.0e} apart; lowest curvature of H {lowest[0]}, of F {lowest[1]}")

# %% [markdown]
# Without a hidden layer the two are one matrix, up to rounding: CS7 is right there. With one they
# are far apart, and only $H$ has negative curvatures. $F$ never has any, so the natural gradient
# never turns round and isn't drawn to saddles. The bill is the same.

# %% [markdown]
# ## Curvature from memory: L-BFGS
#
# Must one pay for the Hessian? You get glimpses of it for nothing. Every step $s$ changes the
# gradient by some $y$, and both vectors are there anyway. On a bowl $y = Hs$ exactly: **each pair
# $(s, y)$ shows what $H$ does in one direction.** BFGS, named after Broyden, Fletcher, Goldfarb
# and Shanno, builds an inverse Hessian that agrees with the newest pair, and otherwise changes as
# little as it can. **L-BFGS**, for limited memory, keeps the last few pairs, say ten, and no
# matrix: two loops multiply by the matrix that *would* be built.

# %% [markdown]
# ### Exercise: `lbfgs_direction` (50 points)
#
# Start with $q = \nabla L$. Go through the pairs from the **newest to the oldest**:
#
# $$a_i = \frac{s_i^\top q}{s_i^\top y_i}, \qquad q \leftarrow q - a_i\, y_i .$$
#
# Then scale by the newest pair, a first guess of $H^{-1}$: $r = \dfrac{s^\top y}{y^\top y}\, q$. Go
# back, from the **oldest to the newest**, each pair with its own $a_i$:
#
# $$b = \frac{y_i^\top r}{s_i^\top y_i}, \qquad r \leftarrow r + (a_i - b)\, s_i .$$
#
# The direction is $-r$. Without any pairs it is $-\nabla L$. (Hints and cards write as many books do:
# α for $a_i$, though it is no learning rate, H for the *inverse*, and H₀ for its first guess.)


# %% nbgrader={"grade_id": "lbfgs_direction", "solution": true}
def lbfgs_direction(grad, s_list, y_list):
    """Guess Newton's direction from the last steps and what they did to the gradient.

    grad: array of shape (N,). s_list, y_list: lists of such arrays, the steps and the
    changes of the gradient over them, oldest first; sᵀy is above 0 for every pair.
    Returns the direction to walk in, downhill: −grad if the lists are empty.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "lbfgs_direction__check", "grade": true}
check(lbfgs_direction)

# %% [markdown]
# Try it on a random bowl with 50 parameters, walking each time to the lowest point along the
# direction. No Hessian is handed to your function, only pairs.

# %% tags=["experiment"]
noise = rng.normal(size=(50, 50))
curvature = noise @ noise.T + np.eye(50)
theta, s_list, y_list, lengths = rng.normal(size=50), [], [], []
for _ in range(50):
    grad = curvature @ theta
    lengths.append(np.linalg.norm(grad))
    direction = lbfgs_direction(grad, s_list, y_list)
    best = -(grad @ direction) / (direction @ curvature @ direction)
    theta = theta + best * direction
    s_list, y_list = [*s_list, best * direction], [*y_list, curvature @ (best * direction)]
lengths.append(np.linalg.norm(curvature @ theta))
print(f"length of the gradient: at first {lengths[0]:.0f}, ", end="")
print(f"after 49 steps {lengths[49]:.0e}, after 50 steps {lengths[50]:.0e}")
missed = np.abs(lbfgs_direction(y_list[-1], s_list, y_list) + s_list[-1]).max()
print(f"asked about the newest y, the direction is −s of that pair, up to {missed:.0e}")
for size in (8970, 100_000_000):
    print(f"ten pairs for {size:,} parameters: {20 * size * 8 / 1e6:,.0f} MB")

# %% [markdown]
# Newton needs one step and the whole Hessian. L-BFGS needs at most as many steps as there are
# parameters, if each goes to the lowest point, and gradients only. For the digits network its
# memory is 1 MB, where the Hessian took hundreds.

# %% [markdown]
# ### A whole optimizer
#
# Off the bowl, the direction needs somebody who holds it back. **Backtracking** tries the whole
# step and halves it until the loss falls by at least a ten-thousandth of what the slope promises.
# The rest is bookkeeping. Each step gets its own loss function, always the same one to begin with.


# %% tags=["experiment"]
def with_memory(f):
    """Return f, made to answer at once when it is asked again about the same theta."""
    last = [None, None]

    def remembering(theta):
        if last[0] is None or not np.array_equal(last[0], theta):
            last[:] = theta.copy(), f(theta)
        return last[1]

    return remembering


def backtrack(f, theta, direction, length):
    """Halve the length until the loss falls enough; return the new theta, and how many tries."""
    loss, grad = f(theta)
    promised, tries = 1e-4 * (grad @ direction), 1
    while f(theta + length * direction)[0] > loss + length * promised and tries < 30:
        length, tries = length / 2, tries + 1
    return theta + length * direction, tries


def lbfgs(functions, theta, memory=10):
    """Yield theta and the number of tries after each L-BFGS step; each step has its own f."""
    s_list, y_list, before = [], [], None
    for f in functions:
        grad = f(theta)[1]
        if before is not None:
            s, y = theta - before[0], grad - before[1]
            if s @ y > 1e-10 * (y @ y):  # otherwise the pair shows no curvature above 0
                s_list, y_list = [*s_list, s][-memory:], [*y_list, y][-memory:]
        direction = lbfgs_direction(grad, s_list, y_list)
        length = 1.0 if s_list else 1 / max(1, np.linalg.norm(grad))  # no curvature seen yet
        before = theta, grad
        theta, tries = backtrack(f, theta, direction, length)
        yield theta, tries


# %% [markdown]
# Beside it, the same method as SciPy ships it. Both start on the banana.

# %% tags=["experiment"]
f = with_memory(lambda p: (float(banana.f(p)), banana.grad(p)))
yours = [banana.start, *(theta for theta, tries in lbfgs([f] * 50, banana.start))]
theirs = [banana.start]
note = {"callback": lambda theta: theirs.append(theta.copy()), "options": {"gtol": 1e-8}}
minimize(f, banana.start, jac=True, method="L-BFGS-B", **note)
paths = {
    "Newton": descend(banana, banana.start, rule=newton_step, num_steps=7),
    "L-BFGS": np.array(yours),
    "SciPy's L-BFGS-B": np.array(theirs),
}
fig, axes = panels(2)
plot_paths(banana, paths, ax=axes[0], legend=False)
plot_values(banana, paths, ax=axes[1])
for label, path in paths.items():
    print(f"{label}: {steps_until(banana.f(path.T), 1e-8)} steps to a height of 1e-08")

# %% [markdown]
# *In the picture:* on the left Newton leaps far out of the picture and back, the other two follow
# the bend of the valley; on the right all three plunge in the end.
#
# Yours needs a few more steps: SciPy's line search looks for a better length than the first one
# that will do. Gradient descent was still on its way after 10,000.

# %% [markdown]
# ## All rows at once
#
# "If you must update with the full batch: L-BFGS", says CS7. Take the usual network, 8,970
# parameters, and 600 training digits, all of them in every gradient: one gradient is one pass
# through the data. From here on everything is paid in passes, failed tries included.

# %%
### GIVEN adam_step

# %% [markdown]
# ### Predict, then run
#
# After 60 passes Adam, with the better of two learning rates, has a training loss of 0.0004 nats.
# **How low will yours be?** (All figures are means of five seeds.)

# %% tags=["experiment"]
my_guess_full = None  # nats

# %% tags=["experiment"]
net, passes = MLP([64, 64, 64, 10]), 60
rows = digits.x_train[:600], digits.labels_train[:600]
f = with_memory(loss_on(net, *rows))


def by_lbfgs(theta):
    """Return the training loss after each pass, and the last theta."""
    losses = []
    for place, tries in lbfgs([f] * passes, theta):
        losses += tries * [f(place)[0]]
        if len(losses) >= passes:
            break
    return losses[:passes], place


def by_scipy(theta):
    """Return the same for SciPy's program, which may end its last step a few passes late."""
    losses = []

    def noted(theta):
        losses.append(f(theta)[0])
        return f(theta)

    limits = {"maxfun": passes, "ftol": 0, "gtol": 0}
    theta = minimize(noted, theta, jac=True, method="L-BFGS-B", options=limits).x
    return np.minimum.accumulate(losses)[:passes], theta


def by_rule(rule, lr, batch_size, theta):
    """Return the same for a rule of the earlier lessons."""
    state = AdamState.zeros(theta) if rule is adam_step else None
    how = {"lr": lr, "batch_size": batch_size, "epochs": passes, "progress": False}
    seeded = np.random.default_rng(0)
    theta, history = train(net, theta, *rows, rule=rule, state=state, rng=seeded, **how)
    return history.train_losses, theta


# %% tags=["experiment"]
def five_seeds(label, way):
    """Train from five starts; print what came of it; return the losses, a row for each seed."""
    curves, accuracies = [], []
    for seed in range(5):
        start = net.pack(init_he(net.layer_sizes, np.random.default_rng(seed)))
        losses, theta = way(start)
        curves.append(np.pad(losses, (0, passes - len(losses)), mode="edge"))
        accuracies.append(100 * net.accuracy(theta, digits.x_test, digits.labels_test))
    last, spread = np.mean(curves, axis=0)[-1], np.std(accuracies, ddof=1)
    print(f"{label}: training loss {last:.0e}, test {np.mean(accuracies):.1f} ± {spread:.1f} %")
    return np.array(curves)


ways = {
    "L-BFGS": by_lbfgs,
    "SciPy's L-BFGS-B": by_scipy,
    "gradient descent, α = 0.5": partial(by_rule, gd_step, 0.5, 600),
    "Adam, α = 0.02": partial(by_rule, adam_step, 0.02, 600),
    "Adam, α = 0.04": partial(by_rule, adam_step, 0.04, 600),
}
found = {label: five_seeds(label, way) for label, way in ways.items()}
print(f"your guess for L-BFGS: {my_guess_full}")

fig, ax = panels(1)
curves = {label: losses.mean(axis=0) for label, losses in found.items()}
names = {"xlabel": "pass through the data", "ylabel": "training loss, nats"}
ax = plot_curves(curves, **names, ax=ax, logy=True, styles=looks(*curves))

# %% [markdown]
# *In the picture:* gradient descent stays near 0.1; both Adams lead at first and flatten out; the
# two lines of L-BFGS, close together, overtake them after some thirty passes and bend down further
# and further.
#
# Yours and SciPy's come below a millionth. That is Newton's plunge, bought with gradients alone:
# no noise, and not too many parameters. CS7's note on L-BFGS, *less stochastic, less parameter*,
# asks for both. Look at the test digits as well: the lowest loss doesn't know the most of them.
# Nobody who reads digits needs the last powers of ten.

# %% [markdown]
# ### Diagnosis: one of three is ill
#
# And without all rows in every step? Below are three runs of that network, 60 passes each: L-BFGS
# on all rows; L-BFGS with a fresh batch of 100 rows at every step, its backtracking on that batch;
# and Adam with α = 0.005 on batches of 100. **Which run is which? And what ails the one that
# lags?**


# %% tags=["experiment"]
def batches_of(size, seeded):
    """Yield the loss function of one random batch after another, without end."""
    while True:
        drawn = seeded.choice(600, size, replace=False)
        yield with_memory(loss_on(net, rows[0][drawn], rows[1][drawn]))


def by_lbfgs_on_batches(theta):
    """Return the loss on all rows after each pass, and the last theta."""
    losses, done = [], 0.0
    for place, tries in lbfgs(batches_of(100, np.random.default_rng(0)), theta):
        done += (1 + tries) * 100 / 600
        while len(losses) < min(int(done), passes):
            losses.append(f(place)[0])
        if len(losses) == passes:
            break
    return losses, place


runs = {
    "run 1": five_seeds("run 1", partial(by_rule, adam_step, 0.005, 100)),
    "run 2": found["L-BFGS"],
    "run 3": five_seeds("run 3", by_lbfgs_on_batches),
}
fig, ax = panels(1)
curves = {label: losses.mean(axis=0) for label, losses in runs.items()}
spread = {label: (losses.min(axis=0), losses.max(axis=0)) for label, losses in runs.items()}
ax = plot_curves(curves, **names, ax=ax, logy=True, styles=looks(*curves), spread=spread)

# %% [markdown]
# *In the picture:* run 1 falls quickly and then slowly; run 2 starts slowest and plunges, between
# its seeds by very different amounts; run 3 starts almost like run 1 and soon comes to rest near
# 0.1.

# %% [markdown]
# QUESTION lbfgs_batches

# %% nbgrader={"grade_id": "lbfgs_batches", "solution": true}

# %% nbgrader={"grade_id": "lbfgs_batches__check", "grade": true}
check("lbfgs_batches", lbfgs_batches)

# %% [markdown]
# Run 1 is Adam, run 2 is L-BFGS on all rows, run 3 is the patient. Under the microscope: its first
# 60 steps, from five seeds. How far is each $y$ that its batches saw from the true one, of all
# rows, over the same step? And how far would it be if both gradients came from one batch?


# %% tags=["experiment"]
def far_off(seen, true):
    """Return the length of the error over the length of the truth."""
    return np.linalg.norm(seen - true) / np.linalg.norm(true)


ends = []
for seed in range(5):
    batches = batches_of(100, np.random.default_rng(seed))
    drawn = [next(batches) for _ in range(60)]
    start = net.pack(init_he(net.layer_sizes, np.random.default_rng(seed)))
    places = [start, *(place for place, tries in lbfgs(drawn, start))]
    errors = []
    for t in range(20, 59, 2):
        here, there = places[t], places[t + 1]
        before, true = drawn[t](here)[1], f(there)[1] - f(here)[1]
        two, one = drawn[t + 1](there)[1] - before, drawn[t](there)[1] - before
        errors.append([far_off(two, true), far_off(one, true)])
    ends.append((places[-1], drawn[-2:]))
    two, one = np.median(errors, axis=0)
    print(
        f"seed {seed}: the y of two batches is off by {two:.1f} times its length, of one {one:.1f}"
    )

# %% [markdown]
# From two batches, $y$ is more noise than curvature. The reason shows when the step gets shorter.

# %% tags=["experiment"]
lengths = np.geomspace(0.003, 1, 6)
errors = {"two batches": [], "one batch, twice": []}
for place, (first, second) in ends:
    grad, seen = f(place)[1], first(place)[1]
    theres = [place - length * grad / np.linalg.norm(grad) for length in lengths]
    for label, later in zip(errors, (second, first), strict=True):
        row = [far_off(later(there)[1] - seen, f(there)[1] - grad) for there in theres]
        errors[label].append(row)

fig, ax = panels(1)
curves = {label: (lengths, np.mean(each, axis=0)) for label, each in errors.items()}
spread = {label: (np.min(each, axis=0), np.max(each, axis=0)) for label, each in errors.items()}
names = {"xlabel": "length of the step s", "ylabel": "error of y, over its length"}
how = {"logx": True, "logy": True, "every": 1, "styles": looks(*curves), "spread": spread}
ax = plot_curves(curves, **names, ax=ax, **how)
for label, (_, error) in curves.items():
    print(f"{label}: {error[-1]:.1f} for a step of 1, {error[0]:.1f} for a step of 0.003")

# %% [markdown]
# *In the picture:* the error of y from two batches grows in proportion as the step gets shorter, to
# more than thirty times y itself; from one batch, asked twice, it stays below 1 at every length.
#
# A short step changes the gradient little, and a new batch changes it as much as ever. Gradient
# descent *adds* noisy gradients up, and in a sum noise cancels. L-BFGS *subtracts* two of them: the
# truth cancels, the noise stays, and then it is divided by. (Programs that do use L-BFGS on batches
# take both gradients of a pair from one batch.) That is the **fourth answer**: curvature is seen in
# differences, and noise drowns differences first.

# %% [markdown]
# ## Back to the one step
#
# Explain it to a friend who trains networks with Adam, in your own words and without a formula:
# *why does Newton's rule need no learning rate in the valley? Name two reasons why nobody trains
# networks with it, and what you measured. And your friend uses L-BFGS on batches of 100, and the
# loss won't fall: what do you advise?* (6 points, read by a person.)

# %% [markdown] nbgrader={"grade_id":"second_order__why","grade":true,"solution":true,"points":6}
# ### BEGIN SOLUTION
# **Two points each.** *No learning rate*, because the slope in each direction is divided by the
# curvature in that direction. Together they say where the lowest point of the bowl is, so nobody
# has to guess how far to go; and the valley is a bowl.
#
# *Two of these, with a measurement each.* The price: a matrix of N² numbers (644 MB for 8,970
# parameters), two gradients for each parameter (6,505 gradients where gradient descent took
# 1,161), and a solve that takes about eight times as long for twice the parameters. Saddles: it
# walks to any point with gradient zero; five of five walks on the small network ended at the same
# saddle. A step that nobody holds back: off a bowl it can go uphill, from 4.7 to 1,400 on the
# banana. Noise: with batches the curvature is drowned.
#
# *Advice:* use all rows in every step, if they are few enough, or much larger batches, or at least
# the same batch for both gradients of a pair; otherwise go back to Adam. The change of the gradient
# from one batch to the next is mostly noise, and L-BFGS takes it for curvature.
# ### END SOLUTION

# %% [markdown]
# ## In the wild
#
# - **PyTorch** has no Newton step among its optimizers. `torch.optim.LBFGS` is your two loops,
#   with 100 pairs by default, and takes a function (a *closure*) that computes the loss again, as
#   it may need to within one `step()`. It runs with `lr=1` and *without* a line search unless you
#   say `line_search_fn="strong_wolfe"`. Say it.
# - **SciPy**'s `minimize(method="L-BFGS-B")` keeps 10 pairs (`maxcor`), looks at the slope at the
#   end of a step as well (Wolfe's conditions), and takes bounds: the B.
# - **scikit-learn** fits `LogisticRegression` with L-BFGS by default: your network without a
#   hidden layer. `MLPClassifier` has Adam as its default and recommends `solver="lbfgs"` for small
#   data.
# - CS7's advice in one line: Adam is a good default; for full batches, L-BFGS.

# %% [markdown]
# ## Four answers
#
# Why is no network trained in one step? The ground is no bowl, and a step that nobody holds back
# goes anywhere. Any level point will do for Newton, and most of them are saddles. The bill is $N^2$
# numbers and $N^3$ operations. And with mini-batches, curvature drowns in noise.
#
# L-BFGS cuts the bill to a few vectors. A line search holds it back, and pairs that show no
# curvature above zero are left out, so its direction always leads down. Against the noise it has
# nothing. What networks use instead is cruder: Adam, too, divides each slope by a number of its
# own, the size of past gradients in place of a curvature. It is cheap, and it is never negative.

# %% [markdown]
# ### The documents
#
# - **SL2**: *Deep Learning 学习笔记 03 – Supervised Learning (2)* (Chinese)
# - **CS7**: *Stanford CS231n 7강. Training Neural Networks 2* (Korean)
