"""What refuses to go on, with one sentence that says how to put it right."""


class Refused(Exception):
    """Nothing was done; the text names the value, the problem and the remedy."""


class Interrupted(Refused):
    """Somebody pressed Ctrl-C; what was done until then stays."""


class LessonError(Refused, ValueError):
    """Something in a lesson's source that its author has to change."""


class ClassError(Refused, RuntimeError):
    """Something in a class directory that has to be put right first."""
