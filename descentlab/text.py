"""The one door for every sentence that a learner reads.

``_`` translates now, ``ngettext`` chooses between one and many, ``N_`` only marks a sentence that
somebody else translates later (data at the top of a module, for instance).

The language is the environment variable ``DESCENTLAB_LANG`` (``"ko"``, or several in order of
preference: ``"zh_TW:zh"``), else what ``LANGUAGE``, ``LC_ALL``, ``LC_MESSAGES`` or ``LANG`` say.
A sentence without a translation stays English.

`printable` is for what stands in a sentence and somebody else wrote: names, code, messages.
"""

import gettext
import os
from pathlib import Path

DOMAIN = "descentlab"
LOCALE_DIR = Path(__file__).parent / "locale"


def _translation() -> gettext.NullTranslations:
    """Find the catalogue of the wanted language, or one that leaves every sentence as it is."""
    wanted = os.environ.get("DESCENTLAB_LANG", "").strip()
    languages = wanted.split(":") if wanted else None
    return gettext.translation(DOMAIN, LOCALE_DIR, languages=languages, fallback=True)


_catalogue = _translation()
_ = _catalogue.gettext
ngettext = _catalogue.ngettext


def N_(sentence: str) -> str:
    """Return `sentence` as it is: it is only marked, so that it is found and translated later."""
    return sentence


def printable(text: str, keep: str = "") -> str:
    """Return a text that commands no terminal: U+FFFD for what can't be printed, `keep` aside."""
    return "".join(c if c.isprintable() or c in keep else "\N{REPLACEMENT CHARACTER}" for c in text)
