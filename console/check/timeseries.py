"""Can the time series be written and read, is InfluxDB set up, and does what is to be written get there?"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Engine

from core.domain.units import counted
from core.runtime.check_results import CheckResult, warning
from core.runtime.settings import HistorySettings
from core.storage.core_tables import OUTBOX
from core.storage.database import count_rows, reading
from core.storage.refused_points import count_refused, refused_reasons
from core.timeseries.stores import open_store

_LONG_QUEUE: Final = 10_000
_SHOWN_REASONS: Final = 3


def check_timeseries(settings: HistorySettings, engine: Engine | None) -> Iterator[CheckResult]:
    """Yield findings on the store, then on what waits to be written."""
    yield from open_store(settings).check()
    if engine is not None:
        yield from _queue(engine)


def _queue(engine: Engine) -> Iterator[CheckResult]:
    with reading(engine) as connection:
        waiting = count_rows(connection, OUTBOX, OUTBOX.c.sent_at.is_(None))
        refused, reasons = count_refused(connection), refused_reasons(connection, most=_SHOWN_REASONS)
    if waiting > _LONG_QUEUE:
        mend = "They are written when the time series is back; is the processor running?"
        yield warning(f"{waiting:,} points wait to be written", mend)
    if refused:
        why = "; ".join(f"{each.points:,} with “{each.reason}”" for each in reasons)
        mend = (
            "They are kept. Mend the cause (how long the bucket keeps points, the type of a field), "
            "then run `printers history resend-refused`."
        )
        yield warning(
            f"{counted(refused, 'point was', 'points were')} refused by the time series: {why}",
            mend,
        )
