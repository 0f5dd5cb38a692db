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
# # A ball that remembers
#
# Momentum: one idea, four notations. 60 to 90 minutes.
#
# You know the downhill step of lesson 00 and the mini-batches of lesson 02. Here you write four
# update rules, let them roll over error surfaces, and train a network on handwritten digits with
# them. Four documents speak, each in its own notation: **KK**, **SL2**, **ONN** (its part 6-2)
# and **CS7**. Their full titles stand at the end.

# %%
from functools import cache, partial

import numpy as np

from descentlab import (
    MLP,
    bowl,
    check,
    descend,
    load_digits,
    panels,
    plateau,
    plot_curves,
    plot_paths,
    plot_values,
    saddle,
    train,
    valley,
)
from descentlab.widgets import optimizer_race, valley_explorer

rng = np.random.default_rng(3)

# %% [markdown]
# The rule of lesson 00 comes along, to be compared with.

# %%
### GIVEN gd_step

# %% [markdown]
# ## Play first
#
# A hillside, a shelf, and behind it a hole with the minimum. Drag α, click anywhere to start there.
# Can you bring plain gradient descent into the hole within these 200 steps?

# %% tags=["experiment"]
valley_explorer({"gradient descent": gd_step}, surface=plateau(), lr=0.1, steps=200)

# %% [markdown]
# *In the picture:* as it stands here the path comes down the hill on the left and seems to stop at
# its foot; the hole lies on the right.

# %% [markdown]
# ## Why does the ball not stop?
#
# Plain gradient descent has no memory. At every step it looks at the slope under its feet and
# forgets how it got there. ONN names the weakness: where the ground is too even it gets stuck,
# and stops looking for anything better. KK says what is missing: a real ball keeps going the way
# it was going.
#
# Picture a hillside; at its foot a shelf, about two units long, where the slope is 0.001; behind
# the shelf a hole, and in it the minimum. A ball comes down the hill and out on to the shelf.
# Hardly anything pushes it there, and it rolls on. *Why does it not stop? And if remembering is
# so good, why not remember everything?*
#
# By the end you can answer both with one number.

# %% [markdown]
# ### Predict, then run
#
# Soon you will let both start from the same point of that hillside, with the same learning rate
# α = 0.1. The ball needs 73 steps until it stays at the bottom of the hole (below a height of
# 0.01). **How many steps will plain gradient descent need?** Commit yourself before you go on.

# %% tags=["experiment"]
my_guess_shelf = None  # how many steps?

# %% [markdown]
# ## The rule
#
# KK gives the ball a velocity $v$, which starts at 0. At every step two things happen to it. A
# share β of the old velocity stays. And the gradient comes on top, scaled by the learning rate α:
# it no longer *is* the step, it *changes* the step, as an acceleration does. Then the ball moves
# by its velocity. A usual β is 0.9.

# %% [markdown]
# ### Exercise: `momentum_step` (22 points)
#
# Write the rule of KK:
#
# $$v \leftarrow \beta v + \alpha \nabla L(\theta), \qquad \theta \leftarrow \theta - v .$$
#
# `theta`, `grad` and `v` are arrays of one shape. Return the new `theta` and the new `v`, in this
# order, and leave the old ones as they were. Stuck? Run `from descentlab import hint` and then
# `hint(momentum_step)`.


# %% nbgrader={"grade_id": "momentum_step", "solution": true}
def momentum_step(theta, grad, v, *, lr, beta=0.9):
    """Take one step along a velocity that remembers the gradients before.

    theta, grad, v: arrays of one shape; v is zero before the first step.
    lr is the learning rate α, beta the share of the old velocity that stays.
    Returns the new theta and the new v.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "momentum_step__check", "grade": true}
check(momentum_step)

# %% [markdown]
# ## Off the hill and over the shelf
#
# Now your ball and plain gradient descent, side by side.


# %% tags=["experiment"]
def steps_until(values, limit):
    """Return the first step from which on all values stay below the limit."""
    return int(np.flatnonzero(values >= limit)[-1]) + 1


shelf = plateau()
paths = {
    "gradient descent": descend(shelf, shelf.start, rule=gd_step, lr=0.1, num_steps=20_000),
    "momentum": descend(shelf, shelf.start, rule=momentum_step, lr=0.1, num_steps=20_000),
}
heights = {label: shelf.f(path.T) for label, path in paths.items()}
moments = np.unique(np.geomspace(1, 20_000, 400).astype(int))

fig, axes = panels(2)
plot_paths(shelf, {label: path[:101] for label, path in paths.items()}, ax=axes[0])
curves = {label: (moments, height[moments]) for label, height in heights.items()}
plot_curves(curves, xlabel="step", ylabel="height", ax=axes[1], logx=True, legend=False)

plain, ball = (steps_until(height, 0.01) for height in heights.values())
print(f"steps to the bottom of the hole: ball {ball}, plain {plain:,}, {plain / ball:.0f} times")
print(f"your guess for plain: {my_guess_shelf}")

# %% [markdown]
# *In the picture:* after 100 steps plain gradient descent still stands at the foot of the hill,
# while the ball has crossed the shelf, swung through the hole and settled; on the right, against
# the step on a logarithmic axis, plain gets there too, in step 17,334.
#
# So plain gradient descent doesn't stop, strictly speaking. On a slope of 0.001 it takes steps of
# 0.0001. You can wait.

# %% [markdown]
# ### What the ball brings along
#
# Look at the ball's steps on the shelf, where the slope is as good as nothing.

# %% tags=["experiment"]
ball_path = descend(shelf, shelf.start, rule=momentum_step, lr=0.1, num_steps=20)
first = int(np.argmax(ball_path[:, 0] > -2))  # the first point on the shelf
lengths = np.linalg.norm(np.diff(ball_path, axis=0), axis=1)[first - 1 : first + 5]
print("lengths of its steps:", np.round(lengths, 3))
print("each over the last:  ", np.round(lengths[1:] / lengths[:-1], 3))
coasts = 0.9 / (1 - 0.9) * lengths[0]
print(f"first point x = {ball_path[first, 0]:.2f}; coasting takes it {coasts:.2f} further")

# %% [markdown]
# Each step is nine tenths of the one before. That is all the friction there is: **at every step
# the ball loses the share 1 − β of its speed**. A speed $v$ that nothing renews carries it
#
# $$\beta v + \beta^2 v + \beta^3 v + \dots = \frac{\beta}{1-\beta}\, v$$
#
# further: nine times $v$, here 2.92, and the shelf is shorter. That is why the ball does not
# stop. It slows down, but it reaches the hole before it is slow.

# %% [markdown]
# ### Spot the error: friction
#
# KK calls β "something like a coefficient of friction", and CS7 sets the "friction" to 0.9 or
# 0.99. Look at the formula again before you answer.

# %% [markdown]
# QUESTION friction

# %% nbgrader={"grade_id": "friction", "solution": true}

# %% nbgrader={"grade_id": "friction__check", "grade": true}
check("friction", friction)

# %% [markdown]
# ### How much of the past?
#
# With β = 0 your rule is `gd_step`, with β near 1 hardly anything is lost. Which β is best on
# this shelf, and what happens at 0.99? Say it aloud, then run.

# %% tags=["experiment"]
for beta in (0.5, 0.8, 0.9, 0.95, 0.99):
    rule = partial(momentum_step, beta=beta)
    path = descend(shelf, shelf.start, rule=rule, lr=0.1, num_steps=10_000)
    steps, furthest = steps_until(shelf.f(path.T), 0.01), path[:, 0].max()
    print(f"β = {beta:<4}  {steps:>6,} steps to the bottom, furthest right x = {furthest:.1f}")

# %% [markdown]
# At 0.8 its speed doesn't carry the ball across, and it crawls the rest. At 0.99 it carries it
# through the hole, whose middle is at x = 2.5, and out on the other side as far as x = 31.7;
# coming back takes until step 4,042. What helps to cross a shelf hinders stopping where you want
# to stop. **That is the price of remembering**, and you will pay it again below.

# %% [markdown]
# ## What agrees grows, what alternates cancels
#
# Coasting is half of the story. The other half is what $v$ does while gradients keep coming. Feed
# your rule two streams of slopes, with no surface at all: one is always 1; the other goes +1, −1,
# +1, −1, as it does for someone who bounces between two walls.

# %% tags=["experiment"]
print("step length after 3,000 steps, in units of α · slope")
for beta in (0, 0.5, 0.9, 0.99):
    theta, v = np.zeros(2), np.zeros(2)
    for t in range(3000):
        slopes = np.array([1.0, (-1.0) ** t])
        theta, v = momentum_step(theta, slopes, v, lr=0.1, beta=beta)
    agrees, alternates = np.abs(v) / 0.1
    print(f"β = {beta:<4}  always the same: {agrees:6.2f}   alternating: {alternates:.2f}")

# %% [markdown]
# Where the gradient is a constant $g$, old pushes add up:
#
# $$v_\infty = \alpha g + \beta \alpha g + \beta^2 \alpha g + \dots = \frac{\alpha}{1-\beta}\, g .$$
#
# With β = 0.9 that is ten steps in one: the **effective learning rate** is α/(1 − β). Where the
# gradient alternates, every second term has a minus, the sum is αg/(1 + β), and the step is about
# half as long as without memory. The rule never asked which direction is which.

# %% [markdown]
# QUESTION terminal_step

# %% nbgrader={"grade_id": "terminal_step", "solution": true}

# %% nbgrader={"grade_id": "terminal_step__check", "grade": true}
check("terminal_step", terminal_step)

# %% [markdown]
# ### Predict, then run: the valley
#
# The valley of lesson 00, 100 times as steep across as along, where plain steps zigzag between the
# walls and creep along the floor. SL2 wants to learn faster where the gradient hardly changes and
# slower in a groove, and says that momentum does it by itself.
#
# Plain gradient descent gets the learning rate that suits it best, 2/(100 + 1) = 0.0198, and needs
# 115 steps until its height stays below 1 % of the start. The ball gets the same α, and β = 0.7.
# **How many steps will it need?**

# %% tags=["experiment"]
my_guess_valley = None  # how many steps?

# %% tags=["experiment"]
narrow = valley(ratio=100)
walk = partial(descend, narrow, narrow.start, lr=0.0198, num_steps=200)
paths = {
    "gradient descent": walk(rule=gd_step),
    "momentum, β = 0.7": walk(rule=partial(momentum_step, beta=0.7)),
    "momentum, β = 0.9": walk(rule=momentum_step),
}

fig, axes = panels(2)
for ax, label in zip(axes, ["gradient descent", "momentum, β = 0.7"], strict=True):
    plot_paths(narrow, {label: paths[label][:101]}, ax=ax)

for label, path in paths.items():
    height = narrow.f(path.T)
    way = np.linalg.norm(np.diff(path, axis=0), axis=1).sum()
    print(f"{label:<17} {steps_until(height, height[0] / 100):>4} steps, a way of {way:.0f}")
print(f"your guess for β = 0.7: {my_guess_valley}")

# %% [markdown]
# *In the picture:* on the left, 100 steps of plain gradient descent jump from wall to wall and
# end short of the minimum; on the right, the ball swings across a few times, less each time, and
# runs along the floor to the minimum.
#
# Look at the last row as well. With β = 0.9, so good on the shelf, the ball rolls past the
# minimum and back, and needs twice as many steps as with 0.7. Here it has to turn, and a shorter
# memory turns sooner. No β is best everywhere; 0.9 is a habit.

# %% [markdown]
# QUESTION how_momentum_works

# %% nbgrader={"grade_id": "how_momentum_works", "solution": true}

# %% nbgrader={"grade_id": "how_momentum_works__check", "grade": true}
check("how_momentum_works", how_momentum_works)

# %% [markdown]
# ## Past a saddle
#
# CS7 fears saddle points more than minima, as you saw in lesson 00. Near a saddle the slope is close
# to 0, but the velocity, it says, lives on and carries the ball past. Try it on f = x² − y², a
# thousandth beside the ridge, then exactly on it.

# %% tags=["experiment"]
ridge = saddle()
walk = partial(descend, ridge, lr=0.02, num_steps=200)
paths = {
    "gradient descent": walk(ridge.start, rule=gd_step),
    "momentum": walk(ridge.start, rule=momentum_step),
}
offsets = {label: np.abs(path[:, 1]) for label, path in paths.items()}

fig, axes = panels(2)
plot_paths(ridge, {label: path[:61] for label, path in paths.items()}, ax=axes[0])
curves = {label: offset[offset < 2] for label, offset in offsets.items()}
names = {"xlabel": "step", "ylabel": "distance from the ridge"}
plot_curves(curves, **names, ax=axes[1], logy=True, legend=False)

for label, offset in offsets.items():
    growth = offset[80] / offset[79]
    print(f"{label:<17} distance 1 at step {np.argmax(offset > 1)}, {growth:.3f} times a step")
balanced = walk([-1.6, 0.0], rule=momentum_step)
print(f"exactly on the ridge: distance {abs(balanced[-1, 1])} after 200 steps")
pushed = walk([-1.6, 0.0], rule=momentum_step, state=np.array([0.0, -0.001]))
print(f"the same, with a sideways speed of 0.001: 1 at step {np.argmax(pushed[:, 1] > 1)}")

# %% [markdown]
# *In the picture:* plain gradient descent slides down to the saddle and seems to stay there; the
# ball swings through it along the ridge, and rolls off sideways. On the right both distances from
# the ridge grow as straight lines on a logarithmic axis, the ball's far more steeply.
#
# CS7 is right on one condition: the velocity must have a part in the direction that goes down.
# Exactly on the ridge it has none, and the ball balances as patiently as plain gradient descent
# would. The smallest push is enough; the noise of mini-batches is one.

# %% [markdown]
# ## The same ball in other clothes
#
# Three more documents, three more formulas, with other letters, other signs, α in another place.
# Are they other rules? You write two of them; ONN's is given.

# %% [markdown]
# ### Exercise: `heavy_ball_step` (18 points)
#
# SL2 has no velocity at all, only places:
#
# $$x_{i+1} = x_i - \eta \nabla f(x_i) + \beta\,(x_i - x_{i-1}) .$$
#
# `theta` is where the ball is, $x_i$, and `theta_prev` where it was one step ago, $x_{i-1}$
# (before the first step: `theta` itself). Return the new place, and what the *next* call will
# need as its `theta_prev`.


# %% nbgrader={"grade_id": "heavy_ball_step", "solution": true}
def heavy_ball_step(theta, grad, theta_prev, *, lr, beta=0.9):
    """Take one step downhill, and on top of it a share beta of the step before.

    theta, grad, theta_prev: arrays of one shape; theta_prev is theta at first.
    lr is the learning rate η.
    Returns the new theta, and what the next call needs as theta_prev.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "heavy_ball_step__check", "grade": true}
check(heavy_ball_step)

# %% [markdown]
# ### Exercise: `running_sum_step` (18 points)
#
# CS7 writes a program: `vx = rho * vx + dx`, then `x -= learning_rate * vx`. As formulas:
#
# $$v \leftarrow \rho v + \nabla f(\theta), \qquad \theta \leftarrow \theta - \alpha v .$$
#
# The learning rate has moved out of the velocity and into the step.


# %% nbgrader={"grade_id": "running_sum_step", "solution": true}
def running_sum_step(theta, grad, v, *, lr, rho=0.9):
    """Take one step along a decaying sum of the gradients.

    theta, grad, v: arrays of one shape; v is zero before the first step.
    lr is the learning rate α, rho the share of the old sum that stays.
    Returns the new theta and the new v.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "running_sum_step__check", "grade": true}
check(running_sum_step)

# %% [markdown]
# ### Four notations, side by side
#
# | | what it remembers | update |
# |---|---|---|
# | **KK** | v points uphill, α inside | v = βv + α∇; θ = θ − v |
# | **ONN** | v points downhill, η inside | v = λv − η∇; θ = θ + v |
# | **SL2** | the place before | x + β(x − x_prev) − η∇ |
# | **CS7** | v points uphill, gradients alone | v = ρv + ∇; x = x − αv |
#
# β, λ and ρ are one thing, and so are α and η. SL2's x − x_prev *is* the last step: −v of KK, v
# of ONN, −αv of CS7. Let all four walk down the valley.


# %% tags=["experiment"]
def onn_step(theta, grad, v, *, lr, lam=0.9):
    """Take ONN's step: its velocity points downhill and is added."""
    v = lam * v - lr * grad
    return theta + v, v


notations = {"SL2": heavy_ball_step, "ONN": onn_step, "CS7": running_sum_step}
walk = partial(descend, narrow, narrow.start, lr=0.01, num_steps=200)
kk = walk(rule=momentum_step)
for name, rule in notations.items():
    print(f"{name}: at most {np.abs(walk(rule=rule) - kk).max():.1e} away from KK in 200 steps")

# %% [markdown]
# Rounding errors, nothing else. One path, written down four times.
#
# ### And when α changes?
#
# In practice it does: lesson 05 is about nothing else. Commit yourself by the question first.

# %% [markdown]
# QUESTION rate_changes

# %% nbgrader={"grade_id": "rate_changes", "solution": true}

# %% nbgrader={"grade_id": "rate_changes__check", "grade": true}
check("rate_changes", rate_changes)

# %% [markdown]
# Now watch it: all four in a wide bowl, where at step 40 the learning rate falls to a tenth.


# %% tags=["experiment"]
def falling_rate(t):
    """Return 0.1 for the first 40 updates, and a tenth of it after that."""
    return 0.1 if t < 40 else 0.01


wide = bowl(curvatures=(0.02, 0.02))
walk = partial(descend, wide, wide.start, lr=falling_rate, num_steps=80)
kk = walk(rule=momentum_step)
others = {name: walk(rule=rule) for name, rule in notations.items()}
paths = {"momentum: KK, SL2, ONN": kk, "running sum: CS7": others["CS7"]}
lengths = {label: np.linalg.norm(np.diff(path, axis=0), axis=1) for label, path in paths.items()}
fig, axes = panels(2)
plot_values(wide, paths, ax=axes[0], logy=False)
names = {"xlabel": "step", "ylabel": "length of the step"}
plot_curves(lengths, **names, ax=axes[1], logy=True, legend=False)

for name, path in others.items():
    print(f"{name}: at most {np.abs(path - kk).max():.1e} away from KK")

# %% [markdown]
# *In the picture:* at step 40 CS7's step falls to a tenth of its length at once, and its way down
# becomes a slow one; the other three coast on and come down to the same small steps over some
# thirty steps, further down the bowl by then.
#
# The reason stands in the table. CS7's $v$ holds gradients alone, and today's α scales all of
# them, old and new. In the other three every gradient keeps the α of its own day. Neither is
# wrong. But when you lower α because training has become unstable, you want to know how soon that
# acts.

# %% [markdown]
# ### Spot the error: a mean that isn't, and a sign that is
#
# CS7 says of this $v$: *velocity = running mean of gradients*.

# %% [markdown]
# QUESTION running_mean

# %% nbgrader={"grade_id": "running_mean", "solution": true}

# %% nbgrader={"grade_id": "running_mean__check", "grade": true}
check("running_mean", running_mean)

# %% [markdown]
# A running mean would be v = ρv + (1 − ρ)∇. It points the same way and is 1 − ρ times as long;
# you will meet it inside Adam, in lesson 04.
#
# And the sign? CS7's author notes that the lecture has `x +=`, and supposes that `x -=` is meant.
# With *this* $v$, which adds gradients up and so points uphill, `x -=` is right. ONN adds its $v$
# and is right too: there the minus is in $v$. It must stand once, in the velocity or in the step.

# %% [markdown]
# ## Noise, averaged
#
# A mini-batch gives the gradient with noise on it. CS7 expects momentum to "overcome some noise
# in our gradient estimate". How much is *some*?
#
# Let each gradient be $g$ plus independent noise. In ρv + ∇ the part of $g$ grows to
# $g/(1-\rho)$; the noise adds up by its squares, to $1/\sqrt{1-\rho^2}$ times its size. Measured
# against the signal, $v$ has less noise by the factor
#
# $$\frac{1-\rho}{\sqrt{1-\rho^2}} = \sqrt{\frac{1-\rho}{1+\rho}} .$$
#
# Ten thousand parameters at once, each with the slope 1 and noise of its own, tell whether that
# holds.

# %% tags=["experiment"]
rhos = np.array([0.5, 0.8, 0.9, 0.95, 0.99])
measured = []
for rho in rhos:
    theta, v = np.zeros(10_000), np.zeros(10_000)
    for _ in range(600):
        grad = 1 + 0.5 * rng.normal(size=theta.size)
        theta, v = running_sum_step(theta, grad, v, lr=0.1, rho=rho)
    measured.append(v.std() / v.mean() / 0.5)

theory = np.sqrt((1 - rhos) / (1 + rhos))
for rho, found, expected in zip(rhos, measured, theory, strict=True):
    print(f"ρ = {rho:<4}  noise left: measured {found:.3f}, theory {expected:.3f}")
power = np.polyfit(np.log((1 - rhos) / (1 + rhos)), np.log(measured), 1)[0]
print(f"fitted power of (1 − ρ)/(1 + ρ): {power:.3f}, theory 0.5")

# %% [markdown]
# With ρ = 0.9 less than a quarter of the noise is left: $v$ is as quiet as the mean of
# (1 + ρ)/(1 − ρ) = 19 gradients. They cost no computation. What do they cost?

# %% tags=["experiment"]
slopes = np.where(np.arange(200) < 100, 1.0, -1.0)
seen = slopes + 0.5 * rng.normal(size=200)
curves = {"true slope": slopes}
for rho in (0.9, 0.98):
    theta, v, scaled = np.zeros(1), np.zeros(1), []
    for slope in seen:
        theta, v = running_sum_step(theta, np.array([slope]), v, lr=0.1, rho=rho)
        scaled.append((1 - rho) * v[0])
    curves[f"(1 − ρ) v, ρ = {rho}"] = scaled
    late = int(np.argmax(np.array(scaled[100:]) < 0))
    print(f"ρ = {rho}: the velocity changes its sign {late} steps after the slope did")

fig, ax = panels(1)
ax.plot(seen, ".", color="0.7", markersize=4, label="gradient seen")
ax = plot_curves(curves, xlabel="step", ylabel="slope", ax=ax)

# %% [markdown]
# *In the picture:* the gradients are a cloud of points round a slope that turns from +1 to −1 at
# step 100; the velocities, scaled to a mean, run through the cloud far more quietly and notice
# the turn too late, the longer memory much too late.
#
# A quiet memory is a late one.

# %% [markdown]
# ## Look before you leap
#
# Being late means overshooting. Nesterov's idea: the ball knows where its old velocity will take
# it, to θ − βv. Why ask for the slope here, if you are about to leave? Ask *there*. CS7: first
# move by the velocity, then take the gradient. SL2 brings it in as an improvement, because the
# plain form has no guarantee of convergence. CS7 calls it useful from the viewpoint of convex
# optimization; whether it helps a network is to be tried.

# %% [markdown]
# ### Exercise: `nesterov_step` (26 points)
#
# SL2 takes the gradient at $x_i + \beta(x_i - x_{i-1})$. In KK's letters, where $v$ is
# $x_{i-1} - x_i$, that is
#
# $$v \leftarrow \beta v + \alpha \nabla L(\theta - \beta v), \qquad \theta \leftarrow \theta - v.$$
#
# You choose where to ask, so the gradient comes as a function: `grad_fn(point)` is the gradient
# at `point`. θ stays the place where the ball really is.


# %% nbgrader={"grade_id": "nesterov_step", "solution": true}
def nesterov_step(theta, grad_fn, v, *, lr, beta=0.9):
    """Take one momentum step with the gradient of the point that is looked ahead to.

    theta, v: arrays of one shape; v is zero before the first step.
    grad_fn: a function, point -> gradient there, of the shape of theta.
    Returns the new theta and the new v.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "nesterov_step__check", "grade": true}
check(nesterov_step)

# %% [markdown]
# The valley again, β = 0.9 for both, and a smaller α = 0.01.

# %% tags=["experiment"]
rules = {"momentum": momentum_step, "Nesterov": nesterov_step}
walk = partial(descend, narrow, narrow.start, num_steps=100)
paths = {label: walk(rule=rule, lr=0.01) for label, rule in rules.items()}

fig, axes = panels(2)
plot_paths(narrow, {label: path[:61] for label, path in paths.items()}, ax=axes[0])
plot_values(narrow, paths, ax=axes[1], legend=False)

for label, path in paths.items():
    height = narrow.f(path.T)
    steps, furthest = steps_until(height, height[0] / 100), path[:, 0].max()
    print(f"{label}: {steps} steps to 1 % of the height, overshoots to x = {furthest:.2f}")
faster = walk(rule=nesterov_step, lr=0.0198)
print(f"Nesterov with α = 0.0198: height {narrow.f(faster[-1]):.0e} after 100 steps")

# %% [markdown]
# *In the picture:* momentum wiggles across the valley all the way; Nesterov drops to the floor,
# glides along it, overshoots less, and is down in fewer than half the steps.
#
# The last line is the other side. At α = 0.0198, which plain momentum bore well, looking ahead
# blows up. Where the curvature is $L$, momentum is stable below α = 2(1 + β)/L, Nesterov only
# below (2 + 2β)/(1 + 2β)/L: in this valley 0.038 and 0.0136.

# %% [markdown]
# ### See it move
#
# The race, step by step: play it, stop it, go back to where the two part.

# %% tags=["experiment"]
optimizer_race(
    {"gradient descent": gd_step, "momentum": momentum_step, "Nesterov": nesterov_step}, lr=0.01
)

# %% [markdown]
# *In the picture:* after 100 steps gradient descent is still on its way along the floor, momentum
# swings about the minimum, and Nesterov stands on it.

# %% [markdown]
# ## Real digits
#
# Do the lessons of two parameters hold for 9,000? A network with two hidden layers of 64 units
# learns the digits of `load_digits`, 8 × 8 pixels each, in batches of 100, with *your* rules. Its
# first weights come from lesson 01.

# %%
### GIVEN init_he

# %% [markdown]
# ### Predict, then run
#
# Each rule gets the same six learning rates, ten epochs, and five random seeds. Of the six, plain
# gradient descent trains best with α = 0.5, and knows 96 % of the test digits in the end. **What
# share will momentum know with that same α, and β = 0.9?**

# %% tags=["experiment"]
my_guess_digits = None  # per cent

# %% tags=["experiment"]
digits = load_digits()
net = MLP([64, 64, 64, 10])
rules = {"gradient descent": gd_step, "momentum": momentum_step, "Nesterov": nesterov_step}


@cache
def measure(label, lr):
    """Train with five seeds; return the test accuracies in per cent, and the mean loss curve."""
    accuracies, losses = [], []
    for seed in range(5):
        seeded = np.random.default_rng(seed)
        theta = net.pack(init_he(net.layer_sizes, seeded))
        data = digits.x_train, digits.labels_train
        how = {"lr": lr, "batch_size": 100, "epochs": 10, "rng": seeded}
        theta, history = train(net, theta, *data, rule=rules[label], **how)
        accuracies.append(100 * net.accuracy(theta, digits.x_test, digits.labels_test))
        losses.append(history.train_losses)
    return np.array(accuracies), np.mean(losses, axis=0)


accuracies, _ = measure("momentum", 0.5)
print("momentum with α = 0.5, five seeds:", ", ".join(f"{a:.0f} %" for a in np.sort(accuracies)))
print(f"your guess: {my_guess_digits}")

# %% [markdown]
# Some seeds are left with the 10 % of a guess: their first steps swung so wide that whole layers of
# ReLUs give 0 for every image from then on. Now the whole row.

# %% tags=["experiment"]
rates = [0.005, 0.02, 0.05, 0.1, 0.2, 0.5]
table = {label: np.array([measure(label, lr)[0] for lr in rates]) for label in rules}

fig, axes = panels(2)
curves = {label: (rates, accuracies.mean(axis=1)) for label, accuracies in table.items()}
names = {"xlabel": "learning rate α", "ylabel": "accuracy on the test part, %"}
spread = {label: (found.min(axis=1), found.max(axis=1)) for label, found in table.items()}
plot_curves(curves, **names, ax=axes[0], logx=True, every=1, spread=spread, legend=False)
axes[0].legend(loc="lower center")

shown = [("gradient descent", 0.02), ("gradient descent", 0.2), ("momentum", 0.02)]
curves = {f"{label}, α = {lr}": (range(1, 11), measure(label, lr)[1]) for label, lr in shown}
plot_curves(curves, xlabel="epoch", ylabel="training loss, nats", ax=axes[1], logy=True)

for label, lr in shown:
    accuracies, _ = measure(label, lr)
    print(f"{label}, α = {lr}: {accuracies.mean():.0f} ± {accuracies.std(ddof=1):.0f} %")

# %% [markdown]
# *In the picture:* on the left (a line is the mean of the seeds, a bar reaches from the worst to
# the best) momentum and Nesterov lie together, far above gradient descent at small rates, and
# break down at α = 0.5, where gradient descent is at its best; on the right the loss of momentum
# with α = 0.02 starts slowly and then joins that of gradient descent with α = 0.2.
#
# So α = 0.02 with memory is worth 0.2 without, once the ball has got up to speed. And is momentum
# *better*, when each rule may have the rate at which it trains best?

# %% tags=["experiment"]
for label in rules:
    best = min(rates, key=lambda lr: measure(label, lr)[1][-1])
    accuracies, losses = measure(label, best)
    print(
        f"{label:<17} α = {best:<4} training loss {losses[-1]:.3f}, "
        f"test {accuracies.mean():.1f} ± {accuracies.std(ddof=1):.1f} %"
    )

# %% [markdown]
# It trains faster: in ten epochs its loss comes down to less than half, Nesterov's further still.
# It doesn't know more, as far as five seeds can tell: the accuracies differ by less than their
# spread. A race in which both have the same α measures the effective rate and little else; ask
# for that whenever somebody shows you a race of optimizers.

# %% [markdown]
# ## Back to the shelf
#
# Explain it to a friend who knows gradient descent, in your own words and without a formula: *why
# does the ball not stop on the shelf? What does β = 0.99 cost it there? And what do you do with α
# when you switch momentum on, and why?* (6 points, read by a person.)

# %% [markdown] nbgrader={"grade_id": "momentum__why", "grade": true, "solution": true, "points": 6}
# ### BEGIN SOLUTION
# **Two points each.** *It doesn't stop*, because it brings speed from the hill and loses only a
# tenth of it at every step; that carries it about nine of its steps further, and the hole begins
# before that. (The slope of the shelf would not be needed.)
#
# *β = 0.99* loses only a hundredth at every step. The ball can't stop where it should: it shoots
# through the hole, far out on the other side, and takes thousands of steps to come back. A long
# memory is also late to notice that the slope has changed.
#
# *α must become smaller*, to begin with by 1 − β, a tenth for β = 0.9. On a steady slope the old
# gradients add up to about ten in one step, so the effective rate is ten times α, and a rate that
# was just right becomes far too large.
# ### END SOLUTION

# %% [markdown]
# ## In the wild
#
# - **PyTorch** writes CS7's form: `torch.optim.SGD(momentum=0.9)` is your `running_sum_step`. The
#   defaults, `momentum=0`, `dampening=0`, `nesterov=False`, make it `gd_step`. A dampening τ
#   weights every gradient but the first by 1 − τ: with τ = ρ nearly the running mean of CS7's
#   words. `nesterov=True` wants a momentum above 0 and no dampening; its parameters hold the
#   point looked ahead to, not the ball's place.
# - **Keras** writes ONN's form: `velocity = momentum * velocity - learning_rate * g`,
#   `w += velocity`, with momentum 0 by default. When a schedule lowers the rate, PyTorch's steps
#   shrink at once and Keras's coast.
# - A learning rate tuned *without* momentum is, in the long run, 1/(1 − β) times too large with
#   it. Start with a tenth for β = 0.9, then tune again: of our row 0.5 broke the training, 0.05
#   was safe, 0.2 was best.

# %% [markdown]
# ## One number
#
# Why does the ball not stop? Because 1 − β is all that it loses at a step. Its inverse,
# 1/(1 − β), is the number promised at the start, ten for β = 0.9. It says about how many steps'
# worth of speed the ball coasts, how many old gradients still speak, how many times α the
# effective rate is, and, for the same reason, how late the ball turns. Remember everything,
# β = 1, and all four are without limit.
#
# What β can't do is give each parameter a step of its own: in the valley both directions shared
# one α. That is lesson 04.

# %% [markdown]
# ### The documents
#
# - **KK**: *Knock Knock! Deep Learning*, Day 6: 關於 Training,還有一些基本功(二) (Chinese)
# - **SL2**: *Deep Learning 学习笔记 03 – Supervised Learning (2)* (Chinese)
# - **ONN**: 優化神經網路, part 6-2, 優化器的概念 (Chinese)
# - **CS7**: *Stanford CS231n 7강. Training Neural Networks 2* (Korean)
