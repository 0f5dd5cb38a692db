"""The lesson's questions."""

from autograder.exercises.adaptive.inputs import TOPIC
from autograder.exercises.questions import Choice, Number
from descentlab.text import N_

QUESTIONS = (
    Choice(
        name="stuck_in_the_valley",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Diagnosis.** For 500 updates of plain gradient descent the loss hasn't fallen. You "
            "print the norm of the gradient: it is as large as ever. What is going on?"
        ),
        choices={
            "A": (
                N_("It bounces between the walls of a valley: the steps across are too long."),
                N_("*Training stuck ≠ small gradient* (ALR): the way down is along the floor."),
            ),
            "B": (
                N_("It has reached a local minimum."),
                N_("At a minimum the gradient is 0. Yours is large: look at the norm again."),
            ),
            "C": (
                N_("It sits on a saddle point."),
                N_("At a saddle point the gradient is 0, too, and small near it. Yours is large."),
            ),
            "D": (
                N_("The learning rate is too small."),
                N_(
                    "With a large gradient and short steps the loss would fall at each one, slowly "
                    "but surely. It doesn't fall at all."
                ),
            ),
        },
        key="A",
    ),
    Choice(
        name="first_sigma",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Spot the error.** ONN starts RMSprop with σ⁰ = g⁰ and takes the first step "
            "θ ← θ − η/σ⁰ · g⁰. A parameter has g⁰ = −3. Where does it go?"
        ),
        choices={
            "A": (
                N_("By 3η upwards, as plain gradient descent would."),
                N_("That is without the division. Here −3 is divided by σ⁰ = −3 first."),
            ),
            "B": (
                N_("By η upwards: σ only sets the length."),
                N_(
                    "That is what is meant, and what σ⁰ = |g⁰| does. With σ⁰ = g⁰ work out g⁰/σ⁰ "
                    "for −3: which sign has it?"
                ),
            ),
            "C": (
                N_("By η downwards, which is uphill on the loss: the sign has cancelled."),
                N_(
                    "g⁰/σ⁰ = 1 whatever the gradient, so every parameter's first step is −η. A "
                    "size has no sign: σ⁰ = |g⁰|, which is the root of the square."
                ),
            ),
            "D": (
                N_("Nowhere: −3 under the root has no value."),
                N_("No root is taken in the first step as ONN writes it: σ⁰ is g⁰ itself."),
            ),
        },
        key="C",
    ),
    Choice(
        name="where_eps_stands",
        topic=TOPIC,
        points=2,
        text=N_(
            "KK divides by √(s + ε), CS7 and PyTorch by √s + ε. Adagrad takes its first step with "
            "s = g², ε = 10⁻⁸, and a parameter whose gradient is 10⁻⁶. How long is the step, in "
            "units of α?"
        ),
        choices={
            "A": (
                N_("Nearly 1 in both: ε is far too small to matter."),
                N_("Too small beside what? s = g² is 10⁻¹² here, and ε is 10,000 times as large."),
            ),
            "B": (
                N_("0.01 in both: the gradient is tiny."),
                N_(
                    "Adagrad's first step is g/√(g²): without ε it is 1 for any gradient. Beside "
                    "√s = 10⁻⁶, what is an ε of 10⁻⁸ outside the root?"
                ),
            ),
            "C": (
                N_("Nearly 1 with ε inside (KK), 0.01 with ε outside."),
                N_("The other way round: inside the root ε acts with √ε = 10⁻⁴."),
            ),
            "D": (
                N_("0.01 with ε inside (KK), nearly 1 with ε outside."),
                N_(
                    "10⁻⁶/√(10⁻¹² + 10⁻⁸) is 0.01, 10⁻⁶/(10⁻⁶ + 10⁻⁸) is 0.99. Inside the root ε "
                    "holds back gradients below √ε = 10⁻⁴, outside those below 10⁻⁸."
                ),
            ),
        },
        key="D",
    ),
    Number(
        name="first_adam_step",
        topic=TOPIC,
        points=2,
        text=N_(
            "CS7 warns of a *very very large* first step when Adam's moments aren't corrected. "
            "With β₁ = 0.9, β₂ = 0.999 and ε = 0, how many times α is the first step of "
            "`adam_uncorrected_step`, from the zero state?"
        ),
        value=3.1623,
        tolerance=0.02,
        replies=(
            (
                1.0,
                N_("That is the first step with correction (or at β₂ = 0.99). Here there is none."),
            ),
            (100.0, N_("That is 0.1/0.001. v = 0.001 g² still goes under a root.")),
            (0.31623, N_("That is (1 − β₁)/√(1 − β₂) for β₂ = 0.9. Here β₂ is 0.999.")),
            (31.623, N_("That is 1/√0.001, with g above. Above the root stands m = 0.1 g.")),
            (0.1, N_("That is m alone, 0.1 g. It is divided by the root of v.")),
        ),
        hint=N_("m = (1 − β₁) g and v = (1 − β₂) g². What is m/√v?"),
        reply=N_(
            "0.1/√0.001: three times α, and that is all. v starts further below its mean than m "
            "does, so the ratio comes out too large."
        ),
    ),
    Choice(
        name="why_adam_works",
        topic=TOPIC,
        points=2,
        text=N_("**CS7's interview question:** why does Adam work so well? Give two reasons."),
        choices={
            "A": (
                N_(
                    "It needs no learning rate, and it finds the global minimum where others stay "
                    "in a local one."
                ),
                N_("α is there, and it matters. And nothing in the rule knows of other minima."),
            ),
            "B": (
                N_(
                    "Its direction is a mean of recent gradients, and each parameter's step is "
                    "divided by the size of its own gradients."
                ),
                N_(
                    "Momentum evens out noise and zigzag and rolls on through flat places; the "
                    "division gives steep and flat directions steps of similar length."
                ),
            ),
            "C": (
                N_("It uses second derivatives, and it corrects the bias of the data."),
                N_(
                    "v is a mean of squared *first* derivatives, and the bias that is corrected is "
                    "that of m and v, from their start at 0."
                ),
            ),
            "D": (
                N_("It makes α smaller over time, and it adds up all gradients since the start."),
                N_(
                    "That is closer to Adagrad, whose s never forgets. Adam's means forget, and "
                    "its α stays."
                ),
            ),
        },
        key="B",
    ),
)
