"""Longest messages at the broker: what is longer is refused there, before it costs memory."""

from typing import Final

LARGEST_MESSAGE: Final = 1024 * 1024
"""Bytes. Readings have 256 KiB at most, states about as much, chunks of the inventory 100 KiB."""
