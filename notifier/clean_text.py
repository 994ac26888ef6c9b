"""Texts of printers and people made harmless: bounded, on one line, nothing hidden or turned round. Pure."""

import re
import unicodedata
from typing import Final

# Embeddings, overrides, isolates and marks of the bidirectional algorithm (UAX 9) make text read otherwise
# than it is; line and paragraph separators break headers; tags and the BOM are not seen at all.
_HIDDEN: Final = re.compile(
    "[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SPACES: Final = re.compile(r"\s+")
_CHAT: Final = str.maketrans({"<": "‹", ">": "›", "@": "＠", "`": "'", "*": "∗", "[": "(", "]": ")"})


def one_line(text: str | None, longest: int = 160) -> str:
    """The text on one line, without control characters; shortened with an ellipsis."""
    visible = "".join(
        " " if unicodedata.category(char) in ("Cc", "Cs") else char for char in _HIDDEN.sub("", text or "")
    )
    flat = _SPACES.sub(" ", visible).strip()
    return flat if len(flat) <= longest else f"{flat[: longest - 1].rstrip()}…"


def for_chat(text: str) -> str:
    """The same for chat rooms, where <!channel>, @everyone and [text](link) are more than text."""
    return text.translate(_CHAT)
