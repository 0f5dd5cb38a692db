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
# # Each parameter its own step
#
# Adaptive rates: Adagrad, RMSprop, AdaDelta, Adam. 60 to 90 minutes.
#
# You know the downhill step of lesson 00 and the ball of lesson 03. Here you write seven update
# rules that give every parameter a step length of its own. **KK**, **ALR**, **ONN** (its part
# 6-3) and **CS7** tell the story, with other letters each; their full titles stand at the end.

# %%
from functools import cache, partial

import numpy as np

from descentlab import (
    MLP,
    AdadeltaState,
    AdamState,
    RmsState,
    Surface,
    bowl,
    check,
    descend,
    load_digits,
    panels,
    plot_curves,
    plot_paths,
    saddle,
    train,
    valley,
)
from descentlab.widgets import bias_correction_explorer, optimizer_race, valley_explorer

rng = np.random.default_rng(4)
digits = load_digits()

# %% [markdown]
# Three things come along from earlier lessons.

# %%
### GIVEN gd_step

# %%
### GIVEN momentum_step

# %%
### GIVEN init_he

# %% [markdown]
# ## Play first
#
# The valley of lesson 03, with two rules you know. Find one α that is good across the valley *and*
# along it.

# %% tags=["experiment"]
valley_explorer({"gradient descent": gd_step, "momentum": momentum_step}, lr=0.01)

# %% [markdown]
# *In the picture:* as it stands here gradient descent drops to the floor and walks along it in small
# even steps, and momentum swings from wall to wall on its way to the minimum.

# %% [markdown]
# ## A training that doesn't move
#
# Digits again, with a small mishap: somebody stored one of the 64 pixels on a scale from 0 to 255,
# the others from 0 to 1. The network is a single layer, so its loss is convex: one bowl, no other
# minimum, no saddle. (**Spot the error:** ALR says that convex may be read as "convex *or concave*".
# It may not: convex holds water, concave sheds it.) Plain gradient descent takes 500 updates, with
# all images in each.


# %% tags=["experiment"]
def in_mixed_units(x):
    """Return the images with pixel 20 on a scale from 0 to 255."""
    scale = np.where(np.arange(64) == 20, 255, 1)
    return x * scale


single = MLP([64, 10])
first_weights = single.pack(init_he(single.layer_sizes, np.random.default_rng(0)))


def full_training(rule, *, lr, state=None):
    """Take 500 updates on all images; return the losses, the gradient's norms, the accuracy."""
    norms = []

    def watched_step(theta, grad, state, *, lr):
        norms.append(np.linalg.norm(grad))
        return rule(theta, grad, state, lr=lr)

    data = in_mixed_units(digits.x_train), digits.labels_train
    how = {"batch_size": 1197, "epochs": 500, "rng": np.random.default_rng(0), "progress": False}
    state = np.zeros_like(first_weights) if state is None else state
    theta, history = train(
        single, first_weights, *data, rule=watched_step, lr=lr, state=state, **how
    )
    accuracy = single.accuracy(theta, in_mixed_units(digits.x_test), digits.labels_test)
    return history.losses, norms, accuracy


def memoryless_gd(theta, grad, state, *, lr):
    """Take a plain step; the state goes through unused."""
    return gd_step(theta, grad, lr=lr), state


losses, norms, _ = full_training(memoryless_gd, lr=0.01)
fig, axes = panels(2)
measured = {"training loss, nats": losses, "gradient's norm": norms}
for ax, (name, values) in zip(axes, measured.items(), strict=True):
    plot_curves({"gradient descent": values}, xlabel="step", ylabel=name, ax=ax, legend=False)
    ax.set_ylim(bottom=0)

print(f"loss: {losses[0]:.0f} at first, {np.mean(losses[100:]):.0f} on average from step 100 on")
print(f"norm: {norms[0]:.0f} at first, never below {min(norms[100:]):.0f} from step 100 on")

# %% [markdown]
# *In the picture:* loss and gradient's norm jump up and down to the end, both far above 0.

# %% [markdown]
# QUESTION stuck_in_the_valley

# %% nbgrader={"grade_id": "stuck_in_the_valley", "solution": true}

# %% nbgrader={"grade_id": "stuck_in_the_valley__check", "grade": true}
check("stuck_in_the_valley", stuck_in_the_valley)

# %% [markdown]
# *Training stuck ≠ small gradient*, ALR's first heading says: look at the norm as well.
#
# Then make α smaller? **Can any single α be right for a parameter that sits on a cliff and for one
# that sits on a plain?** And if each needs its own: the network of lesson 03 had 9,000 parameters.
# Who chooses 9,000 rates?

# %% [markdown]
# ### Predict, then run: ALR's valley
#
# ALR shows it with two parameters. Here is such a valley, a million times as steep across as along,
# its minimum at 0. At α = 2·10⁻⁶ plain gradient descent is at the limit of what it bears. At half of
# that its first step lands exactly on the floor, at x = −4. **At which x does it end after 100,000
# updates?**

# %% tags=["experiment"]
my_guess_x = None  # between -4 and 0

# %% tags=["experiment"]
gorge = valley(ratio=1e6)
walk = partial(descend, gorge, gorge.start, rule=gd_step, num_steps=100_000, progress=False)
wide, safe = walk(lr=2e-6), walk(lr=1e-6)

fig, axes = panels(2)
plot_paths(gorge, {"gradient descent": wide}, ax=axes[0], title="α = 0.000002", legend=False)
plot_paths(gorge, {"gradient descent": safe}, ax=axes[1], title="α = 0.000001", legend=False)
for name, path in (("α = 2e-6", wide), ("α = 1e-6", safe)):
    norm = np.linalg.norm(gorge.grad(path[-1]))
    height = gorge.f(path[-1])
    print(f"{name}: ends at x = {path[-1, 0]:.2f}, height {height:,.1f}, gradient {norm:,.1f}")
print(f"your guess: x = {my_guess_x}")

# %% [markdown]
# *In the picture:* on the left 100,000 updates fill a band from wall to wall; on the right one
# step drops to the floor, and all the others together make a stub of a line.
#
# Large enough for the floor is too large for the walls, and the other way round. ALR draws the
# conclusion: **steep, then a small step; flat, then a large one**, for each parameter by itself.

# %% [markdown]
# ## Divide by what you have seen
#
# KK keeps a record $s$ of the *attention* that each parameter has had: the sum of its squared
# gradients. Whoever has had much gets shorter steps. ⊙ multiplies entry by entry; ε, something tiny,
# keeps the denominator from 0.

# %% [markdown]
# ### Exercise: `adagrad_step` (10 points)
#
# $$s \leftarrow s + \nabla L \odot \nabla L, \qquad
# \theta \leftarrow \theta - \alpha \cdot \frac{1}{\sqrt{s + \epsilon}} \cdot \nabla L .$$
#
# Everything is done entry by entry. Stuck? Run `from descentlab import hint`, then
# `hint(adagrad_step)`.


# %% nbgrader={"grade_id": "adagrad_step", "solution": true}
def adagrad_step(theta, grad, s, *, lr, eps=1e-8):
    """Take one step divided by the root of the sum of all squared gradients.

    theta, grad, s: arrays of one shape; s is zero before the first step.
    lr is the learning rate α.
    Returns the new theta and the new s.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "adagrad_step__check", "grade": true}
check(adagrad_step)

# %% [markdown]
# Your rule, in ALR's valley and in the training that didn't move:

# %% tags=["experiment"]
fig, axes = panels(2)
paths = {}
for ratio in (1e6, 100):
    canyon = valley(ratio)
    paths[ratio] = descend(canyon, canyon.start, rule=adagrad_step, lr=0.5, num_steps=200)
plot_paths(gorge, {"Adagrad": paths[1e6]}, ax=axes[0], legend=False)
cured, _, accuracy = full_training(adagrad_step, lr=0.1)
curves = {"gradient descent": losses, "Adagrad": cured}
plot_curves(curves, xlabel="step", ylabel="training loss, nats", ax=axes[1], logy=True)

print(f"steps until |x| < 0.01: {np.argmax(np.abs(paths[1e6][:, 0]) < 0.01)}")
print(f"same path at a ratio of 100, up to {np.abs(paths[1e6] - paths[100]).max():.0e}")
print(f"digits in mixed units: loss {cured[-1]:.2f}, {accuracy:.0%} of the test digits")

# %% [markdown]
# *In the picture:* on the left Adagrad goes down to the floor and turns towards the minimum in one
# smooth curve; on the right its loss falls at once and goes on falling, below that of plain gradient
# descent, which bounces.
#
# The second line says why. Multiply one parameter's gradients, $g$, by 1,000: $g$ and $\sqrt{s}$ grow
# alike, the step stays. Adagrad doesn't *see* the ratio, nor in which unit a pixel was stored.

# %% [markdown]
# ## The same rule with a mean
#
# ALR writes η for the rate and divides by σ, the root *mean* square of all gradients so far:
#
# $$\sigma = \sqrt{\frac{1}{t}\sum_{i=1}^{t} g_i^2}, \qquad
# \theta \leftarrow \theta - \frac{\eta}{\sigma}\, g .$$

# %% [markdown]
# ### Exercise: `rms_step` (13 points)
#
# The state is `RmsState(sigma, t)`; `state.t` counts the gradients that are in `state.sigma`, 0 at
# first. This gradient belongs into σ before you divide. You need no list of old gradients: a mean
# square and its count give the sum back. There is no ε: where σ is 0, take 0/0 as 0.


# %% nbgrader={"grade_id": "rms_step", "solution": true}
def rms_step(theta, grad, state, *, lr):
    """Take one step divided by the root mean square of all gradients so far.

    theta, grad: arrays of one shape; state: RmsState(sigma, t).
    lr is the learning rate η, constant.
    Returns the new theta and the new RmsState.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "rms_step__check", "grade": true}
check(rms_step)

# %% [markdown]
# ALR calls this Adagrad, but something is missing: a sum grows, a mean doesn't. ONN has it: there
# the rate shrinks as well, $\eta_t = \eta/\sqrt{t+1}$ with $t$ from 0.

# %% [markdown]
# ### Exercise: `adagrad_rms_step` (10 points)
#
# $$\theta \leftarrow \theta - \frac{\eta_t}{\sigma}\, g, \qquad \eta_t = \frac{\eta}{\sqrt{t}} ,$$
#
# with the σ of `rms_step`; here $t$ counts this gradient, so the first step has $t = 1$.


# %% nbgrader={"grade_id": "adagrad_rms_step", "solution": true}
def adagrad_rms_step(theta, grad, state, *, lr):
    """Take one Adagrad step, written with a mean and a rate that decays.

    theta, grad: arrays of one shape; state: RmsState(sigma, t).
    lr is the learning rate η before its decay.
    Returns the new theta and the new RmsState.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "adagrad_rms_step__check", "grade": true}
check(adagrad_rms_step)

# %% tags=["experiment"]
narrow = valley(ratio=100)
no_rms = RmsState.zeros(np.zeros(2))
walk = partial(descend, narrow, narrow.start, lr=0.5, num_steps=200)
kk = walk(rule=partial(adagrad_step, eps=0))
onn = walk(rule=adagrad_rms_step, state=no_rms)
print(f"ONN's Adagrad is at most {np.abs(onn - kk).max():.0e} away from KK's in 200 steps")


def one_sigma_step(theta, grad, state, *, lr):
    """Take ALR's step with one σ for all parameters."""
    _, state = rms_step(theta, grad, state, lr=lr)
    return theta - lr * grad / np.sqrt(np.mean(state.sigma**2)), state


for name, rule in (("one σ for each", rms_step), ("one σ for all", one_sigma_step)):
    path = descend(narrow, narrow.start, rule=rule, state=no_rms, lr=0.1, num_steps=200)
    print(f"{name}: x = {path[-1, 0]:.4f} after 200 steps")

# %% [markdown]
# A decaying rate over a mean *is* the root of a sum: $\sigma\sqrt{t} = \sqrt{s}$.
#
# The last two lines answer a slip of ALR's summary, that σ is a *scalar*. A size is meant, without a
# direction, one for each parameter; one number for all would shorten the step along the floor as
# well, and give away all that was won.

# %% [markdown]
# ### Spot the error: far from the end?
#
# ONN says what adaptive rates do: *large far from the end, small near it*. ALR said: small where
# it is steep, large where it is flat. Is that the same? Look at the rate η/σ, with η = 0.1.

# %% tags=["experiment"]
for place in ([-1.0, 0.0], [0.0, -1.0]):
    grad = narrow.grad(np.array(place))
    _, state = rms_step(np.array(place), grad, no_rms, lr=0.1)
    print(f"at {place}, distance 1 from the end: rate {0.1 / state.sigma.max():.4f}")

round_bowl = bowl()
theta, state = np.array([-4.0, -4.0]), no_rms
for t in range(1, 151):
    theta, state = rms_step(theta, round_bowl.grad(theta), state, lr=0.1)
    if t in (1, 50, 150):
        print(f"step {t}: x = {theta[0]:.3f}, rate {0.1 / state.sigma[0]:.3f}")

# %% [markdown]
# At the same distance, rates differ by a factor of 100; and on the way into a plain bowl the rate
# *grows* towards the end, as slopes get smaller. No rule knows where the end is. True Adagrad's rate
# does fall as you go, but it falls as well when you walk away from the end.
#
# (A rate that grows has a trap. ALR shows it, and lesson 05 lets you see it.)

# %% [markdown]
# ## The step that dies
#
# KK calls it fatal: $s$ only grows, so the step shrinks for ever, until nothing is learned. How fast
# does it die?

# %% [markdown]
# ### Predict, then run
#
# An endless ramp of slope 1, and α = 0.1. After 10,000 steps plain gradient descent has come 1,000
# units far. **How far has Adagrad?**

# %% tags=["experiment"]
my_guess_way = None  # units

# %% tags=["experiment"]
position, s, way = np.zeros(1), np.zeros(1), [0.0]
for _ in range(10_000):
    position, s = adagrad_step(position, np.ones(1), s, lr=0.1)
    way.append(-position[0])
print(f"Adagrad after 100, 1,000, 10,000 steps: {way[100]:.2f}, {way[1000]:.2f}, {way[-1]:.2f}")
print(f"last step: {way[-1] - way[-2]:.4f}; your guess: {my_guess_way}")

# %% [markdown]
# On a slope of 1, $s = t$ and the step is $\alpha/\sqrt{t}$. The steps add up to about
# $2\alpha\sqrt{t}$: a hundred times as many take you ten times as far. It dies slowly enough to get
# anywhere, given time. But on a long way time is what you haven't got.

# %% [markdown]
# ### And without the root?
#
# KK: experiments have shown that it trains well only with the root. See for yourself.


# %% tags=["experiment"]
def rootless_step(theta, grad, s, *, lr):
    """Take Adagrad's step, divided by the sum itself."""
    _, s = adagrad_step(theta, grad, s, lr=lr)
    return theta - lr * grad / (s + 1e-8), s


for slope in (100.0, 1.0, 0.01):
    how = np.zeros(1), np.array([slope]), np.zeros(1)
    rooted, rootless = (-rule(*how, lr=0.1)[0][0] for rule in (adagrad_step, rootless_step))
    print(f"first step on a slope of {slope:>5}: with root {rooted:.2f}, without {rootless:.3f}")

net = MLP([64, 64, 64, 10])
rules = {"Adagrad": (adagrad_step, None), "Adagrad without root": (rootless_step, None)}


@cache
def measure(label, lr):
    """Train with five seeds; return the test accuracies in per cent, and the loss curves."""
    rule, state = rules[label]
    accuracies, losses = [], []
    for seed in range(5):
        seeded = np.random.default_rng(seed)
        theta = net.pack(init_he(net.layer_sizes, seeded))
        data = digits.x_train, digits.labels_train
        how = {"lr": lr, "batch_size": 100, "epochs": 10, "rng": seeded, "progress": False}
        theta, history = train(net, theta, *data, rule=rule, state=state, **how)
        accuracies.append(100 * net.accuracy(theta, digits.x_test, digits.labels_test))
        losses.append(history.train_losses)
    return np.array(accuracies), np.array(losses)


for label, lr in (("Adagrad", 0.05), *(("Adagrad without root", lr) for lr in (1e-5, 1e-4, 1e-3))):
    found = measure(label, lr)[0]
    print(f"digits, {label}, α = {lr:g}: {found.min():.0f} to {found.max():.0f} % right")

# %% [markdown]
# Without the root the first step is α/g: *longest where the gradient is smallest*. A network has
# gradients of all sizes, so a rate that is right for one throws another away. With the root a
# gradient is divided by something of its own unit, and the first step is α, whatever the slope. (CS7's
# verdict on Adagrad for networks: not so common.)

# %% [markdown]
# ## A record that forgets
#
# RMSprop's cure: let the attention decay. (It has no paper, ALR tells; Hinton gave it in a
# lecture.)

# %% [markdown]
# ### Exercise: `rmsprop_step` (10 points)
#
# $$s \leftarrow \beta s + (1 - \beta)\, \nabla L \odot \nabla L, \qquad
# \theta \leftarrow \theta - \alpha \cdot \frac{1}{\sqrt{s + \epsilon}} \cdot \nabla L .$$


# %% nbgrader={"grade_id": "rmsprop_step", "solution": true}
def rmsprop_step(theta, grad, s, *, lr, beta=0.9, eps=1e-8):
    """Take one step divided by the root of a decaying mean of squared gradients.

    theta, grad, s: arrays of one shape; s is zero before the first step.
    lr is the learning rate α, beta the share of the old mean that stays.
    Returns the new theta and the new s.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "rmsprop_step__check", "grade": true}
check(rmsprop_step)

# %% [markdown]
# How well does each record forget? A hillside of slope 1 for 100 steps, then a shelf of 0.01.

# %% tags=["experiment"]
slopes = np.where(np.arange(400) < 100, 1.0, 0.01)
watched = {
    "Adagrad": (adagrad_step, np.zeros(1)),
    "ALR's RMS": (rms_step, RmsState.zeros(np.zeros(1))),
    "RMSprop": (rmsprop_step, np.zeros(1)),
    "RMSprop, β = 0.99": (partial(rmsprop_step, beta=0.99), np.zeros(1)),
}
effective = {}
for label, (rule, state) in watched.items():
    theta, effective[label] = np.zeros(1), []
    for slope in slopes:
        new, state = rule(theta, np.array([slope]), state, lr=0.1)
        effective[label].append((theta - new)[0] / slope)
        theta = new
    last = effective[label]
    print(f"{label:<17} rate at step 1: {last[0]:.2f}, 100: {last[99]:.3f}, 400: {last[-1]:.3f}")

fig, ax = panels(1)
ax = plot_curves(effective, xlabel="step", ylabel="rate: step / slope", ax=ax, logy=True)

# %% [markdown]
# *In the picture:* on the hillside RMSprop's rates come down towards 0.1; after step 100 the one with
# β = 0.9 climbs a hundredfold within some hundred steps and levels off, β = 0.99 is still on its way
# at the end, ALR's mean rises slowly, Adagrad's rate has fallen and stays down.
#
# ALR's advice, in whose letters the decay is α: set it low if the steep place ahead should be noticed
# soon. You see a price of that mean in the first step: with $s$ from 0 it is $1/\sqrt{1-\beta}$
# times too long, 0.32 and 1.00 for a rate of 0.1. Keep that in mind.

# %% tags=["experiment"]
path = descend(narrow, narrow.start, rule=rmsprop_step, lr=0.1, num_steps=1000)
print(f"RMSprop in the valley, last three x: {np.round(path[-3:, 0], 3)}")

# %% [markdown]
# And where nothing shrinks the step, nothing ends it: RMSprop bounces over the minimum for good, half
# of α to each side. That is what decay is for, in lesson 05.

# %% [markdown]
# ALR and ONN start otherwise, from the first gradient's size, $\sigma^0$. ONN's slide says
# $\sigma^0 = g^0$.

# %% [markdown]
# QUESTION first_sigma

# %% nbgrader={"grade_id": "first_sigma", "solution": true}

# %% nbgrader={"grade_id": "first_sigma__check", "grade": true}
check("first_sigma", first_sigma)

# %% [markdown]
# ## Where does ε stand?
#
# Something tiny, against division by 0, all say. KK puts it inside the root. CS7 puts it outside
# (and takes 10⁻⁷), and so does the paper in which Adam came, with an *Algorithm 1* that you will
# write below.

# %% [markdown]
# QUESTION where_eps_stands

# %% nbgrader={"grade_id": "where_eps_stands", "solution": true}

# %% nbgrader={"grade_id": "where_eps_stands__check", "grade": true}
check("where_eps_stands", where_eps_stands)

# %% tags=["experiment"]
sizes = np.geomspace(1e-10, 1, 41)
inside = -adagrad_step(np.zeros(41), sizes, np.zeros(41), lr=1.0)[0]
curves = {
    "inside, 1e-8 (KK)": (sizes, inside),
    "outside, 1e-8 (Algorithm 1)": (sizes, sizes / (sizes + 1e-8)),
    "outside, 1e-7 (CS7)": (sizes, sizes / (sizes + 1e-7)),
}
names = {"xlabel": "size of the gradient", "ylabel": "first step, in units of α"}
fig, ax = panels(1)
ax = plot_curves(curves, **names, ax=ax, logx=True, every=4)

theta = net.pack(init_he(net.layer_sizes, np.random.default_rng(0)))
for epochs in (0, 10):
    if epochs:
        how = {"lr": 0.02, "batch_size": 100, "epochs": epochs, "rng": np.random.default_rng(0)}
        theta, _ = train(net, theta, digits.x_train, digits.labels_train, rule=adagrad_step, **how)
    grad = np.abs(net.loss_and_grad(theta, digits.x_train, digits.labels_train)[1])
    tiny, zero = np.mean((grad > 0) & (grad < 1e-4)), np.mean(grad == 0)
    print(f"after {epochs} epochs: {tiny:.0%} of the gradients below 1e-4, {zero:.0%} exactly 0")

# %% [markdown]
# *In the picture:* three curves rise from 0 to 1, KK's four powers of ten further right than that
# of Algorithm 1.
#
# Inside, ε = 10⁻⁸ acts like 10⁻⁴ outside. About one in eight of our network's gradients is smaller
# than that, and not 0: for these, KK's ε decides the step.

# %% [markdown]
# ## A step in the right unit
#
# SL2 lists AdaDelta among the improvements, CS7 thinks it looks best in its picture; neither writes
# it down. Its author, Zeiler, complained that α is in θ's unit, so who changes the unit must change
# α. Hence a second record, $d$, of the squares of the *steps*, Δ.

# %% [markdown]
# ### Exercise: `adadelta_step` (16 points)
#
# $$s \leftarrow \rho s + (1-\rho)\, g^2, \qquad
# \Delta = -\frac{\sqrt{d + \epsilon}}{\sqrt{s + \epsilon}}\, g, $$
#
# $$d \leftarrow \rho d + (1-\rho)\, \Delta^2, \qquad
# \theta \leftarrow \theta + \text{lr} \cdot \Delta .$$
#
# $d$ remembers Δ without `lr`; the state is `AdadeltaState(s, d)`.


# %% nbgrader={"grade_id": "adadelta_step", "solution": true}
def adadelta_step(theta, grad, state, *, lr=1.0, rho=0.95, eps=1e-6):
    """Take one step: the size of recent steps over the size of recent gradients, times g.

    theta, grad: arrays of one shape; state: AdadeltaState(s, d), zeros at first.
    lr scales what theta gets; 1 in Zeiler's paper.
    Returns the new theta and the new AdadeltaState.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "adadelta_step__check", "grade": true}
check(adadelta_step)

# %% tags=["experiment"]
for slope, eps in ((1.0, 1e-6), (1000.0, 1e-6), (1.0, 1e-4)):
    theta, state, places = np.zeros(1), AdadeltaState.zeros(np.zeros(1)), [0.0]
    for _ in range(1000):
        theta, state = adadelta_step(theta, np.array([slope]), state, eps=eps)
        places.append(-theta[0])
    lengths = np.diff(places)[[0, 99, 999]]
    print(f"slope {slope:>6}, ε = {eps:g}: steps 1, 100, 1,000 are {np.round(lengths, 4)} long")

# %% [markdown]
# The slope doesn't matter, and no α was given. But something must set the scale while $d$ is 0: it is
# $\sqrt\epsilon$. A hundred times the ε, ten times the steps. The learning rate went into hiding.

# %% [markdown]
# ## Momentum over RMS
#
# Adam puts two memories together: a running *mean* of gradients, lesson 03's momentum, above the
# line, RMSprop's record below it. Mind the letters: **KK's $v$ is the mean of gradients, Algorithm
# 1's $v$ is the mean of squares**; the first is $m$ there. Here it is $m$ and $v$, as in Algorithm 1.

# %% [markdown]
# ### Exercise: `adam_uncorrected_step` (8 points)
#
# KK's rule, in these letters:
#
# $$m \leftarrow \beta_1 m + (1-\beta_1)\, g, \qquad v \leftarrow \beta_2 v + (1-\beta_2)\, g^2,
# \qquad \theta \leftarrow \theta - \alpha \frac{m}{\sqrt{v + \epsilon}} .$$
#
# `AdamState.t` counts the updates done; nothing here needs it, but count.


# %% nbgrader={"grade_id": "adam_uncorrected_step", "solution": true}
def adam_uncorrected_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """Take one Adam step as KK writes it, without bias correction.

    theta, grad: arrays of one shape; state: AdamState(m, v, t), zeros at first.
    lr is the learning rate α; ε stands inside the root.
    Returns the new theta and the new AdamState.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "adam_uncorrected_step__check", "grade": true}
check(adam_uncorrected_step)

# %% [markdown]
# ### Spot the error: very very large
#
# CS7 calls this "almost" Adam: the second moment, $v$, starts at 0, so the first step is *very very
# large*. It says so with a β₂ of 0.9 or 0.99, and recommends 0.999 a few lines on. With which?

# %% [markdown]
# QUESTION first_adam_step

# %% nbgrader={"grade_id": "first_adam_step", "solution": true}

# %% nbgrader={"grade_id": "first_adam_step__check", "grade": true}
check("first_adam_step", first_adam_step)

# %% [markdown]
# The cure is to divide out what the start at 0 took away. After $t$ steps the weights
# $(1-\beta)\beta^i$ of the gradients in such a mean, $i$ steps old, add up to $1 - \beta^t$, not to 1.

# %% [markdown]
# ### Exercise: `adam_step` (17 points)
#
# Algorithm 1, as ONN prints it. First $t \leftarrow t + 1$; $m$ and $v$ as before; then
#
# $$\hat m = \frac{m}{1-\beta_1^t}, \qquad \hat v = \frac{v}{1-\beta_2^t}, \qquad
# \theta \leftarrow \theta - \alpha \frac{\hat m}{\sqrt{\hat v} + \epsilon} .$$
#
# ε is outside the root now. The state keeps $m$ and $v$ as they are before the correction.


# %% nbgrader={"grade_id": "adam_step", "solution": true}
def adam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """Take one Adam step: a mean of gradients over the root of a mean of squares.

    theta, grad: arrays of one shape; state: AdamState(m, v, t), t the updates done.
    lr is the learning rate α; both means are corrected for their start at 0.
    Returns the new theta and the new AdamState.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "adam_step__check", "grade": true}
check(adam_step)

# %% [markdown]
# Now the steps themselves, on a slope that never changes; and what it means for digits.

# %% tags=["experiment"]
unit = np.ones(1)
lengths = {}
for rule, form in ((adam_step, "corrected"), (adam_uncorrected_step, "uncorrected")):
    for beta2 in (0.9, 0.99, 0.999):
        theta, state, places = np.zeros(1), AdamState.zeros(unit), [0.0]
        for _ in range(3000):
            theta, state = rule(theta, unit, state, lr=1.0, beta2=beta2, eps=0.0)
            places.append(-theta[0])
        steps = lengths[f"{form}, β₂ = {beta2}"] = np.diff(places)
        sizes = f"first {steps[0]:.2f}, largest {steps.max():.2f}, last {steps[-1]:.2f}"
        print(f"{form}, β₂ = {beta2}: {sizes}, largest at step {np.argmax(steps.round(6)) + 1}")

fresh = AdamState.zeros(unit)
with np.errstate(all="ignore"):
    print("CS7's full form with t = 0:", adam_step(unit, unit, fresh._replace(t=-1))[0])

rules |= {
    "Adam": (adam_step, AdamState.zeros(np.zeros(net.num_parameters))),
    "Adam, uncorrected": (adam_uncorrected_step, AdamState.zeros(np.zeros(net.num_parameters))),
}
rates = [0.001, 0.003, 0.01, 0.03, 0.1]
fig, axes = panels(2)
moments = np.unique(np.geomspace(1, 3000, 40).astype(int))
shown = {"Adam, corrected": lengths["corrected, β₂ = 0.999"]}
shown |= {label: steps for label, steps in lengths.items() if label.startswith("un")}
curves = {label: (moments, steps[moments - 1]) for label, steps in shown.items()}
plot_curves(curves, xlabel="step", ylabel="length of the step, in α", ax=axes[0], logx=True)
curves, spread = {}, {}
for label in ("Adam", "Adam, uncorrected"):
    last = np.array([measure(label, lr)[1][:, -1] for lr in rates])
    curves[label] = rates, last.mean(axis=1)
    spread[label] = last.min(axis=1), last.max(axis=1)
    print(f"{label}: loss after ten epochs {np.round(last.mean(axis=1), 3)}")
names = {"xlabel": "learning rate α", "ylabel": "loss after ten epochs, nats"}
ax = plot_curves(curves, **names, ax=axes[1], logx=True, logy=True, every=1, spread=spread)

# %% [markdown]
# *In the picture:* on the left the corrected step is always 1; uncorrected ones start at 0.32, 1 and
# 3.16, and the one with β₂ = 0.999 swells to a hump before it slowly comes down. On the right (means
# of five seeds, a bar from best to worst) both curves fall and rise again, the uncorrected one some
# three to ten times further left.

# %% [markdown]
# ### See it move
#
# Any β₁ and β₂: where is the uncorrected step longest?

# %% tags=["experiment"]
bias_correction_explorer({"Adam": adam_step, "Adam, uncorrected": adam_uncorrected_step})

# %% [markdown]
# *In the picture:* for the usual β the corrected step is α from the first on; the uncorrected one
# begins at 3.2 α, is longest near step 13, 6.6 α, and comes down slowly. On the right the way gone:
# without correction it stays several times as long.

# %% [markdown]
# The first step is too *short* for β₂ = 0.9, right for 0.99 and too long for 0.999:
# (1 − β₁)/√(1 − β₂) = 0.32, 1 and 3.16. Not very very large; and the first isn't even the worst, as
# $m$ is grown up after some twenty steps, $v$ after some thousands.
#
# Is that bad? Not for the loss as such: at its best rate the uncorrected rule is even ahead here,
# long steps first and shorter ones later, a schedule by accident. But the α that you set isn't the
# α that you get, and at 0.03, fine with correction, it breaks. With correction, **α is the length
# of a step** on a steady slope.
#
# **Spot the error.** CS7's *full* form forgets to set $t$: at $t = 0$ it divides 0 by 0, as printed.
# Its code has more: `np.sqart`, `compute_Gradient` for `compute_gradient`, and `grad_sqaured` beside
# `grad_squared`. The first two stop at once. The last is the worse kind: where both names exist,
# RMSprop runs, and divides by a record that is never renewed.

# %% [markdown]
# ## Saddles: stuck, or past?
#
# **Spot the error.** CS7 on Adagrad: stuck at saddle points. Further down: RMSprop and Adagrad look
# good, because they get over them. Here is f = x² − y², from a thousandth beside the ridge; and the
# same saddle, turned by 45 degrees.


# %% tags=["experiment"]
def turned(surface):
    """Return the surface turned by 45 degrees: each parameter now moves along both axes."""
    turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)
    return Surface(
        name=f"{surface.name}, turned",
        f=lambda theta: surface.f(np.tensordot(turn.T, theta, axes=1)),
        grad=lambda theta: turn @ surface.grad(turn.T @ theta),
        hessian=lambda theta: turn @ surface.hessian(turn.T @ theta) @ turn.T,
        minimum=surface.minimum,
        view=surface.view,
        start=turn @ surface.start,
    )


pair = np.zeros(2)
racers = {
    "gradient descent": (gd_step, None),
    "momentum": (momentum_step, None),
    "Adagrad": (adagrad_step, None),
    "RMSprop": (rmsprop_step, None),
    "AdaDelta": (adadelta_step, AdadeltaState.zeros(pair)),
    "Adam": (adam_step, AdamState.zeros(pair)),
}
fig, axes = panels(2)
for ax, ridge in zip(axes, (saddle(), turned(saddle())), strict=True):
    paths = {}
    for label in ("gradient descent", "Adagrad", "RMSprop", "Adam"):
        rule, state = racers[label]
        path = descend(ridge, ridge.start, rule=rule, state=state, lr=0.1, num_steps=200)
        below = np.flatnonzero(ridge.f(path.T) < -1)
        when = f"step {below[0]}" if len(below) else "not in 200 steps"
        print(f"{ridge.name}, {label}, below a height of -1: {when}")
        paths[label] = path[:61]
    plot_paths(ridge, paths, ax=ax, legend=ax is axes[0])

# %% [markdown]
# *In the picture:* on the left the adaptive rules leave the ridge with their first steps, while
# gradient descent first slides to the saddle; on the right, in the same 60 steps, all follow the
# ridge: gradient descent and RMSprop leave at the saddle, Adam swings through it and back, Adagrad
# creeps and hasn't arrived.
#
# So Adagrad does both, each on its own saddle. Where the way down is an axis, a slope of 0.002 is
# divided by 0.002. Turn the saddle, and each parameter feels mostly the ridge's steep slope; what
# leads down is a small difference of two, and is divided by the steepness as well. RMSprop, which
# forgets the steepness, is late there and gets away. (Exactly on the ridge the slope off it is 0,
# and 0/√ε is 0: all stay.)

# %% [markdown]
# ## The race
#
# ONN's Demo 6-3 and Lab 03 use different optimizers, KK and CS7 show films of them (CS7 misses Adam
# in its own). Here is yours. First the valley, 100 times as steep across as along, and the same
# valley turned. Each rule gets the best of a row of rates for each.

# %% tags=["experiment"]
small, large = (0.005, 0.01, 0.0198), (0.03, 0.1, 0.3, 1.0, 3.0)


def steps_down(surface, path):
    """Return the step from which the height stays below a thousandth of the start, or infinity."""
    height = surface.f(path.T)
    last = np.flatnonzero(height >= height[0] / 1000)[-1]
    return last + 1 if last + 1 < len(height) else np.inf


fig, axes = panels(2)
for ax, canyon in zip(axes, (narrow, turned(narrow)), strict=True):
    best = {}
    for label, (rule, state) in racers.items():
        for lr in small if label in ("gradient descent", "momentum") else large:
            path = descend(canyon, canyon.start, rule=rule, state=state, lr=lr, num_steps=800)
            result = steps_down(canyon, path), canyon.f(path[-1]), lr, path
            best[label] = min(best.get(label, result), result, key=lambda found: found[:2])
    curves = {label: canyon.f(path[:301].T) for label, (*_, path) in best.items()}
    names = {"xlabel": "step", "ylabel": "height", "title": canyon.name}
    plot_curves(curves, **names, ax=ax, logy=True, legend=False)
    ax.set_ylim(1e-6, 100)
    print(f"{canyon.name}:")
    for label, (steps, height, lr, _) in best.items():
        when = f"{steps} steps" if steps < np.inf else "not in 800 steps"
        print(f"  {label:<16} {when:<16} α = {lr:<6}  height {height:.0e} after 800")
legend = fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=6)

# %% [markdown]
# *In the picture:* gradient descent comes down a slow straight line in both panels, momentum and
# Adam a steep one; RMSprop levels off, AdaDelta lags behind; Adagrad falls like a stone on the left,
# and on the right it ends above gradient descent.
#
# Momentum takes 64 steps in both: it knows nothing of axes. Dividing entry by entry knows nothing
# else: turn the valley, and Adagrad's 5 steps become 200. And Adam? 55, and 66 with an α ten times
# as large.

# %% [markdown]
# ### See it move
#
# The same race to play, each rule with a rate of its own. An `adam_step` that isn't right yet can run
# beside Adam: write it under another name and add it, `racers["mine"] = (my_step, AdamState.zeros(pair))`.

# %% tags=["experiment"]
rates = {"gradient descent": 0.01, "momentum": 0.01, "Adagrad": 0.5}
rates |= {"RMSprop": 0.1, "AdaDelta": 1.0, "Adam": 0.3}
optimizer_race(racers, lr=rates)

# %% [markdown]
# *In the picture:* after 100 steps momentum, Adagrad and Adam are close to the minimum, RMSprop jumps
# about it, gradient descent is half-way along the floor, and AdaDelta has hardly left the start.

# %% [markdown]
# ### Predict, then run: digits
#
# Now the network of 9,000 parameters, batches of 100, ten epochs, five seeds, three rates for each
# rule, a factor of about three apart; the rate with the lowest training loss counts. **Which rule
# has the lowest training loss? And how many per cent of the test digits lie between the rule that
# knows most and the one that knows least?**

# %% tags=["experiment"]
my_guess_winner = None  # a name
my_guess_lead = None  # per cent of the test digits

# %% tags=["experiment"]
many = np.zeros(net.num_parameters)
rules |= {
    "gradient descent": (gd_step, None),
    "momentum": (momentum_step, None),
    "RMSprop": (rmsprop_step, None),
    "AdaDelta": (adadelta_step, AdadeltaState.zeros(many)),
}
rows = {
    "gradient descent": (0.1, 0.3, 1.0),
    "momentum": (0.03, 0.1, 0.3),
    "Adagrad": (0.02, 0.05, 0.15),
    "RMSprop": (0.003, 0.01, 0.03),
    "AdaDelta": (1.0, 3.0, 10.0),
    "Adam": (0.003, 0.01, 0.03),
}
curves, right = {}, {}
for label, row in rows.items():
    best = min(row, key=lambda lr: measure(label, lr)[1][:, -1].mean())
    accuracies, found = measure(label, best)
    right[label] = accuracies.mean()
    curves[label] = range(1, 11), found.mean(axis=0)
    print(
        f"{label:<17} α = {best:<4}  loss {found[:, -1].mean():.3f} "
        f"({found[:, -1].min():.3f} to {found[:, -1].max():.3f}), "
        f"test {accuracies.mean():.1f} ± {accuracies.std(ddof=1):.1f} %"
    )
fig, ax = panels(1)
ax = plot_curves(curves, xlabel="epoch", ylabel="training loss, nats", ax=ax, logy=True, every=1)
lead = max(right.values()) - min(right.values())
print(f"best and worst on the test digits: {lead:.1f} % apart")
print(f"your guess: {my_guess_winner}, {my_guess_lead} %")

# %% [markdown]
# *In the picture:* six curves fall side by side; Adam's is the lowest from the first epoch to the
# last, gradient descent's the highest from the second on.
#
# Adam wins on the training loss. On the test digits the five rules that remember lie within 1.2 % of
# each other, where one rule's seeds spread by 0.3 to 0.6 %; AdaDelta has its nose in front, as in
# CS7's picture. CS7 adds rightly: choose by the problem. SL2 is honest about it: Adam is great, it says,
# and in its own homework plain SGD without momentum was chosen in the end.

# %% [markdown]
# QUESTION why_adam_works

# %% nbgrader={"grade_id": "why_adam_works", "solution": true}

# %% nbgrader={"grade_id": "why_adam_works__check", "grade": true}
check("why_adam_works", why_adam_works)

# %% [markdown]
# And the training of the beginning, with the pixel in another unit? Each rule has a rate that suits
# it, gradient descent a hundredth of the one with which it bounced.

# %% tags=["experiment"]
for label, rule, lr in (
    ("gradient descent", memoryless_gd, 0.0001),
    ("momentum", momentum_step, 0.0003),
    ("Adagrad", adagrad_step, 0.1),
    ("RMSprop", rmsprop_step, 0.01),
    ("Adam", adam_step, 0.03),
):
    state = AdamState.zeros(first_weights) if label == "Adam" else None
    losses, _, accuracy = full_training(rule, lr=lr, state=state)
    print(f"{label:<17} α = {lr:<6} loss {losses[-1]:.2f}, {accuracy:.0%} of the test digits")

# %% [markdown]
# One α for all creeps, with memory or without; what divides, walks.
#
# ## One idea, several notations
#
# | | KK | ALR | ONN | CS7 |
# |---|---|---|---|---|
# | learning rate | α | η | η | learning_rate |
# | Adagrad | α/√(s + ε), s a sum | η/σ, η constant | η_t/σ_t, η_t = η/√(t+1) | α/(√s + 1e-7) |
# | RMSprop | decay β, s from 0 | decay α, σ⁰ = \|g⁰\| | decay α, σ⁰ = g⁰ (sic) | decay_rate |
# | Adam | v, s; no correction | momentum over RMS | m, v; corrected | both forms |
# | ε | inside, √(s + ε) | none | Adam: √v̂ + ε | outside, 1e-7 |
#
# (ALR's and ONN's σ is an RMS mean, in RMSprop one that forgets.)
#
# **False friends.** α is a learning rate (KK, Algorithm 1) or a decay (ALR and ONN, RMSprop). $v$
# is a velocity (lesson 03), a mean of gradients (KK's Adam) or a mean of squares (Algorithm 1).

# %% [markdown]
# ## Back to the training that didn't move
#
# Explain it to a friend who knows gradient descent and momentum, in your own words and without a
# formula: *why did the loss of the digits in mixed units not fall although the gradient was large?
# What do Adagrad and Adam do about it? And name one thing that they can't do.* (6 points, read by
# a person.)

# %% [markdown] nbgrader={"grade_id": "adaptive__why", "grade": true, "solution": true, "points": 6}
# ### BEGIN SOLUTION
# **Two points each.** *It bounced.* The weights of the pixel stored from 0 to 255 have a far
# steeper direction than the others: the one α for all was too long for them, so they jumped from
# wall to wall, where the gradient is large. A smaller α would have stopped the bouncing and left
# the other weights nearly where they were.
#
# *They divide* each parameter's step by the size that its own gradients have had, so steep
# parameters take short steps and flat ones long steps, whatever the unit. Adagrad adds up all
# squares and so gets slower for ever; Adam takes a mean that forgets, and its direction is a mean
# of recent gradients as well.
#
# *One of:* they don't see valleys or saddles that lie across the axes, as each parameter is
# treated by itself; they don't know how far the end is; α is still to be chosen; with a constant α
# RMSprop (and Adam in noise) doesn't come to rest; they don't help where the gradient is exactly 0.
# ### END SOLUTION

# %% [markdown]
# ## In the wild
#
# - **PyTorch** puts ε outside the root in `Adagrad` (`lr=0.01, eps=1e-10`), `RMSprop` (`lr=0.01,
#   alpha=0.99, eps=1e-8`: its `alpha` is the decay, as in ALR and ONN) and `Adam` (`lr=0.001,
#   betas=(0.9, 0.999), eps=1e-8`, corrected: your `adam_step`). Only `Adadelta` (`lr=1.0, rho=0.9,
#   eps=1e-6`) has it inside, as here.
# - **Keras** has `RMSprop` with ε inside (`rho=0.9, epsilon=1e-7`). Its `Adam` is corrected, with
#   an ε̂ of 1e-7 that is added to √v before the correction, the paper's faster order.
# - Learning rates don't travel between rules: one multiplies a gradient, the other *is* the step.
#   Of our rows gradient descent wanted 0.3, Adam 0.03. Adam's default 0.001 is meant for far more
#   than our 120 steps; here its loss only came down to 0.317.
# - CS7 calls Adam, at 1e-3 or 5e-4, a good default in most cases, and finds RMSprop much used in
#   reinforcement learning. ALR ends with RAdam: lesson 05.

# %% [markdown]
# ## Who chooses 9,000 rates?
#
# Nobody has to. Each parameter's own gradients say how steep its direction is; divide by their size,
# and one α, the length of a step, does for all. You choose how long that record remembers. And you
# choose α, which stays what it is to the end: too long near the minimum, too short far away. Letting
# it change in time is lesson 05.

# %% [markdown]
# ### The documents
#
# - **KK**: *Knock Knock! Deep Learning*, Day 6: 關於 Training,還有一些基本功(二) (Chinese)
# - **ALR**: *Adaptive Learning Rate (training tips)* (Chinese)
# - **ONN**: 優化神經網路, part 6-3, 可適性學習率優化器 (Chinese)
# - **CS7**: *Stanford CS231n 7강. Training Neural Networks 2* (Korean)
# - **SL2**, which names the rules: *Deep Learning 学习笔记 03 – Supervised Learning (2)* (Chinese)
