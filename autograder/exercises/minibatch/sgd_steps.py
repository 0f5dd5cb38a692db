"""Mistakes in `sgd` about its steps, the losses that it notes, and what it returns."""

from autograder.exercises.base import elsewhere, slip
from descentlab.text import N_

ASK = "loss_and_grad(theta, x_b, y_b)"
NOTE = "losses.append(loss)"
STEP = "theta = theta - lr * grad"
FIRST_LOOP = "for _epoch in range(epochs):"

STEPS = (
    slip(
        "step_sign",
        N_("uphill"),
        N_("Your step adds the gradient, and climbs. Downhill is the other way."),
        ("theta - lr", "theta + lr"),
        where=N_("θ ← θ **−** α∇L"),
    ),
    slip(
        "lr_missing",
        N_("learning rate missing"),
        N_("The step subtracts the whole gradient; lr is nowhere in it."),
        ("lr * grad", "grad"),
        where=N_("θ ← θ − **α**∇L"),
    ),
    slip(
        "divided_by_batch",
        N_("divided by the batch once more"),
        N_(
            "You divide the gradient by the number of examples in the batch. loss_and_grad "
            "returns the gradient of a *mean*: that is done already."
        ),
        ("lr * grad", "lr * grad / len(x_b)"),
        where=N_("θ ← θ − α**∇L**"),
        pairs=False,
    ),
    slip(
        "times_batch",
        N_("multiplied by the batch"),
        N_(
            "You multiply the gradient by the number of examples in the batch, which makes a sum "
            "of the mean. Then the step grows with the batch size."
        ),
        ("lr * grad", "lr * grad * len(x_b)"),
        where=N_("θ ← θ − α**∇L**"),
        pairs=False,
    ),
    slip(
        "divided_by_n",
        N_("divided by the number of examples"),
        N_(
            "You divide the step by n, the number of all examples. The mean over the batch makes "
            "lr independent of n; nothing is left to divide."
        ),
        ("lr * grad", "lr * grad / len(x)"),
        where=N_("θ ← θ − α**∇L**"),
        pairs=False,
    ),
    slip(
        "only_the_direction",
        N_("gradient scaled to length 1"),
        N_(
            "You divide the gradient by its norm, so all steps have the same length. Plain SGD "
            "takes long steps where it is steep and short ones where it is flat."
        ),
        ("lr * grad", "lr * grad / np.linalg.norm(grad)"),
        where=N_("θ ← θ − α**∇L**"),
        pairs=False,
    ),
    slip(
        "gradients_pile_up",
        N_("gradients never cleared"),
        N_(
            "Each gradient is added to all those before it, and the step is made with the sum, as "
            "in PyTorch without zero_grad(). A step uses the gradient of its own batch alone."
        ),
        ("losses = []", "losses = []\ntotal = 0"),
        (STEP, "total = total + grad\n        theta = theta - lr * total"),
        where=N_("θ ← θ − α**∇L_batch(θ)**"),
        pairs=False,
    ),
    slip(
        "gradients_pile_up_in_epoch",
        N_("gradients cleared once an epoch"),
        N_(
            "Within an epoch each gradient is added to those before it, and the step is made with "
            "the sum. A step uses the gradient of its own batch alone."
        ),
        (FIRST_LOOP, f"{FIRST_LOOP}\n    total = 0"),
        (STEP, "total = total + grad\n        theta = theta - lr * total"),
        where=N_("θ ← θ − α**∇L_batch(θ)**"),
        pairs=False,
    ),
    elsewhere(
        "with_momentum",
        N_("momentum"),
        N_(
            "A share of 0.9 of the last step goes into the next one: that is SGD with momentum, "
            "the subject of lesson 03. Here it is plain SGD."
        ),
        ("losses = []", "losses = []\nv = 0"),
        (STEP, "v = 0.9 * v + lr * grad\n        theta = theta - v"),
        where=N_("θ ← θ − **α∇L**"),
        pairs=False,
    ),
    slip(
        "rate_falls_each_epoch",
        N_("lr divided by the epoch"),
        N_("lr gets smaller from epoch to epoch: that is lesson 05. Here it stays."),
        ("lr * grad", "lr / (_epoch + 1) * grad"),
        where=N_("θ ← θ − **α**∇L"),
        pairs=False,
    ),
    slip(
        "rate_falls_each_step",
        N_("lr divided by the step"),
        N_("lr gets smaller from step to step: that is lesson 05. Here it stays."),
        ("lr * grad", "lr / len(losses) * grad"),
        where=N_("θ ← θ − **α**∇L"),
        pairs=False,
    ),
    slip(
        "back_to_start_each_epoch",
        N_("every epoch from the start"),
        N_(
            "Every epoch begins at the theta that came in, and what the one before has learned is "
            "lost. It goes on from where that one ended."
        ),
        ("losses = []", "losses = []\nstart = theta"),
        (FIRST_LOOP, f"{FIRST_LOOP}\n    theta = start"),
        pairs=False,
    ),
    slip(
        "gradient_at_start",
        N_("gradient always at the first theta"),
        N_(
            "Every gradient is asked for at the theta that came in. After a step you stand "
            "elsewhere: ask there."
        ),
        ("losses = []", "losses = []\nstart = theta"),
        (ASK, "loss_and_grad(start, x_b, y_b)"),
        where=N_("∇L_batch(**θ**), the present one"),
        pairs=False,
    ),
    slip(
        "new_theta_lost",
        N_("new theta not used for the next step"),
        N_(
            "Every step starts from the theta that came in: what you computed as the new one is "
            "never the start of the next. Carry it on."
        ),
        (STEP, "new = theta - lr * grad"),
        ("return theta,", "return new,"),
        where=N_("**θ** ← θ − α∇L"),
        pairs=False,
    ),
    slip(
        "no_step",
        N_("theta not moved"),
        N_("Losses are noted, and theta comes back as it went in. Who takes the step?"),
        (f"        {STEP}\n", ""),
        where=N_("**θ ← θ − α∇L**"),
        pairs=False,
    ),
    slip(
        "one_step_an_epoch",
        N_("one step per epoch"),
        N_(
            "You add up the gradients of an epoch and make one step at its end. A step follows "
            "every batch; that is what makes small batches quick."
        ),
        ("    for x_b", "    total = 0\n    for x_b"),
        (f"        {STEP}", "        total = total + grad\n    theta = theta - lr * total"),
        where=N_("**for each batch**: θ ← θ − α∇L"),
        pairs=False,
    ),
    slip(
        "loss_after_step",
        N_("loss after the step"),
        N_(
            "You note the loss of the batch after its step. Asked for is the one before, which "
            "loss_and_grad has given you already, without another pass."
        ),
        (
            f"{NOTE}\n        {STEP}",
            f"{STEP}\n        losses.append({ASK}[0])",
        ),
        where=N_("loss at the θ **before** the step"),
        pairs=False,
    ),
    slip(
        "full_loss",
        N_("loss of all the data"),
        N_(
            "You note the loss of the whole data set at each step. That costs a full pass every "
            "time; note the loss of the step's own batch."
        ),
        (NOTE, "losses.append(loss_and_grad(theta, x, y)[0])"),
        where=N_("the loss of the step's **own batch**"),
        pairs=False,
    ),
    slip(
        "loss_summed",
        N_("loss summed over the batch"),
        N_(
            "You multiply the loss by the number of examples in the batch. Note it as "
            "loss_and_grad returns it: a mean, which is comparable between batches."
        ),
        (NOTE, "losses.append(loss * len(x_b))"),
        pairs=False,
    ),
    slip(
        "loss_averaged",
        N_("losses added up"),
        N_(
            "Your entries are sums or means of the losses so far, after the first. That looks "
            "smoother, and hides what happens now: note each loss as it is."
        ),
        (
            NOTE,
            "total = loss + (total if losses else 0)\n        losses.append(0.0)\n"
            "        losses[-1] = total / len(losses)",
        ),
        pairs=False,
    ),
    slip(
        "loss_divided",
        N_("loss divided by the batch"),
        N_(
            "You divide the loss by the number of examples in the batch. loss_and_grad returns a "
            "mean already."
        ),
        (NOTE, "losses.append(loss / len(x_b))"),
        pairs=False,
    ),
    slip(
        "loss_and_grad_swapped",
        N_("grad, loss for loss, grad"),
        N_(
            "You take the first thing that loss_and_grad returns for the gradient. Its name says "
            "the order: the loss first."
        ),
        ("loss, grad =", "grad, loss ="),
        where=N_("**loss, grad** = loss_and_grad(…)"),
        pairs=False,
    ),
    slip(
        "first_loss_too",
        N_("one loss too many"),
        N_(
            "losses begins with the loss of all the data before training, and so has one entry too "
            "many. It has one entry a step, that of the step's own batch."
        ),
        ("losses = []", "losses = [loss_and_grad(theta, x, y)[0]]"),
        where=N_("losses: **one entry a step**"),
        pairs=False,
    ),
    slip(
        "full_loss_per_epoch",
        N_("loss of all the data, once per epoch"),
        N_(
            "You note the loss of all the data after each epoch. It needs one entry per step: the "
            "loss of the step's own batch, which costs nothing more."
        ),
        (
            f"        {NOTE}\n        {STEP}",
            f"        {STEP}\n    losses.append(loss_and_grad(theta, x, y)[0])",
        ),
        where=N_("losses: **one entry a step**"),
        pairs=False,
    ),
    slip(
        "one_loss_per_epoch",
        N_("one loss per epoch"),
        N_(
            "losses has one entry per epoch. It needs one per step; look at how far the line that "
            "notes it is indented."
        ),
        (f"        {NOTE}\n        {STEP}", f"        {STEP}\n    {NOTE}"),
        where=N_("losses: **one entry a step**"),
        pairs=False,
    ),
    slip(
        "start_ignored",
        N_("start at 0"),
        N_("Your descent starts at 0, whatever theta was passed in. The start is given."),
        ("losses = []", "losses = []\ntheta = np.zeros_like(theta)"),
        where=N_("θ at the start: **theta**"),
    ),
    slip(
        "results_swapped",
        N_("(losses, theta)"),
        N_("The results come back in another order. It is (theta, losses)."),
        ("return theta, losses", "return losses, theta"),
        where=N_("return **theta, losses**"),
        pairs=False,
    ),
    slip(
        "theta_only",
        N_("losses not returned"),
        N_("Only theta comes back. The losses, one for each step, are asked for as well."),
        ("return theta, losses", "return theta"),
        where=N_("return theta, **losses**"),
        pairs=False,
    ),
    slip(
        "one_loss_for_all",
        N_("one loss for all steps"),
        N_(
            "In the place of losses stands a single number. A list is asked for, with the loss of "
            "every step."
        ),
        ("return theta, losses", "return theta, loss"),
        where=N_("return theta, **losses**"),
        pairs=False,
    ),
)
