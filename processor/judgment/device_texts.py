"""Tell what a printer says otherwise than before of itself: its firmware, model, name and location. Pure."""

from collections.abc import Mapping
from typing import Final

from core.contract.messages import PrinterState

_FIELDS: Final = ("model", "firmware", "system_name", "system_location")


def changed_texts(before: PrinterState, after: PrinterState) -> Mapping[str, list[str]]:
    """Return `{"firmware": [before, after]}` of what one device says otherwise in a later state.

    What is told for the first time, or not any more, has not changed; nor has what differs in spaces alone.
    """
    found = {}
    for name in _FIELDS:
        was, says = getattr(before, name), getattr(after, name)
        if was and says and was != says:  # nearly never: the rest is not for every reading
            both = [" ".join(text.split()) for text in (was, says)]
            if all(both) and both[0] != both[1]:
                found[name] = both
    return found
