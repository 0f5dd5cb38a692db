"""From a lesson's text to its two notebooks, and what must never be in the learner's one."""

import sys

# jsonschema, which nbformat needs, looks for this optional package, whose import compiles a grammar
# for more than a second. It checks internationalized addresses; notebooks hold none.
sys.modules.setdefault("rfc3987_syntax", None)
