"""Texts of printers and people in mails and notices: on one line, and harmless in chat rooms. Pure."""

from typing import Final

from core.domain import text as texts

_CHAT: Final = str.maketrans({"<": "‹", ">": "›", "@": "＠", "`": "'", "*": "∗", "[": "(", "]": ")"})


def one_line(text: str | None, longest: int = 160) -> str:
    """Return the text on one line, its runs of blanks one, shortened with an ellipsis; "" for None."""
    return texts.one_line(" ".join(texts.one_line(text or "").split()), longest, ellipsis=True)


def for_chat(text: str) -> str:
    """Return a text for chat rooms, where <!channel>, @everyone and [text](link) are more than text."""
    return text.translate(_CHAT)
