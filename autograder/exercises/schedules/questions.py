"""The lesson's questions on schedules."""

from autograder.exercises.questions import Choice, Number
from autograder.exercises.schedules.inputs import TOPIC
from descentlab.text import N_

QUESTIONS = (
    Choice(
        name="burst_cause",
        topic=TOPIC,
        points=2,
        text=N_(
            "ALR's path turns into the flat valley, walks along it, and near the end suddenly "
            "bursts *across* it, where gradients have long been tiny. Why, with `rms_step` and a "
            "constant η?"
        ),
        choices={
            "A": (
                N_("Near the end the valley's walls get steeper, so the gradients grow."),
                N_("They are tiny across the valley all the way. Something else has shrunk."),
            ),
            "B": (
                N_("η has been growing all the time."),
                N_("η is constant here. The step is η/σ · g: look at what is below the line."),
            ),
            "C": (
                N_("Rounding errors pile up over so many steps."),
                N_("Their size is 1e-16. The burst is there in exact arithmetic, too."),
            ),
            "D": (
                N_("σ is a mean over all steps: the large early gradients thin out in it."),
                N_("σ across the valley falls like 1/√t, until η/σ is large again."),
            ),
        },
        key="D",
    ),
    Number(
        name="thinned_out",
        topic=TOPIC,
        points=2,
        text=N_(
            "How fast does it thin out? A parameter's first gradient is 3, all later ones are 0. "
            "After one step σ, the root of the mean square, is 3. After how many steps in all has "
            "it fallen to 0.3?"
        ),
        value=100.0,
        tolerance=0.001,
        replies=(
            (99.0, N_("99 more after the first; the first step counts as well.")),
            (10.0, N_("After 10 steps the mean square is 9/10: its root is 0.95. Mind the root.")),
            (3.0, N_("After 3 steps σ is √(9/3) = 1.7.")),
            (30.0, N_("After 30 steps σ is √(9/30) = 0.55. Mind which numbers are squared.")),
            (1000.0, N_("After 1,000 steps σ is √(9/1,000) = 0.09: too far.")),
            (11.0, N_("After 11 steps the mean square is 9/11. Its root has to be 0.3.")),
        ),
        hint=N_("After t steps σ = √(9/t). When is that 0.3?"),
        reply=N_("A tenth after a hundred steps: σ = 3/√t, and η/σ has grown tenfold."),
    ),
    Choice(
        name="decay_of_adagrad",
        topic=TOPIC,
        points=2,
        text=N_(
            "With σ = √(mean of all squares up to step t), which decay of η turns the step "
            "η_t/σ · g into Adagrad's, η/√(sum of all squares) · g, which can't burst?"
        ),
        choices={
            "A": (
                N_("η_t = η/t"),
                N_("σ is √(sum/t): one root of t is to be made up for, not t itself."),
            ),
            "B": (
                N_("η_t = η/√t"),
                N_("√t · √(sum/t) = √sum. The decay *is* what Adagrad has and `rms_step` hasn't."),
            ),
            "C": (
                N_("η_t = η · √t"),
                N_("Then η_t/σ = η · t/√sum, which grows: the burst comes sooner."),
            ),
            "D": (
                N_("η_t = η, any constant"),
                N_("That is `rms_step`, whose step grows where gradients get small."),
            ),
        },
        key="B",
    ),
    Choice(
        name="direction_and_size",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Spot the error.** ALR's summary, θ ← θ − (η_t/σ_t) m_t, says: m is a vector and has "
            "a direction, σ is a scalar and only scales its length. Does dividing by σ keep the "
            "direction of m?"
        ),
        choices={
            "A": (
                N_("No: σ is one number per parameter, so m/σ needn't be parallel to m."),
                N_(
                    "Each σ is positive and keeps its own parameter's sign; together they turn the "
                    "arrow. m = (3, 1), σ = (3, 0.5): the step goes along (1, 2)."
                ),
            ),
            "B": (
                N_("Yes: a scalar only changes the length."),
                N_("A scalar would. Look at your `rms_step`: which shape has sigma?"),
            ),
            "C": (
                N_("No: σ may be negative and turn the arrow round."),
                N_("σ is a root of squares: never negative. No parameter's sign is turned."),
            ),
            "D": (
                N_("Yes, because σ is an average over all parameters."),
                N_("It is an average over steps, for each parameter by itself."),
            ),
        },
        key="A",
    ),
    Choice(
        name="warmup_and_decay",
        topic=TOPIC,
        points=2,
        text=N_(
            "ALR's guess at why warm-up helps, and CS7's advice on decay. Which plan follows both?"
        ),
        choices={
            "A": (
                N_("Decay fast from the first update; warm up at the end, for the last bit."),
                N_(
                    "Warm-up is for the start, when σ is made of few gradients, and CS7 wants no "
                    "decay before you have seen the curve."
                ),
            ),
            "B": (
                N_("Always both, with the numbers of a paper; look at the curve when it is done."),
                N_("CS7 says the opposite: look with your own eyes first, then choose the decay."),
            ),
            "C": (
                N_(
                    "Begin small until σ has seen enough gradients; then no decay at first: look "
                    "at the loss, and add decay where it stops falling."
                ),
                N_("Early σ is made of few numbers; decay is chosen when there is a curve to see."),
            ),
            "D": (
                N_("Neither: with an adaptive σ the size of η no longer matters."),
                N_("σ sets the rates' ratios. η still scales them all, and early σ is unreliable."),
            ),
        },
        key="C",
    ),
)
