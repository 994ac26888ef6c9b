"""Show text of printers and people: cleaned; escaped for Markdown (for HTML: templates.py)."""

import re
from collections.abc import Iterable
from typing import Final

from core.domain.text import lines
from core.domain.units import kept_together

LONGEST: Final = 300
"""Nothing in a table or a heading needs more; whole texts (details, comments) pass their own bound."""

_PUNCTUATION: Final = re.compile(r"([!-/:-@\[-`{-~])")
# A backslash does not stop what Streamlit looks for after parsing: :emoji:, :material/icon:, web addresses.
_SHORTCODE: Final = re.compile(r":(?=[\w+-])|(?<=[\w])@(?=\w)|(?<=:)/(?=/)|(?<=www)\.(?=\w)", re.IGNORECASE)
_JOINER: Final = "\u2060"  # word joiner: takes no room, breaks no line


def clean(text: object, longest: int = LONGEST) -> str:
    """Return the text with nothing hidden, its lines kept, and no longer than that ("" for None)."""
    return "" if text is None else lines(str(text), longest, ellipsis=True)


def in_markdown(text: object, longest: int = LONGEST) -> str:
    """Return text for `st.markdown`, messages, captions and widget labels: one line, nothing interpreted."""
    line = kept_together(" ".join(clean(text, longest).split()))
    return _PUNCTUATION.sub(r"\\\1", _SHORTCODE.sub(lambda found: f"{found[0]}{_JOINER}", line))


def sentences(parts: Iterable[str]) -> str:
    """Return the sentences that are there, joined by a middle dot."""
    return " · ".join(part for part in parts if part)
