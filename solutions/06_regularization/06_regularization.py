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
# # From the training set to the world
#
# Regularization: penalties, dropout, early stopping, augmentation. About 90 minutes.
#
# You can train a network until it makes no mistake on what it is shown. Here you make it good on
# what it has *not* been shown. Two documents speak: **SL2**, with its list of tricks, and **CS7**,
# which sees a pattern in them. Their full titles stand at the end.

# %%
from functools import partial
from itertools import product

import numpy as np

from descentlab import (
    MLP,
    AdamState,
    BatchNormCache,
    check,
    load_digits,
    panels,
    plot_curves,
    plot_images,
    train,
)
from descentlab.widgets import regularization_explorer

rng = np.random.default_rng(6)
digits = load_digits()

# %% [markdown]
# From lessons 00 and 01, the plain step and He's initialization.

# %%
### GIVEN gd_step

# %%
### GIVEN init_he

# %% [markdown]
# ## How can spoiling help?
#
# Multiply all weights by 0.998 after each step. Switch off half of the network at random. Smear
# noise over the images, cut holes into them. All of it makes training slower and its result on
# the training set worse, and all of it is done on purpose. *How can spoiling the training make
# the network better?*
#
# Take 200 digits, and let somebody tired have labelled them: 40 labels are wrong. A network with
# two hidden layers of 64 units gets 125 epochs, in batches of 50. Five of them, each on 200 other
# digits, end by giving 99.9 % of the images the label that they were shown with, right or wrong.
#
# ### Predict, then run
#
# **What share of the 300 test digits, whose labels are right, will such a network know?**

# %% tags=["experiment"]
my_guess_test = None  # per cent


# %% tags=["experiment"]
def small_part(seed, wrong=40):
    """Return a generator, 200 training images and their labels, the first ones made wrong."""
    seeded = np.random.default_rng(seed)
    rows = seeded.choice(len(digits.x_train), 200, replace=False)
    labels = digits.labels_train[rows]
    labels[:wrong] = (labels[:wrong] + seeded.integers(1, 10, size=wrong)) % 10
    return seeded, digits.x_train[rows], labels


def learn(seed, *, rule=gd_step, lr=0.25, epochs=125, build=MLP, part=small_part, **how):
    """Train on one part; return the network, theta, the history, and two accuracies in per cent."""
    seeded, x, labels = part(seed)
    network = build([64, 64, 64, 10])
    theta = network.pack(init_he(network.layer_sizes, seeded))
    how = {"lr": lr, "batch_size": 50, "epochs": epochs, "rng": seeded, "progress": False, **how}
    theta, history = train(network, theta, x, labels, rule=rule, **how)
    pairs = (x, labels), (digits.x_test, digits.labels_test)
    return network, theta, history, [100 * network.accuracy(theta, *pair) for pair in pairs]


found = {}


def report(label, **how):
    """Train with five seeds, keep what came out under the label, and print the accuracies."""
    found[label] = [learn(seed, **how) for seed in range(5)]
    fitted, known = np.transpose([accuracies for *_, accuracies in found[label]])
    print(f"{label:<28} given labels {fitted.mean():5.1f} %   test {known.mean():.1f} % ", end="")
    print(f"({known.min():.0f} to {known.max():.0f})")


report("no trick", val=(digits.x_val, digits.labels_val))
report("3 units in each layer", build=lambda _: MLP([64, 3, 3, 10]))
print(f"your guess: {my_guess_test}")

# %% [markdown]
# The second line is a network that *can't* learn its training set: **underfitting**. The first is
# what SL2 meets far more often, 99.9 % in training and 80 % outside: **overfitting**. It can learn
# 200 images by heart, each for its own reasons, and nobody told it which reasons hold for the next
# image.
#
# SL2's order of work follows from that. First make sure that your network *can* overfit; then add
# tricks, and look what they do to the gap. Here are the curves of one that can; the validation part
# is 300 further digits with right labels.

# %% tags=["experiment"]
_, _, history, _ = found["no trick"][0]
epochs = np.arange(1, 126)
fig, axes = panels(2)
losses = {"training": (epochs, history.train_losses), "validation": (epochs, history.val_losses)}
plot_curves(losses, xlabel="epoch", ylabel="loss, nats", ax=axes[0])
shares = {"validation": (epochs, 100 * np.array(history.val_accuracies))}
styles = {"validation": {"color": "#8C2D4E", "marker": "<", "linestyle": "--"}}
names = {"xlabel": "epoch", "ylabel": "accuracy on the validation part, %"}
plot_curves(shares, **names, ax=axes[1], legend=False, styles=styles)

lowest = int(np.argmin(history.val_losses))
print(f"validation loss: lowest after epoch {lowest + 1}, ", end="")
print(f"{history.val_losses[lowest]:.2f}; at the end {history.val_losses[-1]:.2f}")
then, now = (100 * history.val_accuracies[epoch] for epoch in (lowest, -1))
print(f"validation accuracy after these epochs: {then:.0f} % and {now:.0f} %")

# %% [markdown]
# *In the picture:* both losses fall together at first; then the training loss goes on towards 0
# while the validation loss turns and climbs, and the validation accuracy sinks.
#
# That was one training. Now read the curves of another.

# %% [markdown]
# QUESTION reading_curves

# %% nbgrader={"grade_id": "reading_curves", "solution": true}

# %% nbgrader={"grade_id": "reading_curves__check", "grade": true}
check("reading_curves", reading_curves)

# %% [markdown]
# ## Stop in time
#
# SL2's cheapest trick: stop where the validation loss is lowest. But that you see only afterwards,
# and the curve has bumps. So you need *patience*: a number of epochs that you wait for something
# better.

# %% [markdown]
# ### Exercise: `early_stopping` (9 points)
#
# `val_losses[i]` is the validation loss after epoch i, from 0. Training stops at the first epoch at
# which `patience` epochs in a row have brought no *strictly* lower loss than the best so far; if
# that never happens, at the last epoch of the list. Return the best epoch, and the one at which
# training stopped. What comes after the stop was never seen. Stuck? Run
# `from descentlab import hint`, then `hint(early_stopping)`.


# %% nbgrader={"grade_id": "early_stopping", "solution": true}
def early_stopping(val_losses, patience):
    """Find the best epoch and the one at which a patient trainer gives up.

    val_losses: one number an epoch, at least one.
    patience: epochs in a row without a strictly lower loss that end it, from 1.
    Returns best_epoch and stop_epoch, both counted from 0.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "early_stopping__check", "grade": true}
check(early_stopping)

# %% tags=["experiment"]
for patience in (1, 3, 10, 30):
    known, stops = [], []
    for seed, (_, _, history, _) in enumerate(found["no trick"]):
        best, stop = early_stopping(history.val_losses, patience)
        _, _, _, (_, share) = learn(seed, epochs=best + 1)
        known.append(share)
        stops.append(stop + 1)
    print(f"patience {patience:>2}: {np.mean(stops):5.1f} epochs trained, ", end="")
    print(f"test {np.mean(known):.1f} % ({min(known):.0f} to {max(known):.0f})")

# %% [markdown]
# With a patience of 1 the first bump stops it. From 3 on the differences are less than the spread,
# and all gain 6 points or more over the 75 % of the full training. (The cell trains again, up to
# the best epoch. Else keep a copy of the best θ.)

# %% [markdown]
# ## Make large weights cost something
#
# To give one image its own answer against all its neighbours, a network needs large weights. So
# CS7's first trick is to *add a term to the loss*, a price for large weights: where the data
# insist, the network pays; where they don't, it saves.

# %% [markdown]
# ### Exercise: `l2_penalty` (4 points)
#
# $$\frac{\lambda}{2} \lVert\theta\rVert^2 = \frac{\lambda}{2} \sum_i \theta_i^2,
# \qquad \text{gradient } \lambda\theta .$$
#
# Return both: the penalty as a number, its gradient in the shape of `theta`. λ says how dear it is.


# %% nbgrader={"grade_id": "l2_penalty", "solution": true}
def l2_penalty(theta, lam):
    """Return half the squared length of theta, times λ, and its gradient.

    theta: array of any shape.
    lam: λ, from 0.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "l2_penalty__check", "grade": true}
check(l2_penalty)

# %% [markdown]
# ### Exercise: `l1_penalty` (4 points)
#
# "Something similar is LASSO", says SL2 and leaves it at that. There the price of a weight is its
# size, not its square:
#
# $$\lambda \lVert\theta\rVert_1 = \lambda \sum_i |\theta_i|,
# \qquad \text{gradient } \lambda \operatorname{sign} \theta ,$$
#
# with 0 for the sign of 0. L2 pulls a small weight gently. L1 pulls it as hard as a large one.


# %% nbgrader={"grade_id": "l1_penalty", "solution": true}
def l1_penalty(theta, lam):
    """Return the sum of the sizes in theta, times λ, and its gradient.

    theta: array of any shape.
    lam: λ, from 0.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "l1_penalty__check", "grade": true}
check(l1_penalty)

# %% [markdown]
# ### Exercise: `elastic_net_penalty` (5 points)
#
# Their sum, the *elastic net*: `l1` is the λ of the L1 penalty, `l2` that of the L2 penalty.


# %% nbgrader={"grade_id": "elastic_net_penalty", "solution": true}
def elastic_net_penalty(theta, l1, l2):
    """Return the sum of the L1 and the L2 penalty, and its gradient.

    theta: array of any shape.
    l1, l2: the λ of each, from 0.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "elastic_net_penalty__check", "grade": true}
check(elastic_net_penalty)

# %% [markdown]
# Each penalty's gradient is added to the loss's. What becomes of the weights?


# %% tags=["experiment"]
def penalized_step(theta, grad, *, lr, penalty):
    """Take a plain step on the loss and the penalty."""
    return gd_step(theta, grad + penalty(theta)[1], lr=lr)


penalties = {
    "L2, λ = 0.02": partial(l2_penalty, lam=0.02),
    "L1, λ = 0.002": partial(l1_penalty, lam=0.002),
    "elastic net, half of each": partial(elastic_net_penalty, l1=0.001, l2=0.01),
}
for label, penalty in penalties.items():
    report(label, rule=partial(penalized_step, penalty=penalty))

sizes, ranks = {}, np.arange(1, 64 * 64 + 1)
for label in ("no trick", *penalties):
    network, theta, _, _ = found[label][0]
    weights = np.abs(network.unpack(theta)[0][0]).ravel()
    sizes[label] = (ranks, np.sort(weights)[::-1])
    print(f"{label:<26} weights of the first layer below 0.001: {np.mean(weights < 0.001):.0%}")
names = {"xlabel": "weights of the first layer, largest first", "ylabel": "size of the weight"}
fig, ax = panels(1)
plot_curves(sizes, **names, ax=ax, logy=True)
limits = ax.set_ylim(1e-6, 3)

# %% [markdown]
# *In the picture:* without a penalty nearly all 4,096 weights are between 0.01 and 1; L2 makes all
# of them smaller; with L1 and the elastic net about a thousand stay as large as with L2, then both
# fall to a shelf below 0.001 on which half of the weights lie.
#
# L2 shrinks, **L1 selects**. L1's pull doesn't fade near 0, so a weight that isn't worth its price
# ends there (within one step of αλ = 0.0005). In accuracy L1 gains less on the mean; the seeds
# overlap.
#
# Now the 40 wrong labels. What do the networks say to *those* images?

# %% tags=["experiment"]
for label in ("no trick", "L2, λ = 0.02"):
    shares = []
    for seed, (network, theta, _, _) in enumerate(found[label]):
        _, x, given = small_part(seed)
        _, _, right = small_part(seed, wrong=0)
        guess = network.predict(theta, x[:40]).argmax(axis=1)
        shares.append([100 * np.mean(guess == labels[:40]) for labels in (given, right)])
    wrong, corrected = np.mean(shares, axis=0)
    print(f"{label:<13} repeats {wrong:.0f} % of the wrong labels, puts {corrected:.0f} % right")

# %% [markdown]
# Learning 40 exceptions by heart has become too dear. For most of them the network says what the
# other images have taught it, against what it was told.

# %% [markdown]
# ## Or let all weights decay
#
# SL2 doesn't touch the loss. It multiplies: *after* each step, all parameters by a $w$ a little
# below 1.

# %% [markdown]
# ### Exercise: `weight_decay_step` (5 points)
#
# $$\theta \leftarrow w \cdot (\theta - \alpha \nabla L) .$$


# %% nbgrader={"grade_id": "weight_decay_step", "solution": true}
def weight_decay_step(theta, grad, *, lr, w):
    """Take one step of gradient descent, then shrink every parameter.

    theta, grad: arrays of one shape.
    lr is the learning rate α; w, above 0 and up to 1, is what is left of a parameter.
    Returns the new theta.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "weight_decay_step__check", "grade": true}
check(weight_decay_step)

# %% [markdown]
# ### Spot the error: which λ is it?
#
# SL2 says why that works: it is the same as adding $\frac{1-w}{2}\lVert\theta\rVert^2$ to the loss,
# since the derivative of that is $(1-w)\theta$.

# %% [markdown]
# QUESTION decay_as_penalty

# %% nbgrader={"grade_id": "decay_as_penalty", "solution": true}

# %% nbgrader={"grade_id": "decay_as_penalty__check", "grade": true}
check("decay_as_penalty", decay_as_penalty)

# %% [markdown]
# Two orders, two answers. Written out for one parameter θ with the gradient $g$:
#
# | | step | is gradient descent with rate | and λ |
# |---|---|---|---|
# | decay before (PyTorch) | wθ − αg | α | (1 − w)/α |
# | decay after (SL2) | wθ − αwg | αw | (1 − w)/(αw) |
#
# Does that hold for 9,000 parameters and 100 steps? α = 0.25, w = 0.998.


# %% tags=["experiment"]
def decay_first_step(theta, grad, *, lr, w):
    """Shrink every parameter, then take a plain step with the gradient from before."""
    return gd_step(w * theta, grad, lr=lr)


def with_lambda(lam):
    """Return a plain step on the loss and the L2 penalty."""
    return partial(penalized_step, penalty=partial(l2_penalty, lam=lam))


w, lr = 0.998, 0.25
after = learn(0, rule=partial(weight_decay_step, w=w), epochs=25)[1]
before = learn(0, rule=partial(decay_first_step, w=w), epochs=25)[1]
pairs = {
    "before, λ = (1 − w)/α": (before, with_lambda((1 - w) / lr), lr),
    "after, λ = (1 − w)/(αw)": (after, with_lambda((1 - w) / (lr * w)), lr * w),
    "SL2's λ = 1 − w": (after, with_lambda(1 - w), lr),
}
for label, (decayed, rule, rate) in pairs.items():
    penalized = learn(0, rule=rule, lr=rate, epochs=25)[1]
    print(f"{label:<24} at most {np.abs(decayed - penalized).max():.0e} apart after 100 steps")
report("weight decay, w = 0.998", rule=partial(weight_decay_step, w=0.998))

# %% [markdown]
# Both rows hold, up to rounding. SL2's λ would be right at α = 1 and for decay before the step; here
# it is a quarter of what this decay amounts to.

# %% [markdown]
# ### Spot the error: not used?

# %% [markdown]
# QUESTION l2_not_used

# %% nbgrader={"grade_id": "l2_not_used", "solution": true}

# %% nbgrader={"grade_id": "l2_not_used__check", "grade": true}
check("l2_not_used", l2_not_used)

# %% [markdown]
# ### With Adam they part
#
# Adam divides each gradient by its usual size. If λθ has been added before, it is divided as well.
# Below, all parameters start at 1, and their gradients are pure noise of three sizes. Nothing wants
# the parameters to be anything, so a penalty should let each of them fade alike.

# %%
### GIVEN adam_step


# %% tags=["experiment"]
def noisy_walk(step, state=None):
    """Return what is left of 3 · 1,000 parameters after 1,000 steps with gradients of noise."""
    seeded, noise = np.random.default_rng(6), np.repeat([0.1, 1.0, 10.0], 1000)
    theta = np.ones(3000)
    for _ in range(1000):
        theta, state = step(theta, noise * seeded.normal(size=3000), state)
    return theta.reshape(3, 1000).mean(axis=1)


lr, lam = 0.01, 0.1
start = AdamState.zeros(np.ones(3000))
walks = {
    "SGD, penalty": noisy_walk(lambda θ, g, _: (gd_step(θ, g + lam * θ, lr=lr), None)),
    "Adam, penalty": noisy_walk(lambda θ, g, s: adam_step(θ, g + lam * θ, s, lr=lr), start),
    "Adam, decay before (AdamW)": noisy_walk(
        lambda θ, g, s: adam_step((1 - lr * lam) * θ, g, s, lr=lr), start
    ),
}
print("what is left, on average, where the noise is 0.1, 1, 10")
for label, left in walks.items():
    print(f"{label:<27}", "  ".join(f"{value:5.2f}" for value in left))

# %% [markdown]
# With plain steps, $(1-\alpha\lambda)^{1000} = 0.37$ is left of each. Under Adam the penalty wipes
# out the parameters with small gradients and spares those with large ones. **AdamW** takes it out
# of the gradient and multiplies the parameters themselves, as SL2 does: alike again.

# %% [markdown]
# ## Switch off half of the network
#
# Dropout, in SL2's words: in each round of training each neuron is switched off with a probability
# $p$, and takes part neither in the forward pass nor in the backward pass. (CS7 sets its
# "activation probability" to 0; what becomes 0 is the activation.) The others must do without it.
# On average only $1 - p$ of what came out before comes out now. *Inverted dropout* makes up for
# that on the spot: who stays is scaled up.

# %% [markdown]
# ### Exercise: `dropout_forward` (11 points)
#
# $$\text{mask}_i = \begin{cases} 0 & \text{with probability } p \\
# 1/(1-p) & \text{otherwise} \end{cases} \qquad \text{out} = x \odot \text{mask} .$$
#
# Each entry of `x` has its own draw from `rng`; ⊙ multiplies entry by entry. Return `out` and the
# mask, scale and all.


# %% nbgrader={"grade_id": "dropout_forward", "solution": true}
def dropout_forward(x, p, rng):
    """Switch off each unit with probability p, and scale up those that stay.

    x: array of any shape; p: from 0, below 1; rng: a NumPy Generator.
    Returns out and mask, both of the shape of x.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "dropout_forward__check", "grade": true}
check(dropout_forward)

# %% [markdown]
# ### Exercise: `dropout_backward` (4 points)
#
# `dout` is the gradient of the loss by `out`. Return the gradient by `x`. Whoever was off hears
# nothing; whoever was scaled hears it scaled.


# %% nbgrader={"grade_id": "dropout_backward", "solution": true}
def dropout_backward(dout, mask):
    """Send the gradient back through the units that stayed.

    dout, mask: arrays of one shape; the mask is the one that dropout_forward returned.
    Returns dx, of the same shape.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "dropout_backward__check", "grade": true}
check(dropout_backward)

# %% [markdown]
# ### Exercise: `dropout_predict_unscaled` (3 points)
#
# SL2 does it the other way: no scaling in training, and *at test time*, when nobody is switched
# off, each output is multiplied by $1 - p$, so that its mean stays what it was. Write that test
# time.


# %% nbgrader={"grade_id": "dropout_predict_unscaled", "solution": true}
def dropout_predict_unscaled(x, p):
    """Scale outputs at test time, where training switched units off without scaling.

    x: array of any shape; p: the probability to switch off, from 0, below 1.
    Returns out, of the shape of x.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "dropout_predict_unscaled__check", "grade": true}
check(dropout_predict_unscaled)

# %% [markdown]
# QUESTION scaled_twice

# %% nbgrader={"grade_id": "scaled_twice", "solution": true}

# %% nbgrader={"grade_id": "scaled_twice__check", "grade": true}
check("scaled_twice", scaled_twice)

# %% [markdown]
# ### See it move
#
# Two half moons, 80 points, and a small network that learns them by heart. Switch your penalties,
# your dropout and your early stopping on, one after the other, and watch the border.

# %% tags=["experiment"]
regularization_explorer(
    rule=adam_step,
    init=init_he,
    l2_penalty=l2_penalty,
    l1_penalty=l1_penalty,
    dropout=(dropout_forward, dropout_backward),
    early_stopping=early_stopping,
)

# %% [markdown]
# *In the picture:* as it stands here, with no trick at all, the border between the two classes folds
# itself round single points; on the right the training loss falls while the validation loss rises,
# and below, the weights have spread as far as −2 and 2.

# %% [markdown]
# ### A network with your layers
#
# `DropoutMLP` puts dropout behind each hidden layer, in training only. It can also put **batch
# norm** before the ReLU: each column of the batch is brought to mean 0 and standard deviation 1; at
# test time averages from training stand in for the batch's. Lesson 07 builds that layer; why it is
# in here you will see near the end.

# %%
### GIVEN batchnorm_forward

# %%
### GIVEN batchnorm_backward

# %%
### GIVEN batchnorm_running


# %% tags=["experiment"]
class DropoutMLP:
    """An MLP with dropout behind every hidden layer and, if wanted, batch norm in it."""

    def __init__(self, layer_sizes, p, rng, norm=False):
        self.layer_sizes, self.p, self.rng, self.norm = layer_sizes, p, rng, norm
        self.plain, self.top = MLP(layer_sizes), MLP(layer_sizes[-2:])
        self.pack, self.unpack = self.plain.pack, self.plain.unpack
        self.running = [(np.zeros(width), np.ones(width)) for width in layer_sizes[1:-1]]

    def forward(self, theta, x):
        """Return every layer's input, and what the way back needs; note the batch."""
        inputs, notes = [x], []
        for layer, (W, b) in enumerate(self.unpack(theta)[:-1]):
            z, cache = inputs[-1] @ W, None
            if self.norm:
                self.running[layer] = batchnorm_running(*self.running[layer], z)
                z, cache = batchnorm_forward(z, np.ones(b.size), b)
            else:
                z = z + b
            out, mask = dropout_forward(np.maximum(z, 0), self.p, self.rng)
            inputs.append(out)
            notes.append((z > 0, mask, cache))
        return inputs, notes

    def loss_and_grad(self, theta, x, labels):
        """Return the loss of a batch with some units off, and its gradient."""
        params = self.unpack(theta)
        inputs, notes = self.forward(theta, x)
        top = self.top.pack(params[-1:])
        loss, grad = self.top.loss_and_grad(top, inputs[-1], labels)
        grads = self.top.unpack(grad)
        delta = (self.top.predict(top, inputs[-1]) - np.eye(10)[labels]) / len(x)
        for layer in reversed(range(len(notes))):
            fires, mask, cache = notes[layer]
            delta = dropout_backward(delta @ params[layer + 1][0].T, mask) * fires
            db = delta.sum(axis=0)
            if self.norm:
                delta, _, _ = batchnorm_backward(delta, BatchNormCache(*cache))
            grads.insert(0, (inputs[layer].T @ delta, db))
        return loss, self.pack(grads)

    def noisy_predict(self, theta, x):
        """Return the probabilities with some units off, as in training."""
        inputs, _ = self.forward(theta, x)
        return self.top.predict(self.top.pack(self.unpack(theta)[-1:]), inputs[-1])

    def at_test_time(self, theta):
        """Return the theta of the plain MLP that this network is at test time."""
        params = [(W.copy(), b.copy()) for W, b in self.unpack(theta)]
        for layer, (mean, var) in enumerate(self.running if self.norm else []):
            (W, b), stretch = params[layer], 1 / np.sqrt(var + 1e-5)
            params[layer] = W * stretch, b - mean * stretch
        return self.pack(params)

    def loss(self, theta, x, labels):
        """Return the loss at test time."""
        return self.plain.loss(self.at_test_time(theta), x, labels)

    def accuracy(self, theta, x, labels):
        """Return the share of right answers at test time."""
        return self.plain.accuracy(self.at_test_time(theta), x, labels)


def dropped(p, norm=False):
    """Return a builder of networks with dropout, for `learn`."""
    return partial(DropoutMLP, p=p, rng=np.random.default_rng(6), norm=norm)


for p in (0.2, 0.5, 0.7):
    report(f"dropout, p = {p}", build=dropped(p))

# %% [markdown]
# With p = 0.5 no unit can count on a certain other one; to learn a wrong label by heart takes a
# conspiracy of units, and half of the conspirators are missing each time. CS7: dropout prevents
# *co-adaptation of features*. With p = 0.7 too little of the network is left, and it underfits.

# %% [markdown]
# ## Show it more than there is
#
# SL2 names two things to do to data. **Preparation** happens once: AlexNet, winner of the ImageNet
# contest of 2012, cuts all images to 224 × 224; our digits come at 8 × 8. **Augmentation** happens
# each time an image is taken out: it is changed at random, in a way that *doesn't change its
# label*. Four ways to write.

# %% [markdown]
# ### Exercise: `random_flip` (6 points)
#
# Mirror each image left to right with probability `p`, each by its own draw. `images` has the shape
# `(N, H, W)`.


# %% nbgrader={"grade_id": "random_flip", "solution": true}
def random_flip(images, rng, p=0.5):
    """Mirror each image left to right with probability p.

    images: array of shape (N, H, W); rng: a NumPy Generator.
    Returns new images of the same shape.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "random_flip__check", "grade": true}
check(random_flip)

# %% [markdown]
# ### Exercise: `random_crop` (9 points)
#
# Put `padding` rows and columns of zeros all round each image, then cut out one window of the old
# size at a random place. An image's row offset and column offset are independent, each uniform on
# 0, 1, …, 2 · padding; both ends can happen.


# %% nbgrader={"grade_id": "random_crop", "solution": true}
def random_crop(images, padding, rng):
    """Put zeros all round each image and cut a window of the old size out at random.

    images: array of shape (N, H, W); padding: from 0; rng: a NumPy Generator.
    Returns new images of the same shape.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "random_crop__check", "grade": true}
check(random_crop)

# %% [markdown]
# ### Exercise: `random_erase` (7 points)
#
# Set one square of `size` × `size` pixels in each image to 0, anywhere, but wholly inside.


# %% nbgrader={"grade_id": "random_erase", "solution": true}
def random_erase(images, size, rng):
    """Set one square of each image, at a random place, to zero.

    images: array of shape (N, H, W); size: 1 to the smaller of H and W; rng: a NumPy Generator.
    Returns new images of the same shape.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "random_erase__check", "grade": true}
check(random_erase)

# %% [markdown]
# ### Exercise: `add_noise` (4 points)
#
# Add an independent draw from $\mathcal{N}(0, \text{std}^2)$ to each pixel. Clip nothing.


# %% nbgrader={"grade_id": "add_noise", "solution": true}
def add_noise(images, std, rng):
    """Add Gaussian noise of standard deviation std to every pixel.

    images: array of any shape; std: from 0; rng: a NumPy Generator.
    Returns new images of the same shape.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "add_noise__check", "grade": true}
check(add_noise)

# %% [markdown]
# ### Noise is a penalty in disguise
#
# For a linear model with a squared error it is one exactly. Noise in $x$ shakes the output
# $\theta \cdot x$ by $\text{std} \cdot \lVert\theta\rVert$, so on average the loss grows by
# $\text{std}^2 \lVert\theta\rVert^2$: your L2 penalty with λ = 2 std².

# %% tags=["experiment"]
x, theta, target = rng.normal(size=5), rng.normal(size=5), 0.7
shaken = add_noise(np.tile(x, (400_000, 1)), 0.3, rng)
growth = np.mean((shaken @ theta - target) ** 2) - (x @ theta - target) ** 2
penalty, _ = l2_penalty(theta, 2 * 0.3**2)
print(f"loss with noise minus loss without: {growth:.3f}; L2 penalty: {penalty:.3f}")

# %% [markdown]
# ### Turned and scaled
#
# SL2 also turns its images at random, CS7 scales them. Both need values between pixels: given.


# %% tags=["experiment"]
def resample(images, matrices):
    """Return each image as its own 2 × 2 matrix sees it from the middle; bilinear."""
    count, height, width = images.shape
    middle = (np.array([height, width]) - 1) / 2
    grid = np.stack(np.mgrid[:height, :width], axis=-1).reshape(-1, 2) - middle
    places = (grid @ matrices.transpose(0, 2, 1) + middle + 1).clip(0, [height + 1, width + 1])
    corner = places.astype(int)
    down, right = np.moveaxis(places - corner, -1, 0)
    padded, across = np.pad(images, ((0, 0), (1, 2), (1, 2))), width + 3
    first = corner @ [across, 1] + padded[0].size * np.arange(count)[:, None]
    pixels = padded.ravel()  # first says where the upper left one of four neighbours lies in it
    upper = (1 - right) * pixels[first] + right * pixels[first + 1]
    lower = (1 - right) * pixels[first + across] + right * pixels[first + across + 1]
    return ((1 - down) * upper + down * lower).reshape(images.shape)


def random_rotation(images, degrees, rng):
    """Turn each image about its middle by an angle uniform on −degrees … degrees."""
    angle = np.radians(rng.uniform(-degrees, degrees, size=len(images)))
    c, s = np.cos(angle), np.sin(angle)
    return resample(images, np.array([[c, -s], [s, c]]).transpose(2, 0, 1))


def random_scale(images, share, rng):
    """Make each image larger or smaller by a factor uniform on 1 − share … 1 + share."""
    factor = rng.uniform(1 - share, 1 + share, size=len(images))
    return resample(images, np.eye(2) / factor[:, None, None])


changes = {
    "flip": random_flip,
    "crop, padding 1": partial(random_crop, padding=1),
    "erase 4 × 4": partial(random_erase, size=4),
    "noise, std 0.4": partial(add_noise, std=0.4),
    "rotation to ±20°": partial(random_rotation, degrees=20),
    "scale to ±15 %": partial(random_scale, share=0.15),
}
originals = digits.x_train[:8].reshape(-1, 8, 8)
rows = [originals, *(change(originals, rng=rng) for change in changes.values())]
plot_images(np.concatenate(rows).clip(0, 1), columns=8)
print("from top to bottom: as they are,", ", ".join(changes))

# %% [markdown]
# *In the picture:* seven rows of the same eight digits: as they are, some mirrored, shifted by a
# pixel, with a white hole, under grey noise, leaning to either side, larger or smaller.
#
# ### Predict, then run
#
# Each change by itself, on the training set with the 40 wrong labels; without any, 75 % of the test
# digits are known. **Which one helps most? Does any of them do harm?**

# %% tags=["experiment"]
my_guess_best = None  # one of the names above
my_guess_harmful = None  # one of the names above, or "none"


# %% tags=["experiment"]
def on_images(*changes):
    """Return a transform for `train` that applies the changes to the images of a batch."""

    def transform(x, rng):
        images = x.reshape(-1, 8, 8)
        for change in changes:
            images = change(images, rng=rng)
        return images.reshape(len(x), -1)

    return transform


for label, change in changes.items():
    report(label, transform=on_images(change))
print(f"your guesses: {my_guess_best} helps most, {my_guess_harmful} does harm")

# %% [markdown]
# Noise helps most here: no image looks the same twice, so there is nothing to learn by heart.
# Crops and holes help; of the others the spread says little. But does a flip do no harm? A mirrored
# 2 is no digit. Once more, with the 40 labels put right:

# %% tags=["experiment"]
right_part = partial(small_part, wrong=0)
report("right labels, no trick", part=right_part)
report("right labels, flip", part=right_part, transform=on_images(random_flip))

# %% [markdown]
# There it is. CS7 flips photographs, and a mirrored cat is a cat. An augmentation is a claim about
# the world, *this doesn't change the label*, and must be true.

# %% [markdown]
# ## A shift of colour
#
# Colour images allow one more change: the light. CS7's *color jitter* applies PCA, principal
# component analysis, to all RGB pixels: take the covariance matrix (3 × 3) of the colours of all
# pixels in `images`. Its eigenvectors $p_1, p_2, p_3$, of length 1, are the directions in which
# colours vary there, its eigenvalues $\lambda_j$ say how much.

# %% [markdown]
# ### Exercise: `color_jitter` (9 points)
#
# Give each image one draw $\alpha_j \sim \mathcal{N}(0, \text{std}^2)$ for each direction, and move
# *all its pixels* by the same colour
#
# $$\alpha_1 \lambda_1 p_1 + \alpha_2 \lambda_2 p_2 + \alpha_3 \lambda_3 p_3 .$$
#
# `images` has the shape `(N, H, W, 3)`. Clip nothing. `np.linalg.eigh` returns the eigenvectors as
# *columns*. (λ and α are other things here than above; these are AlexNet's letters.)


# %% nbgrader={"grade_id": "color_jitter", "solution": true}
def color_jitter(images, std, rng):
    """Shift each image's colour along the directions in which the pixels' colours vary.

    images: array of shape (N, H, W, 3); std: of the draws α, from 0; rng: a NumPy Generator.
    Returns new images of the same shape.
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "color_jitter__check", "grade": true}
check(color_jitter)

# %% [markdown]
# Our digits have no colour, so write them on a blackboard: the chalk more bluish or more yellow, in
# more or less light. 200 of them, all labels right, are learned; at the test there is fog, too.


# %% tags=["experiment"]
def with_chalk(x, rng):
    """Return the digits in chalk on a blackboard, shape (N, 8, 8, 3), values near 0 to 1."""
    board, ink = np.array([0.05, 0.15, 0.1]), x.reshape(-1, 8, 8, 1)
    light, warm = rng.uniform(0.6, 1, (len(x), 1, 1, 1)), rng.normal(0, 0.12, (len(x), 1, 1, 1))
    chalk = light * np.array([0.95, 0.95, 0.9]) + warm * np.array([1, 0, -1])
    return board + ink * (chalk - board)


clear = with_chalk(digits.x_test, np.random.default_rng(6))
foggy = 0.7 * clear + 0.3
strips = [clear[:8], color_jitter(clear[:8], 2, rng), foggy[:8]]
framed = np.pad(strips, ((0, 0), (0, 0), (1, 1), (1, 1), (0, 0)), constant_values=1)
picture = np.concatenate([np.concatenate(list(strip), axis=1) for strip in framed])
fig, ax = panels(1)
ax.imshow(picture.clip(0, 1), interpolation="nearest")
ax.set_xticks([])
ax.set_yticks([4.5, 14.5, 24.5], ["clear", "jittered", "fog"])
ax.grid(False)
ax.spines[:].set_visible(False)

for std in (0, 0.5, 2):
    known = []
    for seed in range(5):
        seeded, x, labels = right_part(seed)

        def jitter(x, rng, std=std):
            return color_jitter(x.reshape(-1, 8, 8, 3), std, rng).reshape(len(x), -1)

        network = MLP([192, 64, 64, 10])
        theta = network.pack(init_he(network.layer_sizes, seeded))
        how = {"lr": 0.25, "batch_size": 50, "epochs": 60, "rng": seeded, "transform": jitter}
        data = with_chalk(x, seeded).reshape(len(x), -1), labels
        theta, _ = train(network, theta, *data, rule=gd_step, progress=False, **how)
        tests = (part.reshape(300, -1) for part in (clear, foggy))
        known.append([100 * network.accuracy(theta, x, digits.labels_test) for x in tests])
    (means, low, high) = np.mean(known, axis=0), np.min(known, axis=0), np.max(known, axis=0)
    print(f"std {std:<4} clear {means[0]:.1f} % ({low[0]:.0f} to {high[0]:.0f})   ", end="")
    print(f"fog {means[1]:.1f} % ({low[1]:.0f} to {high[1]:.0f})")

# %% [markdown]
# *In the picture:* eight digits in chalk, yellowish to bluish; the same with their colours shifted,
# each image brighter or darker as a whole; and in fog, paler all over.
#
# These images vary most from board to chalk, dark to light, so that is where the jitter shifts them
# most. With std 2 the network knows 92 % in fog instead of 85, and in clear air no less. The axes
# come from the data: where colours never vary, nothing is shifted.

# %% [markdown]
# ## Several looks at test time
#
# CS7 on crops: in training *sample random crops*, at test time *average a fixed set of crops*.

# %% [markdown]
# ### Exercise: `test_time_average` (4 points)
#
# `predict(view)` gives probabilities of shape `(N, C)`. `views` is a list of versions of the same N
# images. Return the mean of the predictions.


# %% nbgrader={"grade_id": "test_time_average", "solution": true}
def test_time_average(predict, views):
    """Average the predictions for a fixed list of views of the same examples.

    predict: a function, view -> probabilities of shape (N, C).
    views: a list of arrays, at least one.
    Returns probabilities of shape (N, C).
    """
    ### BEGIN SOLUTION
    ### END SOLUTION


# %% nbgrader={"grade_id": "test_time_average__check", "grade": true}
check(test_time_average)


# %% tags=["experiment"]
def fixed_crops(x, places):
    """Return one view for each offset (row, column) of a window in the padded images."""
    padded = np.pad(x.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    return [padded[:, i : i + 8, j : j + 8].reshape(len(x), -1) for i, j in places]


looks = {
    "the middle": [(1, 1)],
    "5 crops": [(1, 1), (0, 1), (2, 1), (1, 0), (1, 2)],
    "all 9 crops": list(product(range(3), range(3))),
}
for label in ("no trick", "crop, padding 1"):
    for name, places in looks.items():
        known = []
        for network, theta, _, _ in found[label]:
            views = fixed_crops(digits.x_test, places)
            probs = test_time_average(partial(network.predict, theta), views)
            known.append(100 * np.mean(probs.argmax(axis=1) == digits.labels_test))
        print(f"trained with {label + ',':<16} {name:<12} {np.mean(known):.1f} % ", end="")
        print(f"({min(known):.0f} to {max(known):.0f})")

# %% [markdown]
# One network and nine looks: 7 points more, with no new training. But only where crops were in the
# training, too. The other network has never seen a digit off the middle. Test time averages out the
# noise *that training has put in*.

# %% [markdown]
# ## The common pattern
#
# Random crops in training, their average at test time: CS7 sees the same two halves in other tricks,
# and calls it the common pattern.

# %% [markdown]
# QUESTION common_pattern

# %% nbgrader={"grade_id": "common_pattern", "solution": true}

# %% nbgrader={"grade_id": "common_pattern__check", "grade": true}
check("common_pattern", common_pattern)

# %% [markdown]
# ### Dropout as an ensemble
#
# Each mask makes another network, and all of them share their weights: dropout is *kind of like a
# large ensemble*, says CS7. Then test time should be the average of them all. Average honestly:
# `noisy_predict` draws new masks at each call, so the same images can be the view, many times.

# %% tags=["experiment"]
for label in ("no trick", "dropout, p = 0.5"):
    shares = {1: [], 10: [], 100: [], "all on": []}
    for _, theta, _, (_, known) in found[label]:
        network = dropped(0.5)([64, 64, 64, 10])
        shares["all on"].append(known)
        for masks in (1, 10, 100):
            predict = partial(network.noisy_predict, theta)
            probs = test_time_average(predict, [digits.x_test] * masks)
            shares[masks].append(100 * np.mean(probs.argmax(axis=1) == digits.labels_test))
    row = "   ".join(f"{name}: {np.mean(known):.1f} %" for name, known in shares.items())
    print(f"{label:<17} masks  {row}")

h, (W, b) = np.maximum(rng.normal(size=10), 0), (rng.normal(size=(10, 10)), rng.normal(size=10))
layer = MLP([10, 10])
masks = np.array(list(product([0, 1], repeat=10)))
logs = np.log(layer.predict(layer.pack([(W, b)]), h * masks)).mean(axis=0)
scaled = layer.predict(layer.pack([(W, b)]), dropout_predict_unscaled(h[None], 0.5))
difference = np.abs(np.exp(logs) / np.exp(logs).sum() - scaled).max()
print(f"one layer, geometric mean over all {len(masks):,} masks: {difference:.0e} from one pass")

# %% [markdown]
# With half of its units off, the network without dropout drops to 33 %, the one with dropout keeps
# 68 %: that is co-adaptation, and its absence. And the average over 100 masks comes to where a
# single pass with all units on already is. So test time is the ensemble's average at a hundredth of
# the cost: exactly so in the last layer (the last line: with the geometric mean, renormalized),
# through several ReLUs approximately. Lesson 09 has ensembles of networks that share nothing.

# %% [markdown]
# ### Does batch norm make dropout unneeded?
#
# CS7: *with BN, dropout isn't used*. In batch norm the random company in the batch is the noise, so
# one noise might do. Two cases: our 200 digits with 40 wrong labels, and all 1,197 with right ones.


# %% tags=["experiment"]
def whole_part(seed):
    """Return a generator and all 1,197 training digits with their right labels."""
    return np.random.default_rng(seed), digits.x_train, digits.labels_train


print("200 digits, 40 wrong labels (without batch norm: see above)")
report("batch norm", build=dropped(0, norm=True))
report("batch norm and dropout 0.2", build=dropped(0.2, norm=True))
print("1,197 digits, right labels")
whole = {"part": whole_part, "epochs": 10}
report("neither", **whole)
report("dropout 0.2", **whole, build=dropped(0.2))
report("batch norm", **whole, build=dropped(0, norm=True))
report("batch norm and dropout 0.2", **whole, build=dropped(0.2, norm=True))

# %% [markdown]
# With plenty of right data CS7 has a point: batch norm brings 2 points, dropout on top of it
# nothing. On the 200 digits batch norm doesn't keep the network from learning wrong labels by
# heart, and dropout brings 4 points with it as without it. *Unneeded* depends on your data.

# %% [markdown]
# ### All together

# %% tags=["experiment"]
noise, decay = on_images(partial(add_noise, std=0.4)), partial(weight_decay_step, w=0.999)
report("noise, decay", transform=noise, rule=decay)
report("noise, dropout 0.2", transform=noise, build=dropped(0.2))
harsh = on_images(*(changes[label] for label in list(changes)[1:4]))  # crop, erase, noise
report("all of it", transform=harsh, rule=decay, build=dropped(0.2))

# %% [markdown]
# Next to noise alone (86.8 %) a second trick brings 2 points or none. Crops, holes, noise, decay
# and dropout together are too much: the network can't fit even the right labels any more, and what
# began as overfitting ends as underfitting. Add one at a time, and stop when the validation part
# gains no more.
#
# (You and I have looked at the test part after each trick, to learn what tricks do. Who looks that
# often ends by preferring what suits *it*, so take these gains as a little flattering. When you
# *choose* tricks and their strength, choose by the validation part, and look at the test part once.)

# %% [markdown]
# ## In your own words
#
# A friend trains a large network on a few hundred photographs, some of them wrongly labelled. It
# gets 99.9 % of them right, and 80 % of new ones. *In which order do you go about it, and what do
# you watch? How can dropout, which spoils the training, make the result better? What must be
# different at test time, for dropout and for random crops?* (6 points, read by a person.)

# %% [markdown] nbgrader={"grade_id":"regularization__why", "grade": true, "solution": true, "points": 6}
# ### BEGIN SOLUTION
# **Two points each.** *The order:* it can overfit, so it is large enough. Watch the losses of the
# training and of a validation part. First stop early, at the lowest validation loss. Then add
# tricks (augmentations that keep the label, weight decay, dropout), look after each whether the
# validation part gains, and stop adding when the training part can't be fitted any more. The test
# part is for the end.
#
# *Spoiling:* learning a wrong or odd example by heart takes one particular set of units or weights
# that work together. With half of them off at random they can't count on one another; what holds
# for many images is learned by many units and survives. (Or: it trains a large ensemble that shares
# its weights. Or: it makes learning by heart dear and what is common cheap.)
#
# *At test time* the noise is switched off or averaged out. With dropout all units are on, at their
# mean: nothing more to do if training divided by 1 − p, × (1 − p) if it didn't. With random crops:
# no random ones, but the middle, or better the average of the predictions for a fixed set of crops.
# ### END SOLUTION

# %% [markdown]
# ## In the wild
#
# | | weight decay | dropout |
# |---|---|---|
# | **SL2** | all parameters × w after each step | p: off; × (1 − p) at test time |
# | **CS7** | a term added to the loss | activations set to 0; of test time only a heading |
# | **here** | both | p: off; ÷ (1 − p) in training |
#
# - **PyTorch**: `torch.nn.Dropout(p=0.5)` is your `dropout_forward`, and `model.eval()` switches it
#   off. `weight_decay` of `torch.optim.SGD` and `Adam` (0 by default) is the λ of a penalty whose
#   gradient is added; that of `AdamW` (0.01) is a decay before the step, by 1 − αλ. In torchvision
#   `RandomCrop(padding=...)`, `RandomHorizontalFlip` and `RandomErasing` are near yours; its
#   `ColorJitter` changes brightness, contrast, saturation and hue, not along PCA axes.
# - **Keras**: `Dropout(rate)` has your p. `regularizers.L2(0.01)` is λ‖θ‖² *without* the ½, so its
#   λ is half of ours. `EarlyStopping` keeps the *last* weights unless you say
#   `restore_best_weights=True`, and its default patience is 0.
# - **TensorFlow 1** and the dropout paper (Srivastava et al. 2014) name the probability to *keep*.
# - Biases are often left out of the decay.

# %% [markdown]
# ## Why spoiling helps
#
# There are many ways to get 200 images right. Most of them are 200 separate reasons, and few hold
# for the next image. Training alone doesn't prefer these; it takes what fits.
#
# Every trick here makes the separate reasons dear and leaves the common ones cheap. A price on
# weights: what serves one image isn't worth it. Units that may be off: no conspiracy lasts. Images
# that never come twice: nothing to recognize them by. Stopping early: no time for it, as the common
# reasons are learned first. The training set suffers, as it should: of its labels, 40 were wrong.
#
# How strong? As strong as the validation part says. But all of that you did on purpose. What if a
# number goes wild by itself? That is lesson 07.

# %% [markdown]
# ### The documents
#
# - **SL2**: *Deep Learning 学习笔记 03 – Supervised Learning (2)* (Chinese)
# - **CS7**: *Stanford CS231n 7강. Training Neural Networks 2* (Korean)
