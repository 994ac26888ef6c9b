"""A datagram at the trap port, as decoded."""

from enum import Enum


class Trap(Enum):
    """A decoded datagram."""

    TRAP = "a trap or an inform, from somebody who knows a secret of ours"
    GREETING = "the beginning of an inform of version 3: who are you, and what is your time?"
    NOTHING = "no notification, or one with a community or a user that is not ours"
