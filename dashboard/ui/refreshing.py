"""How often pages look again, while they are open, at what others change: in seconds."""

from typing import Final

STATES_SECONDS: Final = 5
"""What printers say; what was read of them serves all viewers for as long."""
DETAIL_SECONDS: Final = 10
"""One issue; the services on the System page."""
WORK_SECONDS: Final = 15
"""Lists of what is to be done: their rows stay longer where they are."""
REPORTER_SECONDS: Final = 20
"""A report, for whoever follows it by its link."""
