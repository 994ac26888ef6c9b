"""Quiet days as they are set, with the days off of the calendar around a day where these count."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection

from core.domain.quiet_days import QuietDays, quiet_days
from core.storage.calendar_periods import days_off

_AROUND: Final = timedelta(days=100)
"""So far the calendar is asked: longer than a college closes."""


def read_quiet_days(connection: Connection, written: str, today: date) -> QuietDays:
    """Return the days of a setting; the calendar is read where it names days off."""
    quiet = quiet_days(written)
    if not quiet.with_days_off:
        return quiet
    return replace(quiet, days_off=days_off(connection, today - _AROUND, today + _AROUND))
