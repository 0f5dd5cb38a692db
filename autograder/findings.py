"""What is said of the faults that any answer can have: identifier, title, sentence.

The sentences are whole, with named places for what was seen; `descentlab.text` translates them.
"""

from __future__ import annotations

from descentlab.text import N_, _

FAULTS: dict[str, tuple[str, str]] = {
    "unanswered": (
        N_("not answered yet"),
        N_("There is no answer here yet: {name} still is the stub it was given out as."),
    ),
    "not_a_function": (
        N_("not a function"),
        N_(
            "check was given {got}, not a function. Pass the function itself, without calling it: "
            "check({name})."
        ),
    ),
    "wrong_signature": (
        N_("signature changed"),
        N_(
            "{name} can't be called as the exercise says, {signature}: {text} Bring the first "
            "line back to what it was; reset({name}) shows the stub."
        ),
    ),
    "returned_nothing": (
        N_("nothing returned"),
        N_(
            "{name} came back with None where {expected} was expected. Does every way through the "
            "function end in a return?"
        ),
    ),
    "not_a_tuple": (
        N_("one thing returned, several expected"),
        N_("{name} must return {expected}, in this order; it returned {got}."),
    ),
    "wrong_count": (
        N_("wrong number of results"),
        N_("{name} must return {expected}; what it returned has {got} parts."),
    ),
    "wrong_count_inside": (
        N_("wrong number of parts in one result"),
        N_("One of the results of {name} must be {expected}; it has {got} parts."),
    ),
    "wrong_order": (
        N_("results in another order"),
        N_("The numbers are right and come back in another order. It is {expected}."),
    ),
    "wrong_order_too": (
        N_("results in another order"),
        N_("The results come back in another order, too: it is {expected}."),
    ),
    "returned_list": (
        N_("a list for an array"),
        N_(
            "{part} came back as a Python list where {expected} was expected. A list can't be "
            "added or scaled as an array can: np.array(...) makes one of it."
        ),
    ),
    "returned_tuple": (
        N_("a tuple for an array"),
        N_(
            "{part} came back as {got} where {expected} was expected. Is there a comma too many "
            "at the end of a line?"
        ),
    ),
    "returned_scalar": (
        N_("a single number for an array"),
        N_(
            "{part} came back as a single number; it needs the shape {expected}. A sum, mean or "
            "norm over all entries makes one number of many: each entry has its own here."
        ),
    ),
    "wrong_shape": (
        N_("wrong shape"),
        N_(
            "{part} has the shape {got}, it needs {expected}. Look for a transpose, a sum over the "
            "wrong axis, or two shapes that NumPy stretched to fit."
        ),
    ),
    "flat_result": (
        N_("flattened"),
        N_(
            "{part} has the right number of entries in one row: the shape {got} for {expected}. "
            "What flattens it on the way (ravel, flatten, .flat, np.append)?"
        ),
    ),
    "wrong_type": (
        N_("not numbers"),
        N_("{part} isn't made of real numbers: {got} came back, {expected} was expected."),
    ),
    "complex_numbers": (
        N_("complex numbers"),
        N_(
            "{part} came back as complex numbers: somewhere a negative number is raised to a "
            "fraction, as ** 0.5 does. Where does it become negative, and what should happen then?"
        ),
    ),
    "integers": (
        N_("fractions cut off"),
        N_(
            "{part} came back as whole numbers: the fractions were cut off on the way. Look for "
            "int(...), //, or an array that was made with an integer type."
        ),
    ),
    "not_finite": (
        N_("inf or NaN"),
        N_(
            "{part} holds inf or NaN for inputs that are all finite. Something is divided by 0, a "
            "negative number is under a root, or a power grows without end."
        ),
    ),
    "changed_argument": (
        N_("changed its arguments"),
        N_(
            "{name} changed in place what was passed in: {argument}. Whoever called it still "
            "needs the old values. Make a new array (a = a + b) where a += b would write into the "
            "old one."
        ),
    ),
    "hidden_state": (
        N_("remembers between calls"),
        N_(
            "The same call gave two different results: {name} keeps something between calls, in a "
            "global variable, an attribute or a default argument, or it draws random numbers. All "
            "that it needs goes in as an argument and comes out as a result."
        ),
    ),
    "exception": (
        N_("raises an exception"),
        N_("{name} stopped with {type}: {text} It happened in your line: {line}"),
    ),
    "exited": (
        N_("leaves the program"),
        N_("{name} calls exit. A function ends with return; take the exit out."),
    ),
    "timed_out": (
        N_("doesn't end"),
        N_(
            "{name} was still running after {seconds} seconds and was stopped. Look for a loop "
            "whose condition never becomes false, or for a costly call on large arrays."
        ),
    ),
    "crashed": (
        N_("ends the whole program"),
        N_(
            "The whole program ended while {name} was called: it crashed, or needed more memory "
            "than there is. Look for an array that grows without end, or a call that leaves Python."
        ),
    ),
    "ignored_argument": (
        N_("ignores an argument"),
        N_(
            "{part} stays the same when {argument} changes. Is {argument} missing in the formula, "
            "or does a fixed number stand in its place?"
        ),
    ),
    "sign_ignored": (
        N_("ignores a sign"),
        N_(
            "{part} is the same for {argument} and for −{argument}. Is it squared, or its absolute "
            "value taken, where it should go in as it is?"
        ),
    ),
    "size_ignored": (
        N_("ignores a size"),
        N_(
            "{part} stays the same when {argument} is twice as large: only its sign or its "
            "direction is used. Is it divided by its own size on the way?"
        ),
    ),
    "opposite_direction": (
        N_("opposite direction"),
        N_("The step to {part} has the right length and goes the opposite way. Look at the signs."),
    ),
    "wrong_step_length": (
        N_("step of the wrong length"),
        N_(
            "The step to {part} goes the right way and is {factor} times as long as it should be, "
            "in every example."
        ),
    ),
    "wrong_factor": (
        N_("off by a factor"),
        N_("{part} is {factor} times what it should be, in every example."),
    ),
    "wrong_sign": (
        N_("wrong sign"),
        N_("{part} has the right size and the opposite sign, in every example."),
    ),
    "only_this_rank": (
        N_("only right for vectors"),
        N_(
            "Your answer is right for arrays with one axis and wrong for shape {shape}. A loop or "
            "an index that counts on one axis does this; array operations work for any shape."
        ),
    ),
    "few_digits": (
        N_("right to a few digits only"),
        N_(
            "{part} is right in its first digits and off in the later ones. Either numbers are cut "
            "short on the way (round(...), float32 or float16, a constant typed with a few "
            "digits), or something small is added or missing."
        ),
    ),
    "wrong_first": (
        N_("first entry wrong"),
        N_("{part} is right but for its first entry. Does a loop or a slice begin at 1?"),
    ),
    "wrong_last": (
        N_("last entry wrong"),
        N_("{part} is right but for its last entry. Does a loop or a slice end one too early?"),
    ),
    "wrong_all_but_first": (
        N_("only the first entry right"),
        N_(
            "Only the first entry of {part} is right. Does a return stand inside a loop, or an "
            "index [0] where the whole array belongs? Of a path the first entry is the start that "
            "was given: then your first step is off already."
        ),
    ),
    "float32": (
        N_("loses digits with float32"),
        N_(
            "Your answer is right for float64 and wrong for float32 inputs, beyond float32's own "
            "rounding. Is a number added or a type forced that float32 can't hold?"
        ),
    ),
    "first_step_only": (
        N_("only right at the start"),
        N_(
            "From the state before the first step your answer is right; in the middle of a "
            "training it isn't. What the rule remembers from before isn't used as it should be."
        ),
    ),
    "not_at_first": (
        N_("wrong at the start"),
        N_(
            "In the middle of a training your answer is right; from the state before the first "
            "step it isn't."
        ),
    ),
    "later_steps": (
        N_("wrong from the second step on"),
        N_(
            "The first step is right. From the second on, with the state that your own function "
            "returned, it isn't: look at what is returned as the new state."
        ),
    ),
    "one_part_wrong": (
        N_("one part wrong"),
        N_("{right}: right. {part}: not. Compare the line that computes it with the formula."),
    ),
    "wrong_numbers": (
        N_("other numbers than expected"),
        N_("{part} has other numbers than the formula gives. Compare the case below by hand."),
    ),
    "not_from_rng": (
        N_("not drawn from rng"),
        N_(
            "Two calls with the same state of rng gave two different results: {name} draws from "
            "somewhere else. Draw from the rng that is passed in: rng.normal(...), "
            "rng.permutation(...)."
        ),
    ),
    "global_generator": (
        N_("draws from the global generator"),
        N_(
            "{name} uses NumPy's or Python's global generator (np.random..., random...). Then "
            "nobody can repeat the run from its seed: draw from the rng that is passed in."
        ),
    ),
    "ignores_rng": (
        N_("always draws the same"),
        N_(
            "Two generators in different states gave the same result. {name} must draw from the "
            "rng that is passed in, and not make or seed one of its own."
        ),
    ),
    "copies_rng": (
        N_("leaves rng where it was"),
        N_(
            "{name} draws from a copy of rng, or from a generator made of its state: rng itself "
            "stands where it was, and the next call with it draws the same numbers again. Draw "
            "from the rng that is passed in."
        ),
    ),
    "wrong_choice": (N_("another choice"), N_("{reply}")),
    "no_choice": (
        N_("not one of the choices"),
        N_("{got} is none of the choices. Answer with one letter as text: {letters}."),
    ),
    "not_a_number": (
        N_("not a number"),
        N_("A number was asked for and {got} came. Write it as a Python number, such as 0.25."),
    ),
    "wrong_number": (
        N_("another number"),
        N_("{got} isn't it. {hint}"),
    ),
}
"""Identifier -> (title for tables, sentence with named places)."""


def title(fault: str) -> str:
    """The fault in a few words."""
    return _(FAULTS[fault][0])


def sentence(fault: str, **seen) -> str:
    """What the learner is told of a fault."""
    return _(FAULTS[fault][1]).format(**seen)


def two_at_once(first: str, second: str) -> str:
    """Two slips in one answer."""
    return _("Two things at once.\n1. {first}\n2. {second}").format(first=first, second=second)


def either(messages: list[str]) -> str:
    """Mistakes that can't be told apart by what the answer returns."""
    different = list(dict.fromkeys(messages))
    if len(different) == 1:
        return different[0]
    listed = "\n".join(f"- {message}" for message in different)
    return _("Your numbers fit more than one mistake:\n{listed}").format(listed=listed)


def with_shape(text: str, shapes: str) -> str:
    """A fault that came only with some inputs; as it is where nothing tells which."""
    if not shapes:
        return text
    return _("{text} This was with {shapes}.").format(text=text, shapes=shapes)


def widened(part: str, given: str, returned: str) -> str:
    """A note: right numbers in a wider type than what came in."""
    return _(
        "{part} came back as {returned} though {given} went in. That is accepted; it takes "
        "twice the memory in a long training."
    ).format(part=part, given=given, returned=returned)


def warned(text: str) -> str:
    """A note: a warning of the answer's code."""
    return _("While it ran, Python warned: {text}").format(text=text)


def printed(text: str) -> str:
    """A note: what the answer printed in the first case."""
    return _("In the first case your function printed: {text}").format(text=text)


def other_default(name: str, expected: str, got: str) -> str:
    """A note: a default value in the signature was changed."""
    return _(
        "The default of {name} is {expected} in the exercise and {got} in yours. The rule is "
        "judged with {name} given; your experiments use your default."
    ).format(name=name, expected=expected, got=got)


def cannot_stop() -> str:
    """A note: this machine can't end an answer that hangs."""
    return _(
        "On this machine check can't stop a function that never ends; interrupt the kernel if "
        "one does."
    )


def success(points: str) -> str:
    """Everything right."""
    return _("All {points} points.").format(points=points)
