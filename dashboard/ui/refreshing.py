"""How often pages look again, while they are open, at what others change: in seconds."""

from typing import Final

STATES_SECONDS: Final = 5
"""What printers say. Nothing that is shown of them is older."""
ONE_SECONDS: Final = 10
"""One issue; one machine's services."""
WORK_SECONDS: Final = 15
"""Lists of what is to be done: their rows stay longer where they are."""
REPORTER_SECONDS: Final = 20
"""A report, for whoever follows it by its link."""
