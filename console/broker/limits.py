"""How long a message may be at the broker: what is longer is refused there, before it costs memory."""

from typing import Final

from core.runtime.settings import ProcessorSettings, load

LARGEST_MESSAGE: Final = 1024 * 1024
"""Bytes. Readings have 256 KiB at most, states about as much, chunks of the inventory 100 KiB."""


def largest_message() -> int:
    """Return the limit in bytes; a larger MAX_MESSAGE_BYTES raises it."""
    return max(LARGEST_MESSAGE, 2 * load(ProcessorSettings).max_message_bytes)
