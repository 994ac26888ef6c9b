"""Text from elsewhere made fit to be stored and shown: bounded, nothing hidden, nothing turned round.

Printers, people and other programs write it. How it is escaped for HTML, Markdown, a terminal or a header is
a matter of the medium, and stands there.
"""

import re
from typing import Final

# Controls, separators of lines and paragraphs, halves of surrogate pairs, noncharacters and what stands for
# a character that could not be read.
_CONTROLS: Final = "\x00-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef\ufff0-\uffff\ud800-\udfff"
_CONTROL: Final = re.compile(f" ?[{_CONTROLS}][{_CONTROLS} ]*")
_CONTROL_IN_LINE: Final = re.compile(f" ?(?:(?!\n)[{_CONTROLS}])(?:(?!\n)[{_CONTROLS} ])*")
_BREAK: Final = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# Marks that are not seen: those of the bidirectional algorithm (UAX 9), which make text read otherwise than
# it is, of no width, soft hyphens, the BOM, tags.
_MARK: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
_ROW_NUMBER: Final = re.compile(r"[0-9]{1,9}")
"""What fits into an integer of every database."""


def one_line(text: str, longest: int | None = None, *, ellipsis: bool = False) -> str:
    """Return the text on one line: a run of controls is one blank, marks that are not seen are left out.

    It is cut at `longest` characters; with an ellipsis, where one is wanted, at the end of a word.
    """
    if not (text.isascii() and text.isprintable()):  # as most are
        text = _CONTROL.sub(" ", _MARK.sub("", text))
    return _bounded(text.strip(), longest, ellipsis=ellipsis)


def lines(text: str, longest: int | None = None, *, ellipsis: bool = False) -> str:
    """Return the same with its lines kept, ended by a line feed each; blanks at their beginning stay."""
    if not (text.isascii() and text.isprintable()):
        text = _CONTROL_IN_LINE.sub(" ", _MARK.sub("", _BREAK.sub("\n", text)))
    return _bounded(text, longest, ellipsis=ellipsis)


def row_number(text: str) -> int | None:
    """Return the number of a row that somebody asks for (/issue?id=12); None for what no row can have."""
    return int(text) if _ROW_NUMBER.fullmatch(text) else None


def _bounded(text: str, longest: int | None, *, ellipsis: bool) -> str:
    if longest is None or len(text) <= longest:
        return text
    if not ellipsis:
        return text[:longest].rstrip()
    cut = text[: longest - 1]
    if not text[longest - 1].isspace():
        whole = max(cut.rfind(" "), cut.rfind("\n"))
        if whole > longest // 2:  # else a long word, or one that is all there is, is worth its beginning
            cut = cut[:whole]
    return f"{cut.rstrip()}…"
