"""From a lesson's text to its two notebooks, and what must never be in the learner's one."""
