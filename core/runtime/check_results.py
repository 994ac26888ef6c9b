"""What a check of a part of the system finds, before `printers check` says which part it is."""

from dataclasses import dataclass
from typing import Literal

CheckLevel = Literal["ok", "hint", "warning", "error"]
"""hint: nothing is wrong, and something more could be had."""


@dataclass(frozen=True)
class CheckResult:
    """One finding; `mend` says what to do where it is no `ok`."""

    level: CheckLevel
    text: str
    mend: str = ""
