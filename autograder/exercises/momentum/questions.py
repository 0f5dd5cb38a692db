"""The lesson's questions on momentum."""

from autograder.exercises.momentum.inputs import TOPIC
from autograder.exercises.questions import Choice, Number
from descentlab.text import N_

QUESTIONS = (
    Choice(
        name="how_momentum_works",
        topic=TOPIC,
        points=2,
        text=N_("**KK's checkpoint:** how does momentum work?"),
        choices={
            "A": (
                N_("It divides the learning rate by the size of the gradients so far."),
                N_(
                    "That is Adagrad, in the next lesson. Momentum has one rate for all parameters."
                ),
            ),
            "B": (
                N_(
                    "It adds up past gradients with decaying weight; what agrees grows, what "
                    "alternates cancels."
                ),
                N_("In the valley: along the floor gradients agree, across it they alternate."),
            ),
            "C": (
                N_("It averages θ over the last steps and returns the mean."),
                N_("Averaging θ is Polyak averaging, in lesson 09. Momentum averages gradients."),
            ),
            "D": (
                N_("It makes the learning rate larger with every step."),
                N_(
                    "α stays what it is. On a constant slope the steps grow, yes, but towards "
                    "α/(1 − β) times the gradient, and no further."
                ),
            ),
        },
        key="B",
    ),
    Number(
        name="terminal_step",
        topic=TOPIC,
        points=2,
        text=N_(
            "On a long slope the gradient is always 0.2. With α = 0.1 and β = 0.8 in "
            "`momentum_step`, how long does each step become in the end?"
        ),
        value=0.1,
        replies=(
            (0.02, N_("That is the first step, α · 0.2. The velocity is still growing then.")),
            (0.025, N_("That is α · 0.2 / β. The sum 1 + β + β² + … is 1/(1 − β).")),
            (1.0, N_("α is missing: 0.2/(1 − β) is the running sum of CS7. KK's step holds α.")),
            (
                0.2,
                N_("That is the gradient itself. The step has α in it, and the sum of the past."),
            ),
            (
                0.5,
                N_("That is α/(1 − β), the effective rate. The step is that times the gradient."),
            ),
        ),
        hint=N_(
            "In the end v no longer changes: v = βv + α · 0.2. Solve that for v, or run the rule."
        ),
        reply=N_("Five gradients' worth in one step: 1/(1 − 0.8) = 5."),
    ),
    Choice(
        name="friction",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Spot the error.** KK and CS7 call β (ρ) a friction. What happens to a rolling ball "
            "when you *raise* β from 0.9 to 0.99?"
        ),
        choices={
            "A": (
                N_("It is braked more: friction went up."),
                N_(
                    "The name would say so. Look at v ← βv + …: with 0.99 the ball keeps 99 % of "
                    "its speed instead of 90 %."
                ),
            ),
            "B": (
                N_("Nothing changes but the first step."),
                N_("The first step, from v = 0, is the one thing that doesn't change."),
            ),
            "C": (
                N_("It is braked less, and rolls about ten times as far: friction is 1 − β."),
                N_("1/(1 − β) went from 10 to 100."),
            ),
            "D": (
                N_("It is braked less, about 10 % less."),
                N_(
                    "β itself grew by 10 %. What counts is what is lost at each step, 1 − β, and "
                    "that fell to a tenth."
                ),
            ),
        },
        key="C",
    ),
    Number(
        name="running_mean",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Spot the error.** CS7 calls the velocity a *running mean of gradients*. Feed "
            "`running_sum_step` a constant gradient of 1 with ρ = 0.9. To what number does v "
            "settle?"
        ),
        value=10.0,
        replies=(
            (1.0, N_("A mean of ones would be 1. Run it: v ← 0.9 v + 1 doesn't stop there.")),
            (0.1, N_("That is 1 − ρ. What number v satisfies v = 0.9 v + 1?")),
            (0.9, N_("That is ρ. What number v satisfies v = 0.9 v + 1?")),
            (1.9, N_("That is v after the second step. It goes on growing.")),
        ),
        hint=N_("When v has settled it no longer changes: v = 0.9 v + 1."),
        reply=N_("A decaying sum, 1/(1 − ρ) times as large as a mean."),
    ),
    Choice(
        name="rate_changes",
        topic=TOPIC,
        points=2,
        text=N_(
            "In the middle of a run α is halved. Which notation takes a step of half the length "
            "*at once*?"
        ),
        choices={
            "A": (
                N_("KK's, v ← βv + α∇L, θ ← θ − v"),
                N_("Its v still holds gradients weighted with the old α; they fade in time."),
            ),
            "B": (
                N_("SL2's heavy ball, θ − η∇ + β(θ − θ_prev)"),
                N_("Its last step was made with the old rate, and β of that is repeated."),
            ),
            "C": (
                N_("ONN's, v ← λv − η∇, θ ← θ + v"),
                N_("ONN's v is KK's with the other sign: the old rate is inside."),
            ),
            "D": (
                N_("CS7's running sum, v ← ρv + ∇, θ ← θ − αv"),
                N_("Its v holds gradients only, and α scales all of them, old and new."),
            ),
        },
        key="D",
    ),
)
