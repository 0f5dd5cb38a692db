"""The lesson's questions on ensembles and transfer."""

from autograder.exercises.ensembles_and_transfer.averages import TOPIC
from autograder.exercises.questions import Choice, Number
from descentlab.text import N_

QUESTIONS = (
    Choice(
        name="snapshots_why",
        topic=TOPIC,
        points=2,
        text=N_(
            "CS7: *instead of independent models, use snapshots of one.* Why does a cyclic "
            "learning rate make snapshots a better ensemble?"
        ),
        choices={
            "A": (
                N_("Each restart throws θ to another place, so the snapshots err differently."),
                N_("An ensemble gains only where its members disagree."),
            ),
            "B": (
                N_("It makes every snapshot more accurate than a fully trained model."),
                N_("A snapshot has had less training than the whole run would give it."),
            ),
            "C": (
                N_("It saves the memory of the other models."),
                N_("Each snapshot is kept whole; the training is what is saved."),
            ),
            "D": (
                N_("It makes all snapshots alike, so their mean is exact."),
                N_("The mean of equal members is any one of them: nothing is gained."),
            ),
        },
        key="A",
    ),
    Choice(
        name="fine_tune_rate",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Spot the error.** CS7 writes of fine-tuning: *lr = 0.1 or so*. The network was "
            "trained with Adam at 0.001. Which rate is meant?"
        ),
        choices={
            "A": (
                N_("0.1, as it stands there."),
                N_("A hundred times the old rate: what was learned would be gone in a few steps."),
            ),
            "B": (
                N_("0.001, the old one."),
                N_("Fine-tuning goes more carefully than the first training did."),
            ),
            "C": (
                N_("0.0001: a tenth of the old rate."),
                N_("The 0.1 is a factor."),
            ),
            "D": (
                N_("It doesn't matter: the early layers are frozen."),
                N_("Not in fine-tuning; and frozen or not, the last layer's rate matters."),
            ),
        },
        key="C",
    ),
    Number(
        name="ensemble_error",
        topic=TOPIC,
        points=2,
        text=N_(
            "Three models are right on 90 % of all images each, and err independently. A majority "
            "of them decides. On which share of the images (0 to 1) is the majority right?"
        ),
        value=0.972,
        tolerance=0.003,
        replies=(
            (0.729, N_("That is the chance that all three are right. Two are enough.")),
            (97.2, N_("In percent that is so. The share was asked for, a number from 0 to 1.")),
            (0.999, N_("That is the chance that at least one is right. One is not a majority.")),
            (0.9, N_("That is one model alone. Count the ways in which two or three are right.")),
            (0.243, N_("That is exactly two right. Three right count as well.")),
        ),
        hint=N_("All three right: 0.9³. Exactly two right: 3 · 0.9² · 0.1. Add them."),
        reply=N_(
            "Seven points for nothing, if they erred independently. Real models err together: "
            "CS7's 2 % is the more honest figure."
        ),
    ),
    Choice(
        name="transfer_table",
        topic=TOPIC,
        points=2,
        text=N_(
            "CS7's table. Your images are much like those of the first training, and you have "
            "only ten of each class. What do you train?"
        ),
        choices={
            "A": (
                N_("Everything from scratch: only your own data count."),
                N_("With ten images a class a whole network learns them by heart."),
            ),
            "B": (
                N_("The first layers: they are the most specific."),
                N_("They are the most generic ones: edges and strokes. The last are specific."),
            ),
            "C": (
                N_("All layers, with a large rate."),
                N_("That would forget the features that you came for."),
            ),
            "D": (
                N_("A new last layer alone, on top of frozen features."),
                N_("Few numbers to learn from few examples; the features fit already."),
            ),
        },
        key="D",
    ),
    Choice(
        name="diagnose_ensemble",
        topic=TOPIC,
        points=2,
        text=N_(
            "**Diagnosis.** Five members, 96.1 % each; their ensemble has 96.1 %, too. Two members "
            "agree on 100 % of the test images. What went wrong?"
        ),
        choices={
            "A": (
                N_("The members are overfitted."),
                N_("That would show in the members' 96.1 %, not in their agreement."),
            ),
            "B": (
                N_("All members are the same model: one seed for all of them, or one θ listed "
                   "five times."),
                N_("Five times the same vote is one vote."),
            ),
            "C": (
                N_("Too few members: ten would do."),
                N_("Ten of the same would be no better."),
            ),
            "D": (
                N_("The probabilities were averaged; votes should have been counted."),
                N_("With equal members both give the same."),
            ),
        },
        key="B",
    ),
)  # fmt: skip
