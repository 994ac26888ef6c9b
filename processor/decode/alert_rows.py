"""Rows that are known of an alert table too long to be read whole."""

from typing import Final

from core.contract.messages import Alert, AlertRows
from core.contract.mib_names import ALERT_CODE, ALERT_SEVERITY
from core.contract.printer_mib import name_of

_Place = tuple[int, ...]
_PLACE_NUMBERS: Final = 2


class KnownAlertRows:
    """Says of a row that was not read whole whether it is still there."""

    def __init__(self, rows: AlertRows) -> None:
        self._through = _place(rows.through) if rows.through is not None else None
        self._runs = rows.not_read

    @property
    def sentence(self) -> str:
        """What a person should know of it."""
        if self._through is not None:
            return "The printer's alert table is too long to be read to its end: later alerts are not known."
        return (
            "The printer's alert table is too long to be read whole: of old alerts only the codes are known."
        )

    def covers(self, index: str) -> bool:
        """Return whether the reading has come to this row: where it has not, nothing is known of it."""
        place = _place(index)
        return len(place) == _PLACE_NUMBERS and (self._through is None or place <= self._through)

    def may_hold(self, alert: Alert) -> bool:
        """Return whether an earlier alert may still be there: its row says the same, or was not come to."""
        if not self.covers(alert.index):
            return True
        device, row = _place(alert.index)
        return any(
            run.device == device
            and run.first <= row <= run.last
            and name_of(ALERT_SEVERITY, run.severity) == alert.severity
            and name_of(ALERT_CODE, run.code) == alert.code
            for run in self._runs
        )


def _place(index: str) -> _Place:
    """Return an index "hrDeviceIndex.rowIndex" as numbers that order rows; () for what is none."""
    parts = index.split(".")
    return tuple(map(int, parts)) if all(map(str.isdecimal, parts)) else ()
