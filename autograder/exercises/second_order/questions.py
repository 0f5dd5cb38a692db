"""The lesson's questions on curvature."""

from autograder.exercises.questions import Choice, Number
from autograder.exercises.second_order.newton_step import TOPIC
from descentlab.text import N_

QUESTIONS = (
    Number(
        name="newton_steps",
        topic=TOPIC,
        points=2,
        text=N_(
            "f(x, y) = 3x² + xy + 5y² − 4x. From any start, after how many Newton steps is the "
            "gradient 0 (up to rounding)?"
        ),
        value=1,
        replies=(
            (2, N_("One for each parameter would be conjugate directions. Newton solves for all.")),
            (0, N_("Then it would have to start at the minimum. Any start, it says.")),
        ),
        hint=N_("Newton steps to the minimum of the quadratic that fits here. What is f itself?"),
        reply=N_("f is its own quadratic approximation, so the first step lands in its minimum."),
    ),
    Choice(
        name="newton_saddle",
        topic=TOPIC,
        points=2,
        text=N_("Newton's method starts near the saddle of f = x² − y². Where does it step?"),
        choices={
            "A": (
                N_("Down along y, faster than gradient descent."),
                N_("Its step is −H⁻¹∇, and H has −2 for y: dividing by it turns the step round."),
            ),
            "B": (
                N_("Nowhere: at a saddle the Hessian can't be inverted."),
                N_("Its eigenvalues are 2 and −2; neither is 0."),
            ),
            "C": (
                N_("Straight to the saddle: it looks for a zero of the gradient, of any kind."),
                N_("That is one of the reasons why networks aren't trained so."),
            ),
            "D": (
                N_("Up along x."),
                N_("For x the curvature is positive, and the step goes down, to 0."),
            ),
        },
        key="C",
    ),
    Choice(
        name="natural_gradient",
        topic=TOPIC,
        points=2,
        text=N_("**Spot the error.** CS7 notes *Newton = natural*. When is that so?"),
        choices={
            "A": (
                N_("Always: both divide the gradient by a matrix."),
                N_("By different ones: the loss's Hessian, and the model's Fisher matrix."),
            ),
            "B": (
                N_("Where the Fisher matrix is the Hessian; elsewhere they are two directions."),
                N_("The Fisher matrix is never negative; the Hessian at a saddle is."),
            ),
            "C": (
                N_("Never: the natural gradient is the plain gradient."),
                N_(
                    "The plain gradient knows no curvature. The natural one is divided by a matrix."
                ),
            ),
            "D": (
                N_("Only in one dimension."),
                N_("Even for one parameter the two numbers may differ."),
            ),
        },
        key="B",
    ),
    Number(
        name="hessian_size",
        topic=TOPIC,
        points=2,
        text=N_(
            "Our digits network has 8,970 parameters. How many MB (10⁶ bytes) does its Hessian "
            "take in float64, 8 bytes a number?"
        ),
        value=643.7,
        tolerance=0.02,
        replies=(
            (80.5, N_("That is millions of entries. Each takes 8 bytes.")),
            (
                0.0718,
                N_("That is the gradient: one number a parameter. The Hessian has one a pair."),
            ),
            (613.9, N_("That is in MiB, of 2²⁰ bytes. An MB is 10⁶ bytes here.")),
            (643_687_200.0, N_("That is in bytes. How many millions are they?")),
            (321.8, N_("That is float32, or half of the symmetric matrix.")),
        ),
        hint=N_("Entries: 8,970 times 8,970. Bytes: 8 times that."),
        reply=N_("For a network of 100 million parameters it would be 80 petabytes."),
    ),
    Choice(
        name="lbfgs_batches",
        topic=TOPIC,
        points=2,
        text=N_(
            "CS7: L-BFGS for full batches, *less stochastic*. Why do mini-batches upset it, when "
            "gradient descent bears them?"
        ),
        choices={
            "A": (
                N_("Mini-batches are too small to hold the pairs."),
                N_("The pairs are as long as θ, whatever the batch."),
            ),
            "B": (
                N_("Its line search needs a learning rate from the batch size."),
                N_("A line search finds the length of the step by itself."),
            ),
            "C": (
                N_("It needs the exact Hessian, which no batch gives."),
                N_("It never sees a Hessian, only differences of gradients."),
            ),
            "D": (
                N_(
                    "y, a difference of two gradients, becomes mostly noise when they come from "
                    "two batches."
                ),
                N_("The steps are short, so the true difference is small and the noise is not."),
            ),
        },
        key="D",
    ),
)
