"""What printers and people wrote, shown as text: cleaned; for Markdown escaped (for HTML: templates.py)."""

import re
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 300
"""Nothing in a table or a heading needs more; whole texts (details, comments) pass their own bound."""

# Control characters, and those that turn the direction of what follows.
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PUNCTUATION: Final = re.compile(r"([!-/:-@\[-`{-~])")
# A backslash does not stop what Streamlit looks for after parsing: :emoji:, :material/icon:, web addresses.
_SHORTCODE: Final = re.compile(r":(?=[\w+-])|(?<=[\w])@(?=\w)|(?<=:)/(?=/)|(?<=www)\.(?=\w)", re.IGNORECASE)
_JOINER: Final = "\u2060"  # word joiner: takes no room, breaks no line


def clean(text: object, longest: int = LONGEST) -> str:
    """Without control characters, and no longer than that ("" for None)."""
    if type(text) is str and len(text) <= longest and text.isprintable():
        return text  # what most of them are: 10 times as fast
    shown = "" if text is None else _UNPRINTABLE.sub("", str(text))
    return shown if len(shown) <= longest else shown[: longest - 1].rstrip() + "…"


def in_markdown(text: object, longest: int = LONGEST) -> str:
    """For `st.markdown`, messages, captions and the labels of widgets: one line, nothing interpreted."""
    line = " ".join(clean(text, longest).split())
    return _PUNCTUATION.sub(r"\\\1", _SHORTCODE.sub(lambda found: f"{found[0]}{_JOINER}", line))


def sentences(parts: Iterable[str]) -> str:
    """What is there of it, joined by a middle dot."""
    return " · ".join(part for part in parts if part)
