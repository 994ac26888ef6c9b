"""Texts of printers that everybody may read: those made of nothing but the ordinary words for its parts.

No address, host name or person can be said in them: every word has to be one of these, and numbers are those
of trays and covers, or a percentage.
"""

import re
from functools import lru_cache
from typing import Final

_PARTS: Final = """
adf bag bin bins bottle box bypass cartridge cassette cleaner cleaning collator container cover covers
deck developer document door drawer drum duplex duplexer engine envelope exit feed feeder finisher fuser
fusing hopper ink input kit lever maintenance mailbox manual motor mp mpf multi multipurpose opc output pad
panel photoconductor pickup powder print printer purpose roller scanner separator sheet slot sorter stacker
staple stapler staples supply toner transfer tray trays unit waste web wick belt
"""
_PLACES: Final = """
a b c d e back bottom center front inner inside internal large left lower middle outer outside rear right
side small standard top upper paper media plain size
"""
_COLORS: Final = (
    "black blue color colour cyan gray green grey light magenta matte orange photo red yellow white"
)
_SENTENCES: Final = """
an and another answer are asks at been by clock closed collector does due empty end for from full fault has
in is jam jammed its it life low missing more near nearly no not of offline on open or out percent please
ready replace reports service taken than that the this to warning
"""
_WORDS: Final = frozenset(f"{_PARTS} {_PLACES} {_COLORS} {_SENTENCES}".split())
_TEXT: Final = re.compile(r"(?:[A-Za-z]+|\d{1,3})(?:[ ,()/&%#-]+(?:[A-Za-z]+|\d{1,3}))*[ )%]*\.?")
_TOKEN: Final = re.compile(r"[A-Za-z]+|\d+")
_MOST_NUMBERS: Final = 2


@lru_cache(maxsize=8192)
def is_ordinary(text: str) -> bool:
    """Return whether a text is made of these words, and of two small numbers at most."""
    if len(text) > 200 or not _TEXT.fullmatch(text):  # noqa: PLR2004 (as long as a sentence may be)
        return False
    tokens = _TOKEN.findall(text.lower())
    numbers = sum(token.isdigit() for token in tokens)
    return numbers <= _MOST_NUMBERS and all(token.isdigit() or token in _WORDS for token in tokens)
