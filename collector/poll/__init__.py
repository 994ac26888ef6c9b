"""Asking one printer for everything in a few requests: `poll`."""

from collector.poll.capabilities import Capabilities
from collector.poll.poller import poll
from collector.poll.result import PollResult
from collector.poll.vendor import VendorPolicy

__all__ = ["Capabilities", "PollResult", "VendorPolicy", "poll"]
