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
# # The step over time
#
# Schedules: decay, warm-up, restarts, and RAdam. 60 to 90 minutes.
#
# Lesson 04 gave every parameter a step of its own and left one number alone: the learning rate
# that scales them all. Here it begins to move. You write five schedules and one update rule.
# **ALR** and **CS7** speak, **ONN** (its part 6-3) has a word; their full titles stand at the end.

# %%
from functools import cache, partial

import numpy as np

from descentlab import (
    MLP,
    AdamState,
    RmsState,
    Surface,
    check,
    descend,
    load_digits,
    panels,
    plot_curves,
    plot_paths,
    train,
    valley,
)
from descentlab.widgets import schedule_explorer

rng = np.random.default_rng(5)
digits = load_digits()

# %% [markdown]
# Four things come along from earlier lessons.

# %%
### GIVEN adagrad_step

# %%
### GIVEN rms_step

# %%
### GIVEN adam_step

# %%
### GIVEN init_he

# %% [markdown]
# ## Up, and then down
#
# Somebody who trains a deep network today will often do this: begin with a tiny learning rate,
# raise it for a while, and then lower it to the end. Lesson 04 gave reasons for neither. Long
# steps get you far, short ones let you settle; so *down* sounds sensible. **But why up first? And
# if each parameter's step is adapted anyway, why touch the rate at all?**
#
# A rule that says which rate to use when is a *schedule*: a function of $t$, the number of the
# update. Here $t$ counts from 0, so `lr(0)` is the rate of the first update, and `train` and
# `descend` take such a function in the place of a number. ALR writes $\eta_t$ for its value.

# %% [markdown]
# ## A walk that bursts
#
# ALR lets its improved rule walk down the valley. The rule is your `rms_step` with constant η:
# divide by σ, the root mean square of all gradients so far, one for each parameter. It drops to
# the floor, turns, walks towards the minimum, and close to the end something happens.

# %% [markdown]
# ### Predict, then run
#
# The valley is 100 times as steep across as along; the minimum is at (0, 0). From (−4, 0.22) with
# η = 0.1, `rms_step` reaches the floor at once: after 26 steps it is less than 10⁻¹¹ beside it.
# **What will be its largest distance from the floor within the next 174 steps?**

# %% tags=["experiment"]
my_guess_distance = None  # a number; it began at 0.22

# %% tags=["experiment"]
narrow = valley(ratio=100)
no_rms = RmsState.zeros(np.zeros(2))
walk = partial(descend, narrow, rule=rms_step, state=no_rms, lr=0.1, num_steps=600)
path = walk([-4.0, 0.22])
beside = np.abs(path[:, 1])

fig, axes = panels(2)
plot_paths(narrow, {"RMS, constant η": path[:101]}, ax=axes[0], legend=False)
curves = {"RMS, constant η": beside[:201]}
names = {"xlabel": "step", "ylabel": "distance from the floor"}
plot_curves(curves, **names, ax=axes[1], logy=True, legend=False)

print(f"after 26 steps {beside[26]:.0e}, then at most {beside[26:201].max():.2f}")
print(f"your guess: {my_guess_distance}")
for start in (0.2, 0.22, 0.25, 0.28, 0.4):
    places, off = walk([-4.0, start]).T
    off = np.abs(off)
    calm = int(np.argmin(off[:200]))
    first = calm + int(np.argmax(off[calm:] > 0.01))
    x, peak = places[first], off[first : first + 30].max()
    print(f"start {start:<4}: over 0.01 again at step {first}, x = {x:.3f}, as far as {peak:.2f}")

# %% [markdown]
# *In the picture:* on the left the path drops to the floor and runs along it, until shortly before
# the minimum it jumps from wall to wall, and then calms down; on the right the distance from the
# floor falls for 26 steps by eleven powers of ten, climbs back by as many, falls, and climbs again.
#
# The start is chosen for the picture: the further up the wall it lies, the later the burst comes,
# from 0.4 long after the walk has arrived.

# %% [markdown]
# QUESTION burst_cause

# %% nbgrader={"grade_id": "burst_cause", "solution": true}

# %% nbgrader={"grade_id": "burst_cause__check", "grade": true}
check("burst_cause", burst_cause)

# %% [markdown]
# QUESTION thinned_out

# %% nbgrader={"grade_id": "thinned_out", "solution": true}

# %% nbgrader={"grade_id": "thinned_out__check", "grade": true}
check("thinned_out", thinned_out)

# %% [markdown]
# Lesson 00 says when such a walk breaks: across the valley the curvature is 100, so a rate above
# 2/100 makes every step overshoot by more than it corrects. Here is the rate η/σ across the
# valley, taken from your rule's state.

# %% tags=["experiment"]
theta, state, rates = np.array([-4.0, 0.22]), no_rms, []
for _ in range(600):
    theta, state = rms_step(theta, narrow.grad(theta), state, lr=0.1)
    rates.append(0.1 / state.sigma[1])
rates = np.array(rates)

over = np.flatnonzero((rates[1:] > 0.02) & (rates[:-1] <= 0.02)) + 1
print(f"rate across: step 1 {rates[0]:.4f}, step 26 {rates[25]:.4f}, step 75 {rates[74]:.4f}")
print(f"it climbs over 0.02 at steps {', '.join(str(step + 1) for step in over)}")

# %% [markdown]
# So the calm was treacherous. While nothing happened across the valley, σ there thinned out as
# $1/\sqrt{t}$, the rate grew, and above 0.02 whatever was left of $y$ began to grow. ALR sees what
# ends it: large gradients fill σ again. It sees one burst; there are more, as σ thins out again.

# %% [markdown]
# ### Spot the error: not with Adagrad
#
# ALR says that this walk is Adagrad's. Adagrad divides by the root of a *sum*, which never shrinks:
# its rate never grows, and what is stable once stays so. What its walk lacks is a decay.

# %% [markdown]
# QUESTION decay_of_adagrad

# %% nbgrader={"grade_id": "decay_of_adagrad", "solution": true}

# %% nbgrader={"grade_id": "decay_of_adagrad__check", "grade": true}
check("decay_of_adagrad", decay_of_adagrad)


# %% tags=["experiment"]
def root_decay(t):
    """Return ONN's η_t = η/√(t + 1) with η = 0.5."""
    return 0.5 / np.sqrt(t + 1)


start = [-4.0, 0.22]
decayed = walk(start, lr=root_decay)
adagrad = descend(narrow, start, rule=partial(adagrad_step, eps=0), lr=0.5, num_steps=600)

fig, axes = panels(2)
paths = {"RMS, constant η": path[:101], "RMS, decaying η": decayed[:101]}
plot_paths(narrow, paths, ax=axes[0])
curves = {"RMS, constant η": beside, "RMS, decaying η": np.abs(decayed[:, 1])}
names = {"xlabel": "step", "ylabel": "distance from the floor"}
plot_curves(curves, **names, ax=axes[1], logy=True, legend=False)
axes[1].set_ylim(1e-18, 10)

print(f"decayed RMS and Adagrad: at most {np.abs(decayed - adagrad).max():.0e} apart")
for label, found in (("constant", path), ("decaying", decayed)):
    late = np.abs(found[26:, 1]).max()
    near = np.argmax(np.abs(found[:, 0]) < 0.01)
    print(f"{label}: |x| < 0.01 at step {near}, from step 26 on at most {late:.0e} off the floor")

# %% [markdown]
# *In the picture:* on the left the decaying η swings across the floor a few times at the start and
# then goes straight to the minimum, where the constant one bursts; on the right the constant η
# bursts again and again, and the decaying one sinks out of sight.
#
# (It begins at 0.5: a rate that will shrink may start larger.) So ALR's *learning rate decay* does
# cure the burst, and with ONN's decay the cured rule **is** Adagrad. But why this one and no other?

# %% [markdown]
# ## Three ways down
#
# ALR's author notes that how exactly to schedule isn't said; presumably it depends on the number of
# updates. It does. CS7 names two ways, exponential and 1/t. A third: wait, then cut.
#
# | | the rate | its decay |
# |---|---|---|
# | **ALR** | η, here $\eta_t$ | named, not written down |
# | **ONN** | $\eta^t$, no power | $\eta/\sqrt{t+1}$, as a part of Adagrad |
# | **CS7** | learning_rate | exponential and 1/t, not written down |
#
# In the exercises it is $\alpha_t$.

# %% [markdown]
# ### Exercise: `step_decay` (10 points)
#
# $$\alpha_t = \alpha_0 \cdot \text{drop}^{\lfloor t/\text{every} \rfloor} .$$
#
# $\alpha_0$ is `lr0`, the rate of update 0; ⌊ ⌋ rounds down. Return a float. Stuck? Run
# `from descentlab import hint`, then `hint(step_decay)`.


# %% nbgrader={"grade_id": "step_decay", "solution": true}
def step_decay(lr0, t, drop=0.5, every=10):
    """Lower the learning rate by a factor, all at once, every so many updates.

    lr0: the rate of update 0; t: the update, from 0.
    drop: the factor, at most 1; every: updates between two drops.
    Returns the rate of update t.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "step_decay__check", "grade": true}
check(step_decay)

# %% [markdown]
# ### Exercise: `exponential_decay` (8 points)
#
# The same share is lost at every update:
#
# $$\alpha_t = \alpha_0 \, e^{-kt} .$$


# %% nbgrader={"grade_id": "exponential_decay", "solution": true}
def exponential_decay(lr0, t, k):
    """Lower the learning rate by the same share at every update.

    lr0: the rate of update 0; t: the update, from 0.
    k: at least 0; if it is small, the share lost per update.
    Returns the rate of update t.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "exponential_decay__check", "grade": true}
check(exponential_decay)

# %% [markdown]
# ### Exercise: `inverse_time_decay` (8 points)
#
# CS7's 1/t decay:
#
# $$\alpha_t = \frac{\alpha_0}{1 + kt} .$$


# %% nbgrader={"grade_id": "inverse_time_decay", "solution": true}
def inverse_time_decay(lr0, t, k):
    """Lower the learning rate as one over time.

    lr0: the rate of update 0; t: the update, from 0.
    k: at least 0; the rate is halved at t = 1/k.
    Returns the rate of update t.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "inverse_time_decay__check", "grade": true}
check(inverse_time_decay)

# %% [markdown]
# Two things are asked of a decay. It must calm the noise near the goal, and it must not give up
# before it gets there. Try both: a bowl of curvature 1, from 100 units away, with Gaussian noise of
# size 1 on every slope; 200 walkers at once, each with noise of its own.

# %% tags=["experiment"]
decays = {
    "constant": lambda t: 0.1,
    "step": partial(step_decay, 0.1, drop=0.5, every=35),
    "exponential": partial(exponential_decay, 0.1, k=0.02),
    "1/t": partial(inverse_time_decay, 0.1, k=0.02),
}
times = np.arange(3000)
distances = {}
for label, decay in decays.items():
    places, far = np.full(200, 100.0), []
    for t in times:
        places = places - decay(t) * (places + rng.normal(size=200))
        far.append(np.sqrt(np.mean(places**2)))
    distances[label] = far

fig, axes = panels(2)
curves = {label: [decay(t) for t in times[:301]] for label, decay in decays.items()}
plot_curves(curves, xlabel="update t", ylabel="learning rate", ax=axes[0], legend=False)
names = {"xlabel": "updates done", "ylabel": "distance from the minimum"}
curves = {label: (times + 1, far) for label, far in distances.items()}
plot_curves(curves, **names, ax=axes[1], logx=True, logy=True, every=600)

for label, decay in decays.items():
    total = sum(decay(t) for t in range(100_000))
    end = distances[label][-1]
    print(f"{label:<11} distance {end:6.3f}, all rates together {total:8.1f} in 100,000 updates")

# %% [markdown]
# *In the picture:* on the left a level line, a staircase, and two curves: the exponential one cuts
# the staircase's inner corners, 1/t ends above both; on the right the constant rate falls first
# and levels off, the exponential one levels off above it, the staircase below, and 1/t still
# falls.

# %% [markdown]
# The constant rate is near the goal soonest, and then noise keeps it trembling at 0.25. The others
# grow calm, but look at the last column. All rates of the exponential decay together make 5.1,
# however long you wait; with a curvature of 1, a distance shrinks by no more than about
# $e^{-5.1}$, so of 100 units 0.6 is left for good. It calmed down before it had arrived, and so did
# the staircase. The rates of 1/t add up without end and their squares don't; under these two
# conditions (Robbins and Monro, 1951) the noise dies out and no goal is out of reach.
#
# But 1/t is slow. A training of known length needs no promise for eternity, only a decay that
# doesn't come too soon.

# %% [markdown]
# ## First no decay, and look
#
# How do you choose *when*? CS7: try it without decay first, and look with your own eyes. Do that,
# with Adam on digits: two hidden layers of 64 units, batches of 20, 20 epochs, that is 1,200
# updates, five seeds.

# %% tags=["experiment"]
net = MLP([64, 64, 64, 10])


def trained(network, rule, lr, *, batch_size, epochs):
    """Train with five seeds; return each epoch's losses, test and validation accuracies in %."""
    losses, accuracies, validated = [], [], []
    for seed in range(5):
        seeded = np.random.default_rng(seed)
        theta = network.pack(init_he(network.layer_sizes, seeded))
        data = digits.x_train, digits.labels_train
        how = {"batch_size": batch_size, "epochs": epochs, "rng": seeded, "progress": False}
        state = AdamState.zeros(theta)
        theta, history = train(network, theta, *data, rule=rule, state=state, lr=lr, **how)
        losses.append(history.train_losses)
        accuracies.append(100 * network.accuracy(theta, digits.x_test, digits.labels_test))
        validated.append(100 * network.accuracy(theta, digits.x_val, digits.labels_val))
    return np.array(losses), np.array(accuracies), np.array(validated)


def summary(found):
    """Say in one line what five seeds came to."""
    losses, accuracies, _ = found
    last = losses[:, -1]
    return (
        f"loss {last.mean():.4f} ({last.min():.4f} to {last.max():.4f}), "
        f"test {accuracies.mean():.1f} ± {accuracies.std(ddof=1):.1f} %"
    )


small_batches = cache(partial(trained, net, adam_step, batch_size=20, epochs=20))
epochs = range(1, 21)
undecayed = {f"Adam, α = {lr}": small_batches(lr) for lr in (0.03, 0.003)}

fig, ax = panels(1)
curves = {label: (epochs, found[0].mean(axis=0)) for label, found in undecayed.items()}
names = {"xlabel": "epoch", "ylabel": "training loss, nats"}
ax = plot_curves(curves, **names, ax=ax, logy=True, every=2)
for label, found in undecayed.items():
    print(f"{label}: {summary(found)}")

# %% [markdown]
# *In the picture:* α = 0.03 is ahead for the first two epochs, and from about the tenth goes up and
# down without falling; α = 0.003 falls all the way.

# %% [markdown]
# ### Predict, then run
#
# Now you have looked: 0.03 gets stuck from about epoch 10 on, at a loss of about 0.1. Cut it to a
# tenth after half of the updates. **By what factor is the loss smaller at the end?** And what if
# you hadn't looked, and had cut after every 60 updates, once an epoch?

# %% tags=["experiment"]
my_guess_factor = None  # how many times smaller?

# %% tags=["experiment"]
half_way = partial(step_decay, 0.03, drop=0.1, every=600)
too_soon = partial(step_decay, 0.03, drop=0.1, every=60)
needless = partial(step_decay, 0.003, drop=0.1, every=600)
plans = {
    "Adam, α = 0.03": 0.03,
    "Adam, 0.03, cut half-way": half_way,
    "Adam, 0.03, cut each epoch": too_soon,
}
results = {label: small_batches(lr) for label, lr in plans.items()}
fig, ax = panels(1)
curves = {label: (epochs, found[0].mean(axis=0)) for label, found in results.items()}
ax = plot_curves(curves, **names, ax=ax, logy=True, every=2)
for label, found in results.items():
    print(f"{label}: {summary(found)}")
print(f"Adam, 0.003, cut half-way: {summary(small_batches(needless))}")
ends = [results[label][0][:, -1].mean() for label in plans]
print(f"cut half-way: {ends[0] / ends[1]:.0f} times smaller; your guess: {my_guess_factor}")

# %% [markdown]
# *In the picture:* the curve cut half-way leaves the constant one at epoch 11 and dives; the one
# that is cut each epoch drops below both for the second epoch and is a level line from the fourth.

# %% [markdown]
# ### Diagnose
#
# Two of the curves look alike: a loss of about 0.1, and no progress. Their illnesses are not alike.
# **What is wrong with each, and what would you do about it?** Commit yourself again.

# %% tags=["experiment"]
my_diagnosis_constant = None  # in a few words
my_diagnosis_each_epoch = None

# %% [markdown]
# The constant one bounces, as in ALR's valley: its steps are too long to settle. The other is
# frozen: after four cuts its rate is 0.000003. The first wants a smaller rate, the second a larger
# one. A loss curve alone may not tell you which; look at the rate as well.
#
# And the last line but one: α = 0.003 wasn't stuck, and cutting it made the loss three times
# *larger*. That is what CS7's advice saves you from. Decay is a remedy for a curve that has
# stopped falling.

# %% [markdown]
# ## Up first: what σ doesn't know yet
#
# Of warm-up, the way *up*, ALR says that old papers did it and nobody told why. Its guess: σ is a
# statistic. Early on it is made of few gradients and can't be trusted, so walk slowly at first and
# collect, until it can.
#
# That can be measured. Forty runs stand at the same weights; each draws its own batches of 50
# digits, and Adam's σ, $\sqrt{\hat v}$ of lesson 04, is taken after $t$ gradients. How far do the
# runs disagree about one and the same parameter?

# %% tags=["experiment"]
moments = np.array([1, 2, 5, 10, 20, 50, 100])
weights = net.pack(init_he(net.layer_sizes, np.random.default_rng(0)))


def sigmas(seed):
    """Return Adam's σ of every parameter after so many gradients, all taken at the same weights."""
    seeded, state, found = np.random.default_rng(seed), AdamState.zeros(weights), []
    for t in range(1, moments[-1] + 1):
        rows = seeded.integers(len(digits.x_train), size=50)
        _, grad = net.loss_and_grad(weights, digits.x_train[rows], digits.labels_train[rows])
        _, state = adam_step(weights, grad, state)
        if t in moments:
            found.append(np.sqrt(state.v / (1 - 0.999**t)))
    return found


seen = np.array([sigmas(seed) for seed in range(40)])
seen = seen[:, :, (seen > 0).all(axis=(0, 1))]  # without pixels and units that are never on
low, high = np.quantile(1 / seen, [0.05, 0.95], axis=0)
ratio = np.median(high / low, axis=1)
scatter = np.median(seen.std(axis=0) / seen.mean(axis=0), axis=1)

fig, ax = panels(1)
curves = {"digits": (moments, ratio)}
names = {"xlabel": "gradients in σ", "ylabel": "η/σ: 95th over 5th percentile"}
ax = plot_curves(curves, **names, ax=ax, logx=True, logy=True, every=1, legend=False)
for t, often, part in zip(moments, ratio, scatter, strict=True):
    print(f"after {t:>3} gradients: 95th over 5th percentile {often:5.2f}, σ ± {part:.0%}")
power = np.polyfit(np.log(moments), np.log(scatter), 1)[0]
print(f"fitted power of t in the scatter of σ: {power:.2f}")

# %% [markdown]
# *In the picture:* the ratio of the rates of a fast run and a slow one (the 95th percentile and the
# 5th) falls from eighteen after one gradient to 1.2 after a hundred, ever more slowly.
#
# Eighteen times as fast by chance alone. σ then gets better like $1/\sqrt{t}$, as every mean does:
# the fitted power is −0.51. The first half of ALR's guess holds: early on σ is a poor measure. What
# to do about it is easy to write.

# %% [markdown]
# ### Exercise: `linear_warmup` (12 points)
#
# $$\alpha_t = \alpha \cdot \min\left(1, \frac{t + 1}{\text{warmup\_steps}}\right) .$$
#
# `warmup_steps` is at least 1. The whole rate is reached with update $t$ = `warmup_steps` − 1.


# %% nbgrader={"grade_id": "linear_warmup", "solution": true}
def linear_warmup(lr, t, warmup_steps):
    """Raise the learning rate evenly over the first updates, then hold it.

    lr: the rate after the warm-up; t: the update, from 0.
    warmup_steps: updates until the whole rate is reached, at least 1.
    Returns the rate of update t.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "linear_warmup__check", "grade": true}
check(linear_warmup)

# %% [markdown]
# ## A warm-up that nobody tunes
#
# How many steps of warm-up? ALR points to **RAdam**, an Adam that works it out from β₂. It asks how
# many gradients' worth of evidence stand in $v$, a number called $\rho_t$: with β₂ near 1 about $t$
# at first, and at most $\rho_\infty$, as $v$ forgets. From $\rho_t$ follows a factor $r$ below 1
# that makes Adam's step shorter, just as much as σ is still uncertain.

# %% [markdown]
# ### Exercise: `radam_step` (30 points)
#
# $m$, $v$, $\hat m$, $\hat v$ and $t \leftarrow t + 1$ as in Adam, so $t = 1$ at the first step.
# Then
#
# $$\rho_\infty = \frac{2}{1-\beta_2} - 1, \qquad
# \rho_t = \rho_\infty - \frac{2 t \beta_2^t}{1 - \beta_2^t} .$$
#
# If $\rho_t > 4$:
#
# $$r = \sqrt{\frac{(\rho_t - 4)(\rho_t - 2)\,\rho_\infty}
# {(\rho_\infty - 4)(\rho_\infty - 2)\,\rho_t}},
# \qquad \theta \leftarrow \theta - \alpha\, r\, \frac{\hat m}{\sqrt{\hat v} + \epsilon} ;$$
#
# otherwise $\theta \leftarrow \theta - \alpha \hat m$: too little evidence, so $v$ is left out.
# The state keeps $m$ and $v$ as they are before the correction. This is Algorithm 2 of Liu and
# others (2019).


# %% nbgrader={"grade_id": "radam_step", "solution": true}
def radam_step(theta, grad, state, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """Take one Adam step that trusts σ only as far as enough gradients stand in it.

    theta, grad: arrays of one shape; state: AdamState(m, v, t), t the updates done.
    lr is the learning rate α.
    Returns the new theta and the new AdamState.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "radam_step__check", "grade": true}
check(radam_step)

# %% [markdown]
# Is $r$ the right amount? On a slope that is always 2, Adam's step is α, so yours shows $r$ itself.
# Beside it stands how much 1/σ scatters after as many gradients, if they are Gaussian noise: its
# standard deviation over 40,000 parameters.

# %% tags=["experiment"]
slope, theta, state = np.array([2.0]), np.zeros(1), AdamState.zeros(np.zeros(1))
noise_state = AdamState.zeros(np.zeros(40_000))
for t in range(1, 201):
    new, state = radam_step(theta, slope, state, lr=1.0, eps=0.0)
    length, theta = (theta - new)[0], new
    _, noise_state = adam_step(np.zeros(40_000), rng.normal(size=40_000), noise_state)
    if t in (1, 4, 5, 6, 10, 20, 50, 100, 120, 200):
        scatter = np.std(np.sqrt((1 - 0.999**t) / noise_state.v))
        both = f"r · scatter {length * scatter:.4f}" if t > 4 else "v isn't used"
        print(f"step {t:>3}: length {length:.3f}, scatter of 1/σ {scatter:8.3f}, {both}")

# %% [markdown]
# From step 20 on the product hardly changes: the more 1/σ scatters, the smaller is $r$. That is the
# idea of RAdam: make the *uncertainty* of the step the same at all times. (At steps 5 and 6 the
# approximation behind $r$ is poor. After one gradient the scatter is infinite in theory; a sample
# shows some huge number.)
#
# The first four steps stand apart. They have the length of the gradient, 2 here, times α: without σ
# it matters again in which unit a gradient comes. The threshold is a convention: the paper has
# $\rho_t > 4$, the authors' code $\rho_t \ge 5$, PyTorch $\rho_t > 5$. With β₂ = 0.999,
# $\rho_5 = 4.996$: yours divides from step 5 on, theirs from step 6.

# %% [markdown]
# ## Down and up again
#
# CS7 has one more idea, among its tricks for ensembles: a *cyclic* rate. It falls along half a
# cosine wave, slowly, then fast, then slowly, jumps back up, and falls again.

# %% [markdown]
# ### Exercise: `cosine_annealing` (16 points)
#
# $$\alpha_t = \alpha_{\min} + \tfrac12 (\alpha_{\max} - \alpha_{\min})
# \left(1 + \cos\frac{\pi\,(t \bmod P)}{P}\right) ,$$
#
# where $P$ is `period` and $t \bmod P$ the remainder of $t$ divided by $P$. Angles are in radians.


# %% nbgrader={"grade_id": "cosine_annealing", "solution": true}
def cosine_annealing(lr_max, t, period, lr_min=0.0):
    """Lower the learning rate along half a cosine wave, and start again every period.

    lr_max: the rate at each start; lr_min: what it falls towards.
    t: the update, from 0; period: updates from one start to the next.
    Returns the rate of update t.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "cosine_annealing__check", "grade": true}
check(cosine_annealing)

# %% tags=["experiment"]
restarts = partial(cosine_annealing, 0.03, period=300)
one_wave = partial(cosine_annealing, 0.03, period=1200)
results = {
    "Adam, α = 0.03": small_batches(0.03),
    "Adam, four periods": small_batches(restarts),
    "Adam, one period": small_batches(one_wave),
}
fig, axes = panels(2)
curves = {
    "Adam, α = 0.03": np.full(1200, 0.03),
    "Adam, four periods": [restarts(t) for t in range(1200)],
    "Adam, one period": [one_wave(t) for t in range(1200)],
}
plot_curves(curves, xlabel="update t", ylabel="learning rate", ax=axes[0], legend=False)
curves = {label: (epochs, found[0].mean(axis=0)) for label, found in results.items()}
names = {"xlabel": "epoch", "ylabel": "training loss, nats"}
plot_curves(curves, **names, ax=axes[1], logy=True, every=2)
for label, found in results.items():
    print(f"{label}: {summary(found)}")
cycles = results["Adam, four periods"][0].mean(axis=0)[4::5]
print("loss at the end of each of the four periods:", ", ".join(f"{loss:.3f}" for loss in cycles))

# %% [markdown]
# *In the picture:* on the left the rate as a level line, as four half waves with jumps between
# them, and as one; on the right the four periods show as four dips of the loss, with a leap after
# each, while one period stays high for long and in the end lies lowest.

# %% [markdown]
# ### See it move
#
# Put a plan together from your own parts, a warm-up, a decay, their lengths, and watch the loss.

# %% tags=["experiment"]
decays = {
    "step": step_decay,
    "exponential": exponential_decay,
    "1/t": inverse_time_decay,
    "cosine": cosine_annealing,
}
schedule_explorer(decays, rule=adam_step, init=init_he, warmup=linear_warmup)

# %% [markdown]
# *In the picture:* as it stands here the plan is a constant rate, a level line, and on the right its
# loss falls on a logarithmic axis and begins to jump near the end.

# %% [markdown]
# One period ends far below everything else here: a decay that waits long, and then goes all the
# way. (Not on the test digits: 97.6 %; cut half-way and restarts have 97.4 and 97.3.) Each restart
# throws much of what was won away, and wins it back in five epochs, each time a little better. Why
# do that? At the end of each period stands a finished network, a *snapshot*. Four of them can
# vote; lesson 09 lets them, and looks whether they have different things to say.

# %% [markdown]
# ## Up, down, or both?
#
# Now the plan of the beginning, put to the test. The network has eight hidden layers of 64 units:
# picked because the plans differ there; with fewer layers they differ less. Batches of 50, five
# epochs: 120 updates. Four plans with the same largest rate, and RAdam with a constant one.

# %% [markdown]
# ### Predict, then run
#
# With constant α = 0.03 Adam ends at 67.5 % of the test digits, the mean of five seeds. **What
# does it reach with up alone (60 updates of warm-up) or down alone (half a cosine wave)? And with
# both?**

# %% tags=["experiment"]
my_guess_alone = None  # per cent
my_guess_both = None  # per cent

# %% tags=["experiment"]
deep = MLP([64] + [64] * 8 + [10])
fall = partial(cosine_annealing, period=120)


def up_and_down(lr, t):
    """Return the rate of half a cosine wave, with 60 updates of warm-up on top of it."""
    return linear_warmup(fall(lr, t), t, warmup_steps=60)


plans = {
    "constant": (adam_step, lambda lr, t: lr),
    "up": (adam_step, partial(linear_warmup, warmup_steps=60)),
    "down": (adam_step, fall),
    "up and down": (adam_step, up_and_down),
    "RAdam": (radam_step, lambda lr, t: lr),
}
row = [0.003, 0.01, 0.03]
curves, spread, table, chosen = {}, {}, {}, {}
for label, (rule, plan) in plans.items():
    found = [trained(deep, rule, partial(plan, lr), batch_size=50, epochs=5) for lr in row]
    table[label] = np.array([tested for _, tested, _ in found])
    chosen[label] = int(np.argmax([validated.mean() for *_, validated in found]))
    apart = np.array(row) * 1.05 ** (len(curves) - 2)
    curves[label] = apart, table[label].mean(axis=1)
    spread[label] = table[label].min(axis=1), table[label].max(axis=1)

fig, ax = panels(1)
names = {"xlabel": "largest learning rate α", "ylabel": "accuracy on the test part, %"}
ax = plot_curves(curves, **names, ax=ax, logx=True, every=1, spread=spread)
ax.set_xticks(row, [str(lr) for lr in row])
ax.set_xticks([], minor=True)
print("per cent of the test digits, mean and standard deviation of five seeds")
print(f"{'':<11}", "  ".join(f"α = {lr:<7}" for lr in row), "  at its best α")
for label, found in table.items():
    cells = "  ".join(f"{one.mean():4.1f} ± {one.std(ddof=1):<4.1f}" for one in found)
    print(f"{label:<11}", cells, f"  {found[chosen[label]].mean():.1f} ({row[chosen[label]]})")
print(f"your guess: {my_guess_alone} % alone, {my_guess_both} % with both")

# %% [markdown]
# *In the picture:* (the lines are set a little apart; a bar reaches from the worst seed to the
# best) at the two smaller rates all five lie close together; at 0.03 the constant rate falls
# deepest, up alone and down alone fall less, and "up and down" and RAdam hardly fall at all.

# %% [markdown]
# At 0.03 up alone and down alone lie between 76 and 80 %; their seeds overlap, so five can't tell
# which is better. Together they reach 94.7 %. Down alone starts too high, up alone stays there.
# With each plan at *its* best rate (the last column, chosen by the 300 validation digits) the gain
# is small: constant 92.4, up 93.4, down 94.3, both 94.7 %. The large gain is that the choice of α
# matters so much less.
#
# RAdam bears 0.03 as well, without any plan; at 0.003 it is behind. No wonder: $r$ is still 0.24
# after 120 updates, so its 0.03 never was 0.03.

# %% [markdown]
# ### Is it σ?
#
# If warm-up helps *because* σ needs time, then a σ that has been collected beforehand should do as
# well. Give Adam the σ that 60 batches leave behind without a step being taken, and let it go down
# from 0.03 without going up.

# %% tags=["experiment"]
accuracies = []
for seed in range(5):
    seeded = np.random.default_rng(seed)
    theta = deep.pack(init_he(deep.layer_sizes, seeded))
    state, others = AdamState.zeros(theta), np.random.default_rng(1000 + seed)
    for _ in range(60):
        rows = others.integers(len(digits.x_train), size=50)
        _, grad = deep.loss_and_grad(theta, digits.x_train[rows], digits.labels_train[rows])
        _, state = adam_step(theta, grad, state)
    state = state._replace(m=np.zeros_like(theta))  # σ alone is kept
    data = digits.x_train, digits.labels_train
    how = {"batch_size": 50, "epochs": 5, "rng": seeded, "progress": False}
    how |= {"state": state, "lr": partial(fall, 0.03)}
    theta, _ = train(deep, theta, *data, rule=adam_step, **how)
    accuracies.append(100 * deep.accuracy(theta, digits.x_test, digits.labels_test))

for label in ("down", "up and down"):
    print(f"{label}: {table[label][-1].mean():.1f} ± {table[label][-1].std(ddof=1):.1f} %")
print(f"down, σ collected: {np.mean(accuracies):.1f} ± {np.std(accuracies, ddof=1):.1f} %")

# %% [markdown]
# It doesn't help here. So ALR's guess is not the reason, or not the whole of it. Another candidate:
# at the first weights the ground is rough and changes from step to step, so long steps do damage
# there, and even a σ that was right at the start is soon out of date. People still argue about it.
# ALR calls its explanation a guess, and that is what it is.

# %% [markdown]
# QUESTION warmup_and_decay

# %% nbgrader={"grade_id": "warmup_and_decay", "solution": true}

# %% nbgrader={"grade_id": "warmup_and_decay__check", "grade": true}
check("warmup_and_decay", warmup_and_decay)

# %% [markdown]
# ## Three parts of one formula
#
# ALR ends with a formula that holds this lesson and the two before it:
#
# $$\theta \leftarrow \theta - \frac{\eta_t}{\sigma_t}\, m_t .$$
#
# $m_t$ is the mean of past gradients (lesson 03), $\sigma_t$ their size (lesson 04), $\eta_t$ the
# schedule.

# %% [markdown]
# QUESTION direction_and_size

# %% nbgrader={"grade_id": "direction_and_size", "solution": true}

# %% nbgrader={"grade_id": "direction_and_size__check", "grade": true}
check("direction_and_size", direction_and_size)

# %% [markdown]
# Switch the parts on, one after the other, in the valley with noise: on each slope Gaussian noise,
# of size 1 along the valley and 10 across. Each version gets the best of three rates over 20 seeds.


# %% tags=["experiment"]
def part_step(theta, grad, state, *, lr, use_m, use_sigma):
    """Take ALR's step with the parts that are switched on; m and σ are Adam's."""
    _, state = adam_step(theta, grad, state, beta2=0.99)
    m = state.m / (1 - 0.9**state.t) if use_m else grad
    sigma = np.sqrt(state.v / (1 - 0.99**state.t)) if use_sigma else 1.0
    return theta - lr * m / sigma, state


def in_noise(surface, seed):
    """Return the surface with noise on its gradient, of size 1 along x and 10 along y."""
    noise = np.random.default_rng(seed).normal(size=(300, 2)) * [1.0, 10.0]
    draws = iter(noise)
    return Surface(
        name=surface.name,
        f=surface.f,
        grad=lambda theta: surface.grad(theta) + next(draws),
        hessian=surface.hessian,
        minimum=surface.minimum,
        view=surface.view,
        start=surface.start,
    )


def final_heights(rule, lr):
    """Return the mean height of the last 50 of 300 steps, for each of 20 seeds."""
    heights = []
    for seed in range(20):
        shaken = in_noise(narrow, seed)
        state = AdamState.zeros(shaken.start)
        way = descend(shaken, shaken.start, rule=rule, state=state, lr=lr, num_steps=300)
        heights.append(narrow.f(way[-50:].T).mean())
    return np.array(heights)


thirtieth = partial(inverse_time_decay, k=1 / 30)
versions = {
    "g": (False, False, lambda lr, t: lr, (0.005, 0.01, 0.015)),
    "m": (True, False, lambda lr, t: lr, (0.005, 0.01, 0.015)),
    "m/σ": (True, True, lambda lr, t: lr, (0.02, 0.03, 0.05)),
    "m/σ, decay": (True, True, thirtieth, (0.05, 0.1, 0.2)),
}
arrows = []
for use_sigma in (False, True):
    how = {"lr": 1.0, "use_m": True, "use_sigma": use_sigma}
    zeros = AdamState.zeros(narrow.start)
    arrows.append(part_step(np.zeros(2), narrow.grad(np.array([-4.0, 0.22])), zeros, **how)[0])
cosine = np.dot(*arrows) / np.prod(np.linalg.norm(arrows, axis=1))
print(f"at (-4, 0.22) the arrows m and m/σ are {np.degrees(np.arccos(cosine)):.0f}° apart")

before = None
for label, (use_m, use_sigma, plan, choice) in versions.items():
    rule = partial(part_step, use_m=use_m, use_sigma=use_sigma)
    found = {lr: final_heights(rule, partial(plan, lr)) for lr in choice}
    best = min(found, key=lambda lr: found[lr].mean())
    heights = found[best]
    wins = "" if before is None else f", lower than before in {np.sum(heights < before)} seeds"
    middle = np.median(heights)
    print(f"{label:<11} η = {best:<5} height {heights.mean():.3f}, median {middle:.3f}{wins}")
    before = heights

# %% [markdown]
# Each part lowers the height in 18 to 20 of the 20 seeds: $m$ and $\eta_t$ to about a half, σ to
# less than a quarter. $m$ averages the noise away, σ evens out the two directions (and turns the
# arrow by 35 degrees at the start), $\eta_t$ lets the walk come to rest, and so affords an η three
# times as large at the start.

# %% [markdown]
# ## Back to the plan
#
# Explain it to a friend who knows Adam, in your own words and without a formula: *why begin with
# small steps? Why end with small steps? And how do you find out when to lower the rate?* (6 points,
# read by a person.)

# %% [markdown] nbgrader={"grade_id": "schedules__why", "grade": true, "solution": true, "points": 6}
# ### BEGIN SOLUTION
# **Two points each.** *Small at first*: the size by which each parameter's step is divided is a
# mean of very few gradients then, and off by chance, some steps far too long; and the first
# weights bear long steps badly, whatever the reason. (The guess about the mean alone
# is enough for the points, if it is called a guess or an explanation among others.)
#
# *Small at the end*: near the minimum a step of fixed length jumps over it, and the noise of the
# batches keeps the walk trembling; only shorter steps let it settle. Right as well: with a constant
# rate the record of a steep direction fades, and the walk bursts.
#
# *When*: train without decay first and look at the loss. Where it stops falling though it could go
# lower, cut the rate. Cut too early and training freezes, which looks like having arrived.
# ### END SOLUTION

# %% [markdown]
# ## In the wild
#
# - **PyTorch**: `StepLR(step_size, gamma=0.1)` is your `step_decay`; `ExponentialLR(gamma)` takes
#   the factor $e^{-k}$; `CosineAnnealingWarmRestarts` jumps back up as yours does, while
#   `CosineAnnealingLR` climbs back along the wave. Their $t$ counts calls of `scheduler.step()`,
#   often one an *epoch*. `LinearLR` warms up from a third of the rate within 5 calls unless told
#   otherwise. `ReduceLROnPlateau` does CS7's looking: it cuts to a tenth when a loss hasn't
#   improved for 10 epochs. `RAdam` adds ε before the correction of $v$.
# - **Keras**: `ExponentialDecay` multiplies by `decay_rate` every `decay_steps`, smoothly, or with
#   `staircase=True` as `step_decay`. `InverseTimeDecay` is CS7's 1/t. `CosineDecay` has the
#   warm-up built in (`warmup_target`, `warmup_steps`); each period of `CosineDecayRestarts` is
#   twice as long as the one before, by default.
# - **False friends**: `decay_rate` in CS7's RMSprop is the share of a record that stays; weight
#   decay, which shrinks θ itself, is lesson 06. And $t$ counts from 0 in a schedule, from 1 in
#   Adam's corrections.

# %% [markdown]
# ## Up, and then down: why?
#
# *Down*, because a step that suits the way doesn't suit the end: noise, or a σ that has thinned
# out, throws a walk with constant rate off again. *Up*, because the start bears less than the way
# does; σ is made of little then, though that is not the whole reason. And adapting doesn't make
# the rate superfluous: σ knows how the parameters compare, and nothing of the time.
#
# When to cut, no formula says. Look first.

# %% [markdown]
# ### The documents
#
# - **ALR**: *Adaptive Learning Rate (training tips)* (Chinese)
# - **CS7**: *Stanford CS231n 7강. Training Neural Networks 2* (Korean)
# - **ONN**: 優化神經網路, part 6-3, 可適性學習率優化器 (Chinese)
