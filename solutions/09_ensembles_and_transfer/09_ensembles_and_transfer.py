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
# # More than one model
#
# Ensembles and transfer learning. 60 to 90 minutes.
#
# You can train a network well by now: this is the last lesson. Here you write five short
# functions for what comes *after* a training: to let several networks answer together, and to
# hand what one has learned to another. **CS7** speaks, in its tricks for ensembles and its table
# for transfer, and **SL2** with its *pretrained initialization*. Their full titles stand at the
# end.

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
    plot_curves,
    plot_images,
    plot_paths,
    train,
)

rng = np.random.default_rng(9)
digits = load_digits()

# %% [markdown]
# Five rules come along from lessons 00, 01, 03, 05 and 06.

# %%
### GIVEN gd_step

# %%
### GIVEN init_he

# %%
### GIVEN momentum_step

# %%
### GIVEN cosine_annealing

# %%
### GIVEN add_noise

# %% [markdown]
# ## Ten networks, one digit
#
# You have 300 labelled digits and no more. Ten networks learn them. They differ in nothing but
# the seed: other first weights, another order of the batches. To see differences of one per cent
# they are judged on 1,200 digits that no network here has trained on: half of the training part,
# the validation part and the test part.

# %% tags=["experiment"]
x_judge = np.concatenate([digits.x_train[597:], digits.x_val, digits.x_test])
labels_judge = np.concatenate([digits.labels_train[597:], digits.labels_val, digits.labels_test])
net = MLP([64, 64, 64, 10])


@cache
def member(size, seed):
    """Train on the first `size` digits; return θ and the probabilities for the 1,200 others."""
    seeded = np.random.default_rng(seed)
    theta = net.pack(init_he(net.layer_sizes, seeded))
    data = digits.x_train[:size], digits.labels_train[:size]
    epochs = round(240 / np.ceil(size / 50))  # 240 steps, whatever the size
    how = {"lr": 0.05, "batch_size": 50, "epochs": epochs, "rng": seeded}
    theta, _ = train(net, theta, *data, rule=momentum_step, **how)
    return theta, net.predict(theta, x_judge)


def share_right(probs):
    """Return the accuracy on the 1,200 digits, in per cent."""
    return 100 * np.mean(probs.argmax(axis=1) == labels_judge)


team = [member(300, seed)[1] for seed in range(10)]
answers = np.array([probs.argmax(axis=1) for probs in team])
known = [share_right(probs) for probs in team]
print(f"ten networks know {min(known):.1f} to {max(known):.1f} %, mean {np.mean(known):.1f} %")

wrong = (answers != labels_judge).sum(axis=0)
shown = np.flatnonzero((wrong >= 3) & (wrong <= 7))[:10]
axes = plot_images(
    x_judge[shown],
    [f"{labels_judge[i]}: {10 - wrong[i]} of 10" for i in shown],
    columns=5,
)

# %% [markdown]
# *In the picture:* ten blurred digits, each with its label and how many of the ten networks see
# it so: between three and seven of them.
#
# All ten have learned the same 300 images, and still they disagree. *Where does a better answer
# come from, when no model gets better and no data comes in? And what is a finished network worth to
# somebody with ten images of each class?* By the end you can say when to expect something, and when
# not.

# %% [markdown]
# ## Let them all answer
#
# CS7's recipe for an **ensemble** has two lines: train several independent models; at test time
# average their results, which are the probabilities that each gives to the classes. *Enjoy 2 % extra
# performance.* (A vote would count a model that is sure as much as one that hesitates.)

# %% [markdown]
# ### Exercise: `ensemble_predict` (12 points)
#
# With $M$ members, $p_m$ the probabilities of the member $m$:
#
# $$p = \frac1M \sum_{m=1}^{M} p_m .$$
#
# Each $p_m$ has the shape (N, C): a row for each image, a column for each class.


# %% nbgrader={"grade_id": "ensemble_predict", "solution": true}
def ensemble_predict(prob_list):
    """Average the probabilities that the members of an ensemble give.

    prob_list: a list of arrays of one shape (N, C), at least one.
    Returns one array of shape (N, C).
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "ensemble_predict__check", "grade": true}
check(ensemble_predict)

# %% [markdown]
# ### What should it bring?
#
# Before you measure, calculate. Three members and a majority will do.

# %% [markdown]
# QUESTION ensemble_error

# %% nbgrader={"grade_id": "ensemble_error", "solution": true}

# %% nbgrader={"grade_id": "ensemble_error__check", "grade": true}
check("ensemble_error", ensemble_error)

# %% [markdown]
# ### Predict, then run
#
# The ten networks are wrong on about 6 % of the digits each. If they erred independently, all ten
# would be wrong together on 0.06¹⁰ of the digits: practically never. **On how many of the 1,200
# are all ten wrong?**

# %% tags=["experiment"]
my_guess_all_wrong = None  # how many of 1,200 digits?

# %% tags=["experiment"]
print(f"all ten wrong: {np.sum(wrong == 10)} of 1,200 digits, at least one wrong: ", end="")
print(f"{np.sum(wrong > 0)}; your guess for all ten: {my_guess_all_wrong}")

crowd = [member(300, seed)[1] for seed in range(25)]
right = np.array([probs.argmax(axis=1) == labels_judge for probs in crowd])
trios = right[:24].reshape(8, 3, -1)
share = right.mean()
independent = share**3 + 3 * share**2 * (1 - share)
majority = 100 * (trios.sum(axis=1) >= 2).mean(axis=1)
print(f"a majority of three, if they erred independently: {100 * independent:.1f} %")
print(f"measured, eight trios: {majority.mean():.1f} ± {majority.std(ddof=1):.1f} %")

# %% [markdown]
# The networks have seen the same 300 digits, and what isn't in those none of them can know. On
# such digits they err together, and there an average helps as little as a vote. What it removes
# is the *accidental* part of their errors, which came from the seed.

# %% [markdown]
# ### How many members, and how many per cent?
#
# From your 25 networks, draw forty ensembles of each size, to see the mean and how far they
# scatter. Then one network against five, for other amounts of data.


# %% tags=["experiment"]
def drawn_ensembles(probs, count, draws=40):
    """Return the accuracies of ensembles of `count` members, drawn at random from `probs`."""
    picked = [rng.choice(len(probs), count, replace=False) for _ in range(draws)]
    return np.array([share_right(ensemble_predict([probs[i] for i in row])) for row in picked])


counts, sizes = [1, 2, 3, 5, 8, 12], [100, 300, 597]
by_count = [drawn_ensembles(crowd, count) for count in counts]
alone, five = {}, {}
for size in sizes:
    probs = [member(size, seed)[1] for seed in range(15)]
    alone[size] = np.array([share_right(p) for p in probs])
    five[size] = np.array([share_right(ensemble_predict(probs[i : i + 5])) for i in (0, 5, 10)])

fig, axes = panels(2)
curves = {"mean of 40": (counts, [found.mean() for found in by_count])}
spread = {"mean of 40": ([f.min() for f in by_count], [f.max() for f in by_count])}
names = {"xlabel": "members of the ensemble", "ylabel": "accuracy, %"}
plot_curves(curves, **names, ax=axes[0], every=1, spread=spread, legend=False)
groups = {"one network": alone, "ensemble of five": five}
curves = {label: (sizes, [f.mean() for f in group.values()]) for label, group in groups.items()}
spread = {
    label: ([f.min() for f in group.values()], [f.max() for f in group.values()])
    for label, group in groups.items()
}
names = {"xlabel": "digits learned", "ylabel": "accuracy, %"}
plot_curves(curves, **names, ax=axes[1], every=1, spread=spread, legend=False)
axes[1].legend(loc="lower right")

for count, found in zip(counts, by_count, strict=True):
    print(
        f"members {count:>2}: {found.mean():.1f} %, from {found.min():.1f} to {found.max():.1f} %"
    )
for size in sizes:
    one, team_of_five = alone[size].mean(), five[size].mean()
    fewer = (team_of_five - one) / (100 - one)
    print(f"{size:>3} digits learned: one {one:.1f} ± {alone[size].std(ddof=1):.1f} %, ", end="")
    print(f"five {team_of_five:.1f} ± {five[size].std(ddof=1):.1f} %, {fewer:.0%} fewer errors")

# %% [markdown]
# *In the picture:* on the left the accuracy climbs from 93.8 % for one member to 94.4 % for
# three, and hardly beyond; a bar reaches from the worst of forty ensembles to the best. On the
# right, against the number of digits learned, the ensemble of five lies a little above the single
# network at every size.
#
# CS7's 2 % aren't there: it is about half a point to a bit more than one. A fairer count are the
# *errors*: five networks make 8 to 13 % fewer of them than one. And look at the bars: an ensemble
# spares you the bad luck of one seed.

# %% [markdown]
# ### Diagnosis: an ensemble that gains nothing
#
# A colleague trains five networks, too, with her own loop. Here are her ensembles of the first
# one, two, ... five, beside yours.

# %% tags=["experiment"]
hers = [member(300, seed=number // 5)[1] for number in range(5)]
teams = {"your five": team[:5], "her five": hers}
curves = {}
for label, probs in teams.items():
    grown = [share_right(ensemble_predict(probs[:count])) for count in range(1, 6)]
    curves[label] = (range(1, 6), grown)
names = {"xlabel": "members of the ensemble", "ylabel": "accuracy, %"}
ax = plot_curves(curves, **names, every=1, legend=False)
ax.set_ylim(93.8, 94.8)
ax.legend(loc="center right")

for label, (first, second, *_) in teams.items():
    agree = 100 * np.mean(first.argmax(axis=1) == second.argmax(axis=1))
    grown = curves[label][1]
    print(f"{label}: {grown[0]:.1f} % alone, {grown[-1]:.1f} % together; ", end="")
    print(f"the first two agree on {agree:.0f} % of the digits")

# %% [markdown]
# *In the picture:* both begin at 94.0 %; yours is above 94.4 % from three members on, hers is a
# level line.
#
# The question has the numbers of another team with the same illness.

# %% [markdown]
# QUESTION diagnose_ensemble

# %% nbgrader={"grade_id": "diagnose_ensemble", "solution": true}

# %% nbgrader={"grade_id": "diagnose_ensemble__check", "grade": true}
check("diagnose_ensemble", diagnose_ensemble)

# %% [markdown]
# Ask of every ensemble first: *on how many inputs do two members agree?* (And look into her loop:
# what is `number // 5` for 0 to 4?)

# %% [markdown]
# ## Several models from one training
#
# Five members cost five trainings. CS7 has a trick: use **snapshots** of a single model, copies of θ
# taken along the way. *Cyclic learning rate schedules can make this work even better*: half a
# cosine wave down, a jump up, and down again, as in lesson 05. A snapshot is taken at the end of
# each cycle, where the rate is lowest.

# %% [markdown]
# QUESTION snapshots_why

# %% nbgrader={"grade_id": "snapshots_why", "solution": true}

# %% nbgrader={"grade_id": "snapshots_why__check", "grade": true}
check("snapshots_why", snapshots_why)

# %% [markdown]
# ### Exercise: `snapshot_epochs` (18 points)
#
# After which epochs? A training of $E$ epochs, counted from 0, has $K$ cycles of
# $\lfloor E/K \rfloor$ epochs each; ⌊ ⌋ rounds down. If a remainder is left, it lengthens the last
# cycle. List the last epoch of each cycle: 12 epochs in 3 cycles give [3, 7, 11], 14 in 3 give
# [3, 7, 13].


# %% nbgrader={"grade_id": "snapshot_epochs", "solution": true}
def snapshot_epochs(total_epochs, cycles):
    """List the last epoch of each cycle, with epochs counted from 0.

    total_epochs: whole number, at least cycles; cycles: whole number, at least 1.
    Returns a list of as many whole numbers as there are cycles.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "snapshot_epochs__check", "grade": true}
check(snapshot_epochs)

# %% [markdown]
# ### One training, five snapshots
#
# A hundred epochs on the 300 digits, which come with fresh noise at each step, as in lesson 06,
# so that they can't be learned by heart. Once in five cycles, once with one long cosine wave, and
# once at a constant rate.


# %% tags=["experiment"]
def long_training(seed, lr, *, noise=0.3, epochs=100):
    """Train on 300 digits with fresh noise; return θ after each step, and the history."""
    seeded = np.random.default_rng(seed)
    theta = net.pack(init_he(net.layer_sizes, seeded))
    thetas = []

    def watched_step(theta, grad, v, *, lr):
        theta, v = momentum_step(theta, grad, v, lr=lr)
        thetas.append(theta)
        return theta, v

    def transform(x, rng):
        return add_noise(x, noise, rng)

    data = digits.x_train[:300], digits.labels_train[:300]
    how = {"batch_size": 50, "epochs": epochs, "rng": seeded, "transform": transform}
    _, history = train(net, theta, *data, rule=watched_step, lr=lr, **how)
    return thetas, history


plans = {
    "five cycles": partial(cosine_annealing, 0.1, period=120),
    "one cycle": partial(cosine_annealing, 0.1, period=600),
    "constant rate": lambda t: 0.05,
}
per_epoch = 6  # steps: 300 digits in batches of 50
moments = [epoch * per_epoch + per_epoch - 1 for epoch in snapshot_epochs(100, 5)]


def agreement(probs):
    """Return the share of digits on which two members agree, mean over all pairs, in per cent."""
    named = [p.argmax(axis=1) for p in probs]
    pairs = [np.mean(a == b) for i, a in enumerate(named) for b in named[:i]]
    return 100 * np.mean(pairs)


def accounts(noise):
    """Print what 100 epochs bring when spent in five ways, over five seeds; return the losses."""
    rows, ends, losses = {}, [], {label: [] for label in plans}
    for seed in range(5):
        teams = {}
        for label, plan in plans.items():
            thetas, history = long_training(seed, plan, noise=noise)
            losses[label].append(history.train_losses)
            teams[label] = [net.predict(thetas[moment], x_judge) for moment in moments]
        ends.append(teams.pop("one cycle")[-1])
        short = partial(long_training, lr=plans["five cycles"], noise=noise, epochs=20)
        own = [short(10 * seed + number)[0][-1] for number in range(5)]
        teams["independent"] = [net.predict(theta, x_judge) for theta in own]
        for label, probs in teams.items():
            each = [share_right(p) for p in probs]
            together = share_right(ensemble_predict(probs))
            row = (np.mean(each), each[-1], together, agreement(probs))
            rows.setdefault(label, []).append(row)
    print("                      each   the last   together      agree")
    for label, found in rows.items():
        each, last, together, agree = np.mean(found, axis=0)
        spread = np.std([row[2] for row in found], ddof=1)
        print(f"five, {label:<13}  {each:5.1f}    {last:5.1f}     ", end="")
        print(f"{together:5.1f} ± {spread:.1f}   {agree:.0f} %")
    alone = [share_right(p) for p in ends]
    print(f"one network, one cycle                   {np.mean(alone):.1f} ± ", end="")
    print(f"{np.std(alone, ddof=1):.1f}")
    return {label: np.mean(found, axis=0) for label, found in losses.items()}


noisy_losses = accounts(noise=0.3)

fig, axes = panels(2)
rates = {
    label: (np.arange(600) / per_epoch, [plan(t) for t in range(600)])
    for label, plan in plans.items()
}
plot_curves(rates, xlabel="epoch", ylabel="learning rate", ax=axes[0], legend=False)
names = {"xlabel": "epoch", "ylabel": "training loss, nats"}
ax = plot_curves(noisy_losses, **names, ax=axes[1], logy=True)

# %% [markdown]
# *In the picture:* on the left the rate as five half waves with jumps between them, as one long
# half wave and as a level line; on the right the training loss, the mean of five seeds: with five
# cycles it climbs after every restart, with one cycle it ends lowest.
#
# Read the table row by row. Among snapshots, cycles do help: each one is better (94.6 against
# 93.7 %), as it was taken at a quiet moment, and so is their ensemble, by less than the spread.
# But that ensemble is no better than *its own last member*, and one network left in peace for all
# 100 epochs beats it. The early snapshots weren't ready yet, and vote all the same.
#
# And do restarts throw θ to another place? The snapshots agree on 96 % of the digits, those at the
# constant rate, which the noise keeps moving, on 94 %: no sign of it. Try it without the noise.

# %% tags=["experiment"]
clean_losses = accounts(noise=0)
for noise, losses in ((0.3, noisy_losses), (0, clean_losses)):
    row = losses["five cycles"]
    print(f"noise {noise}: loss {row[79]:.4f} before the last restart, {row[83]:.4f} after it")

# %% [markdown]
# Without noise the 300 digits are known by heart: before the last restart the loss is 0.001, and the
# gradient as good as nothing. A large rate times no gradient is no throw: the snapshots agree on
# 99 % of the digits, and five of the same have one vote. Here the *independent* ones, which agree
# on 96 %, are ahead of the snapshots, though each had only 20 epochs.
#
# So the question's answer has two conditions. A restart needs a gradient to throw with, and a
# cycle must be long enough for a finished network at its end. Our 300 digits don't meet both.

# %% [markdown]
# ## One model from many θ
#
# An ensemble has to keep all its members, and ask each of them. Could you average the *networks*,
# and keep one?
#
# ### Predict, then run
#
# The mean of five vectors θ is a vector θ, too. You take five of the networks of the beginning,
# each of which knows more than 93 %. Their ensemble knows 94 %. **What does the network know
# whose every weight is the mean of their five weights?**

# %% tags=["experiment"]
my_guess_mean_theta = None  # per cent

# %% tags=["experiment"]
for start in range(0, 25, 5):
    five = [member(300, seed) for seed in range(start, start + 5)]
    together = share_right(ensemble_predict([probs for _, probs in five]))
    middle = net.predict(np.mean([theta for theta, _ in five], axis=0), x_judge)
    print(f"mean of the answers {together:.1f} %, answer of the mean θ {share_right(middle):.1f} %")
print(f"your guess: {my_guess_mean_theta}")

# %% [markdown]
# What one network does with its unit 7, another does with its unit 31: nothing tells a hidden
# unit which one it is. The mean of two such units does neither. Weights can only be averaged where
# they mean the same, and that they do along *one* training.
#
# CS7: *instead of the actual parameter vector, keep a moving average of it, and use that at test
# time* (**Polyak averaging**).

# %% [markdown]
# ### Exercise: `polyak_average` (16 points)
#
# After each step, with a `decay` just below 1:
#
# $$\bar\theta \leftarrow \text{decay} \cdot \bar\theta + (1 - \text{decay}) \cdot \theta .$$
#
# $\bar\theta$ looks on and takes no part: the training goes on from θ.


# %% nbgrader={"grade_id": "polyak_average", "solution": true}
def polyak_average(average, theta, decay):
    """Move a running average of the parameters a little towards those of now.

    average, theta: arrays of one shape.
    decay: from 0 to 1, the share of the old average that stays.
    Returns the new average.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "polyak_average__check", "grade": true}
check(polyak_average)

# %% [markdown]
# First where you can see it: a bowl, gradients with noise, a constant rate.


# %% tags=["experiment"]
def averages(thetas, decay):
    """Return the running average after each θ of the list; it begins at the first."""
    average, row = thetas[0], []
    for theta in thetas:
        average = polyak_average(average, theta, decay)
        row.append(average)
    return row


def noisy_step(theta, grad, *, lr):
    """Take a plain step with noise on the gradient."""
    return gd_step(theta, grad + 0.8 * rng.normal(size=2), lr=lr)


round_bowl = bowl()
path = descend(round_bowl, round_bowl.start, rule=noisy_step, lr=0.3, num_steps=400)
calm = np.array(averages(list(path), 0.95))
fig, axes = panels(2)
paths = {"θ, step by step": path[:81], "its running average": calm[:81]}
plot_paths(round_bowl, paths, ax=axes[0])
heights = {"θ, step by step": round_bowl.f(path.T), "its running average": round_bowl.f(calm.T)}
plot_curves(heights, xlabel="step", ylabel="height", ax=axes[1], logy=True, legend=False)
axes[1].set_ylim(1e-4, 10)
for label, height in heights.items():
    print(f"{label}: mean height of the steps 201 to 400: {height[201:].mean():.3f}")

# %% [markdown]
# *In the picture:* θ runs into the bowl in a few steps and then staggers all over its floor; the
# average comes later, by a smoother way, and hardly leaves the middle.
#
# A running average is as quiet as a mean of (1 + decay)/(1 − decay) independent values (lesson 03),
# and it has the same price: it is late. On digits:

# %% tags=["experiment"]
tested = np.arange(59, 600, 60)
curves = {"θ": [], "average, decay 0.9": [], "average, decay 0.98": []}
for seed in range(5):
    thetas, _ = long_training(seed, plans["constant rate"])
    rows = [thetas, averages(thetas, 0.9), averages(thetas, 0.98)]
    for label, row in zip(curves, rows, strict=True):
        curves[label].append([share_right(net.predict(row[t], x_judge)) for t in tested])

fig, ax = panels(1)
means = {label: ((tested + 1) / per_epoch, np.mean(row, axis=0)) for label, row in curves.items()}
spread = {label: (np.min(row, axis=0), np.max(row, axis=0)) for label, row in curves.items()}
names = {"xlabel": "epoch", "ylabel": "accuracy, %"}
plot_curves(means, **names, ax=ax, every=1, spread=spread, legend=False)
ax.set_ylim(84, 98)
ax.legend(loc="lower right")
for label, row in curves.items():
    last = np.array(row)[:, -1]
    print(f"{label}: after 10 epochs {np.mean(row, axis=0)[0]:.1f} %, ", end="")
    print(f"after 100 {last.mean():.1f} ± {last.std(ddof=1):.1f} %")

# %% [markdown]
# *In the picture:* θ itself goes up unevenly, its five seeds far apart; both averages run above
# it from epoch 20 on, closer together. At epoch 10 the longer one, which still remembers the
# beginning, is below θ.
#
# At the end the longer average has 95.4 % where θ has 94.8 %, and the spread has shrunk from 0.9 to
# 0.1. That is nearly what the long cosine wave reached, and as good as five snapshots, for one
# extra copy of θ and one line of code.

# %% [markdown]
# ## To somebody else
#
# Now somebody has another task, and little data. SL2: begin with the weights of a model for a
# similar task, all layers or the first few (`init_from_pretrained` in lesson 01); *we believe that
# such a model extracts general features*. CS7: take a model that was trained on a lot of data, draw
# its last layer anew for the new classes, and train. Its rule of thumb: early layers are *generic*,
# the last are *specific*.

# %% [markdown]
# ### Exercise: `reinit_last_layer` (20 points)
#
# All layers but the last are copied. The last gets `num_classes` outputs and He's first weights,
#
# $$W \sim \mathcal N\!\left(0, \tfrac{2}{n_\text{in}}\right), \qquad b = 0 ,$$
#
# where $n_\text{in}$ is the number of rows of its old $W$ and 2/n_in the *variance*. `params` is
# a list of pairs (W, b), as in lesson 01.


# %% nbgrader={"grade_id": "reinit_last_layer", "solution": true}
def reinit_last_layer(params, num_classes, rng):
    """Keep all layers but the last, and draw that one anew for other classes.

    params: list of (W, b), W of shape (n_in, n_out), b of shape (n_out,).
    num_classes: outputs of the new last layer. rng: where the randomness comes from.
    Returns a new list of (W, b); the old arrays stay as they are.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "reinit_last_layer__check", "grade": true}
check(reinit_last_layer)

# %% [markdown]
# ### Spot the error: a rate for fine-tuning
#
# To train the copied layers as well, carefully, is called **fine-tuning**.

# %% [markdown]
# QUESTION fine_tune_rate

# %% nbgrader={"grade_id": "fine_tune_rate", "solution": true}

# %% nbgrader={"grade_id": "fine_tune_rate__check", "grade": true}
check("fine_tune_rate", fine_tune_rate)

# %% [markdown]
# ### Exercise: `fine_tune_step` (18 points)
#
# The plain step, with two changes: its rate is `lr` times `scale`, and only those entries move
# for which the mask `trainable` is True. For each entry $i$:
#
# $$\theta_i \leftarrow \begin{cases} \theta_i - \text{lr} \cdot \text{scale} \cdot g_i
# & \text{where trainable} \\ \theta_i & \text{elsewhere: frozen,} \end{cases}$$
#
# where $g$ is the gradient and `lr` the rate of the training before.


# %% nbgrader={"grade_id": "fine_tune_step", "solution": true}
def fine_tune_step(theta, grad, *, lr, trainable, scale=0.1):
    """Take a small step of gradient descent with some of the parameters only.

    theta, grad: arrays of one shape; trainable: booleans of the same shape.
    lr: the learning rate of the training before; scale: what is left of it.
    Returns the new theta.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "fine_tune_step__check", "grade": true}
check(fine_tune_step)

# %% [markdown]
# ### What to train: CS7's table
#
# How many layers may move? CS7 decides by two questions: how similar are the new data to the old,
# and how many are there?
#
# | | similar data | very different data |
# |---|---|---|
# | **little data** | last layer anew, train it alone | (the post leaves this one empty) |
# | **much data** | fine-tune a few layers | fine-tune a large number of layers |

# %% [markdown]
# QUESTION transfer_table

# %% nbgrader={"grade_id": "transfer_table", "solution": true}

# %% nbgrader={"grade_id": "transfer_table__check", "grade": true}
check("transfer_table", transfer_table)

# %% [markdown]
# ### The table, measured
#
# *The source* learns the digits 0 to 4 in a field of 12 × 12 pixels, where each image of 8 × 8
# lies at a random place; it sees 601 images at eight places each. *Similar*: the digits 5 to 9 in
# the same kind of field. *Very different*: the same, but all 144 pixels change places, always in
# the same way; for a network from scratch that is no harder, as it doesn't know what neighbours
# are. *Little* is 10 images of each class, *much* is 100, each at one place.


# %% tags=["experiment"]
def part(x, labels, low):
    """Return the images of five classes from `low` on, with labels from 0 to 4."""
    chosen = (labels >= low) & (labels < low + 5)
    return x[chosen], labels[chosen] - low


def scattered(x, labels, copies, rng):
    """Lay each image at `copies` random places of a field of 12 × 12 pixels."""
    x, labels = np.tile(x, (copies, 1)), np.tile(labels, copies)
    field = np.zeros((len(x), 12, 12))
    for canvas, image, (i, j) in zip(field, x, rng.integers(0, 5, (len(x), 2)), strict=True):
        canvas[i : i + 8, j : j + 8] = image.reshape(8, 8)
    return field.reshape(len(x), 144), labels


def sample(x, labels, each, rng):
    """Return `each` images of each class, drawn at random."""
    mixed = rng.permutation(len(x))
    rows = np.concatenate([mixed[labels[mixed] == c][:each] for c in range(5)])
    return x[rows], labels[rows]


x_other = np.concatenate([digits.x_val, digits.x_test])
labels_other = np.concatenate([digits.labels_val, digits.labels_test])
old_train = part(digits.x_train, digits.labels_train, 0)
new_train = part(digits.x_train, digits.labels_train, 5)
old_test, new_test = part(x_other, labels_other, 0), part(x_other, labels_other, 5)
old_field, new_field = scattered(*old_test, 4, rng), scattered(*new_test, 4, rng)

new_places = rng.permutation(144)
images, names = scattered(new_train[0][:6], new_train[1][:6] + 5, 1, rng)
titles = [f"similar: {name}" for name in names] + [f"different: {name}" for name in names]
axes = plot_images(np.concatenate([images, images[:, new_places]]), titles, columns=6)

# %% [markdown]
# *In the picture:* above six digits, each somewhere in its field; below the same six with their
# pixels in other places: scattered dots, in which nothing can be read.


# %% tags=["experiment"]
def layers_from(net, first):
    """Return a mask: True for the parameters of the layers from number `first` on."""
    mask = np.zeros(net.num_parameters)
    for W, b in net.unpack(mask)[first:]:  # views: writing into them writes into mask
        W[:], b[:] = 1, 1
    return mask > 0


def source_training(net, seed, data):
    """Train from scratch with α = 0.2 for 12 epochs, as a stranger has done; return θ."""
    seeded = np.random.default_rng(seed)
    theta = net.pack(init_he(net.layer_sizes, seeded))
    how = {"lr": 0.2, "batch_size": 50, "epochs": 12, "rng": seeded}
    return train(net, theta, *data, rule=gd_step, **how)[0]


def new_training(net, seed, data, *, source=None, first=0, scale=1.0):
    """Train for new classes, on a source or from scratch; layers before `first` are frozen."""
    seeded = np.random.default_rng(100 + seed)
    params = init_he(net.layer_sizes, seeded)
    if source is not None:
        params = reinit_last_layer(net.unpack(source), 5, seeded)
    rule = partial(fine_tune_step, trainable=layers_from(net, first), scale=scale)
    epochs = 150 if len(data[0]) <= 50 else 30  # 150 steps, or 300
    how = {"lr": 0.2, "batch_size": 50, "epochs": epochs, "rng": seeded}
    return train(net, net.pack(params), *data, rule=rule, **how)[0]


ways = {"from scratch": None, "last layer": 2, "last two layers": 1, "all three": 0}


def four_ways(net, sources, prepare, each, test):
    """Return for each way the accuracies of five seeds, in per cent."""
    known = {label: [] for label in ways}
    for seed, source in enumerate(sources):
        data = prepare(*sample(*new_train, each, np.random.default_rng(200 + seed)), seed)
        for label, first in ways.items():
            start = {} if first is None else {"source": source, "first": first}
            theta = new_training(net, seed, data, **start)
            known[label].append(100 * net.accuracy(theta, *test))
    return {label: np.array(found) for label, found in known.items()}


field_net = MLP([144, 64, 64, 5])
sources = []
for seed in range(5):
    data = scattered(*old_train, 8, np.random.default_rng(300 + seed))
    sources.append(source_training(field_net, seed, data))
known = [100 * field_net.accuracy(theta, *old_field) for theta in sources]
print(f"the sources, on other digits 0 to 4: {np.mean(known):.1f} %")


def in_field(x, labels, seed, places=slice(None)):
    """Lay each image at one place; the pixels then go to the given places."""
    x, labels = scattered(x, labels, 1, np.random.default_rng(400 + seed))
    return x[:, places], labels


table = {}
for kind, places in {"similar": slice(None), "very different": new_places}.items():
    test = new_field[0][:, places], new_field[1]
    for each in (10, 100):
        prepare = partial(in_field, places=places)
        table[kind, each] = four_ways(field_net, sources, prepare, each, test)

fig, axes = panels(2)
for ax, kind in zip(axes, ["similar", "very different"], strict=True):
    curves, spread = {}, {}
    for each in (100, 10):
        found = table[kind, each]
        rows = [found[label] for label in ways][1:]
        label = f"{each} of each class"
        curves[label] = ([1, 2, 3], [row.mean() for row in rows])
        spread[label] = ([row.min() for row in rows], [row.max() for row in rows])
        curves[f"{each}, from scratch"] = ([1, 3], [found["from scratch"].mean()] * 2)
    names = {"xlabel": "layers that may move", "ylabel": "accuracy, %", "title": f"{kind} data"}
    plot_curves(curves, **names, ax=ax, every=1, spread=spread, legend=False)
    ax.set(ylim=(0, 90), xticks=[1, 2, 3])
axes[0].legend(loc="lower right")

for (kind, each), found in table.items():
    row = ", ".join(
        f"{label} {known.mean():.0f} ± {known.std(ddof=1):.0f}" for label, known in found.items()
    )
    print(f"{kind}, {each} of each: {row}")

# %% [markdown]
# *In the picture:* on the left, similar data, ten of each class: whatever moves, transfer lies at
# 44 %, from scratch at 37 %. With a hundred of each, accuracy climbs steeply with the layers that
# move, from 59 to 79 %, and only the last point is above scratch, 76 %. On the right, very
# different data: both curves climb, and reach the level from scratch where all layers move, not
# before.
#
# | | similar data | very different data |
# |---|---|---|
# | **little data** | last layer 44 %, all 43 %, scratch 37 % | last layer 30 %, all 36 %, scratch 37 % |
# | **much data** | last two 73 %, all 79 %, scratch 76 % | last two 54 %, all 76 %, scratch 76 % |
#
# Similar and little is as CS7 says: 325 new numbers in the last layer do as well as all 13,765.
# Beyond that its direction is right: the more data, and the more different, the more layers have
# to move. But *a few* are too few here; only with all layers does transfer beat training from
# scratch, and on very different data it merely draws level: there the source is an initialization
# like any other. And the empty cell fills itself: very different and little, nothing helps.
#
# Generic or specific? Freezing the *first* layer costs 6 points on much similar data and 22 on very
# different ones. It is generic as far as the new pixels mean what the old ones meant.

# %% [markdown]
# ### What does the tenth protect?
#
# In the table everything moved with scale = 1. CS7 advises a tenth. Fine-tune all layers on ten
# similar images of each class, at different scales. Then put the *old* last layer back on the
# fine-tuned ones, and test on the digits 0 to 4: how much of what was learned is still there?

# %% tags=["experiment"]
scales = [0.01, 0.03, 0.1, 0.3, 1, 3]
new_known, old_known = [], []
for scale in scales:
    new_row, old_row = [], []
    for seed, source in enumerate(sources):
        data = in_field(*sample(*new_train, 10, np.random.default_rng(200 + seed)), seed)
        theta = new_training(field_net, seed, data, source=source, scale=scale)
        new_row.append(100 * field_net.accuracy(theta, *new_field))
        mixed = [*field_net.unpack(theta)[:-1], field_net.unpack(source)[-1]]
        old_row.append(100 * field_net.accuracy(field_net.pack(mixed), *old_field))
    new_known.append(new_row)
    old_known.append(old_row)

curves = {"new digits, 5 to 9": new_known, "old digits, 0 to 4": old_known}
means = {label: (scales, np.mean(rows, axis=1)) for label, rows in curves.items()}
spread = {label: (np.min(rows, axis=1), np.max(rows, axis=1)) for label, rows in curves.items()}
names = {"xlabel": "scale: share of the old learning rate", "ylabel": "accuracy, %"}
ax = plot_curves(means, **names, logx=True, every=1, spread=spread)
for scale, new_row, old_row in zip(scales, new_known, old_known, strict=True):
    print(f"scale {scale:<4}  new {np.mean(new_row):.0f} %, old {np.mean(old_row):.0f} %")

# %% [markdown]
# *In the picture:* against the scale, on a logarithmic axis, the accuracy on the new digits
# climbs to 43 % at a tenth and stays there; on the old ones it falls all the way, from 96 % to
# 77 %.
#
# Below a tenth, 150 steps are too few. Above it nothing more is learned about the new digits,
# only more is forgotten about the old ones. The tenth is a good start, not a law.

# %% [markdown]
# ### Predict, then run: the same, without the field
#
# Now the digits as they are, 8 × 8 pixels, all in their middle. The source learns 0 to 4, the new
# task is 5 to 9. With ten of each class, a network from scratch will know 93 % of the new digits.
# Similar data, and little of it: the very cell in which you would train the last layer alone.
# **What will that know?**

# %% tags=["experiment"]
my_guess_transfer = None  # per cent, last layer alone

# %% tags=["experiment"]
small, flat = MLP([64, 64, 64, 5]), MLP([64, 5])
plain_sources = [source_training(small, seed, old_train) for seed in range(5)]
for each in (10, 100):
    known = four_ways(small, plain_sources, lambda x, labels, seed: (x, labels), each, new_test)
    row = ", ".join(f"{label} {f.mean():.0f} ± {f.std(ddof=1):.0f}" for label, f in known.items())
    print(f"{each} of each: {row}")
print(f"your guess for the last layer, ten of each: {my_guess_transfer}")

# %% [markdown]
# It *loses*, by eight points, and by seven with a hundred of each. Only where everything may move
# again is nothing lost. What is different here? See what a single layer makes of ten images of
# each class, on the bare pixels.


# %% tags=["experiment"]
def one_layer(prepare, test):
    """Train a single layer on ten pixel images of each class; return five accuracies."""
    known, layer = [], MLP([test[0].shape[1], 5])
    for seed in range(5):
        data = prepare(*sample(*new_train, 10, np.random.default_rng(200 + seed)), seed)
        known.append(100 * layer.accuracy(new_training(layer, seed, data), *test))
    return np.array(known)


for label, prepare, test in [
    ("in the middle", lambda x, labels, seed: (x, labels), new_test),
    ("in the field", in_field, new_field),
]:
    known = one_layer(prepare, test)
    print(f"one layer on the pixels, {label}: {known.mean():.0f} ± {known.std(ddof=1):.0f} %")

# %% [markdown]
# In the middle of the picture, pixels are excellent features: one layer on them knows 94 %, one
# layer on your network's second hidden layer 85 %. Your network had to tell 0 to 4 apart, and
# let go what it didn't need for that, some of what tells a 7 from a 9. In the field the pixels
# are worth 34 %, your features 44 %: from its 601 images, each at eight places, your network had
# learned something of how a digit stays the same wherever it lies. Fifty images can't teach that.
#
# So the table has a condition that CS7 doesn't write down: **a source helps by what it knows and
# your data can't tell.** Believe in SL2's *general features* after a comparison with training
# from scratch.

# %% [markdown]
# ## In your own words
#
# A friend has 400 photographs of beetles, 20 species, and a network that knows a thousand kinds
# of things from a million photographs. *How should she begin: what does she copy, draw anew,
# train, and with which rate? How would she notice that the copied features don't serve? And she
# has computing time left for five trainings: what does she do with them, and what does she
# measure before she hopes for much?* (6 points, read by a person.)

# %% [markdown] nbgrader={"grade_id": "ensembles_and_transfer__why", "grade": true, "solution": true, "points": 6}
# ### BEGIN SOLUTION
# **Two points each.** *How to begin:* copy all layers but the last, draw the last anew with 20
# outputs, and train that alone at first: twenty images a class are little, and photographs are
# similar data. Then let more layers move, from the end, at about a tenth of the rate of the first
# training, for as long as a validation part gets better.
#
# *How to notice:* compare. Train a network from scratch, or a single layer on the pixels, and
# judge all on the same validation part. If the copied features don't beat them, or if freeing
# more layers helps much, the features lack what the beetles need.
#
# *Five trainings:* an ensemble of five, with different seeds (last layer, order, augmentation),
# the average of their probabilities. Before that she measures on how many images two of them
# agree: where they agree there is nothing to be gained. All five share the copied layers, so they
# may err together more than independent ones. (Also right: five rates to choose from, with the
# reason that one network has to be good first.)
# ### END SOLUTION

# %% [markdown]
# ## In the wild
#
# - **PyTorch**: `torch.optim.swa_utils.AveragedModel` keeps an average beside the model. Its default
#   is the plain mean of all θ, Polyak's own; `get_ema_multi_avg_fn(0.999)` makes it your
#   `polyak_average`. Batch norm's running statistics aren't averaged with it: `update_bn` computes
#   them anew. CS7's restarts are `CosineAnnealingWarmRestarts`.
# - To freeze a layer, say `requires_grad_(False)` for its parameters. Rates that differ by layer are
#   *parameter groups* of the optimizer. A new `torch.nn.Linear` isn't drawn as He does (lesson 01).
# - **Keras**: `layer.trainable = False`, and a model without its last layers by `include_top=False`.
#   A frozen batch norm layer also switches to its running statistics. Every optimizer has
#   `use_ema=True` with `ema_momentum=0.99`.
# - **scikit-learn**: `VotingClassifier` counts votes by default; `voting="soft"` averages.
# - CS7 calls Polyak averaging *not common*. That was 2017. Today most image generators ship the
#   averaged weights.

# %% [markdown]
# ## What others know
#
# Where does a better answer come from, when no model gets better? From errors that differ.
# Averaging removes what is accident in each member, and leaves what all have in common. Averages of
# θ do the same for the noise of one training. And a finished network is worth, to somebody with ten
# images of each class, just what it has learned that ten images can't say. Both times ask what the
# other knows that you don't.
#
# ### Ten lessons, looking back
#
# You began on a hill with a slope and a rate (00), learned where to start (01) and how many
# images one look at the slope needs (02). You gave the step a memory (03), each parameter a rate
# of its own (04), and the rate a life in time (05). You kept the network from learning by heart
# (06) and its numbers from exploding (07), looked at what curvature would bring and what it costs
# (08), and let finished networks help each other (09). Most of the rules fit in three lines, and a
# few were one rule in several notations. What remains is the habit: say beforehand what you expect,
# run it with several seeds, compare with the plain thing, and believe the numbers, also where a
# document says otherwise.

# %% [markdown]
# ### The documents
#
# - **SL2**: *Deep Learning 学习笔记 03 – Supervised Learning (2)* (Chinese)
# - **CS7**: *Stanford CS231n 7강. Training Neural Networks 2* (Korean)
#
# Snapshots with cosine restarts are from G. Huang et al. (2017), *Snapshot Ensembles: Train 1,
# Get M for Free*.
