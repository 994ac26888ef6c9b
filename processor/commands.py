"""What the processor does for other commands, from stdin to stdout: judging readings, loading history."""

import json
import logging
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final, TextIO, TypeVar

from pydantic import BaseModel, ValidationError

from core.contract.errors import UserError
from core.contract.messages import HistoryPoint, Reading
from core.runtime.settings import DatabaseSettings, HistorySettings, RuleSettings
from core.timeseries.open_writer import open_series
from processor.judgment.judge import Context, Judged, judge

if TYPE_CHECKING:  # what needs the library of InfluxDB, or the database, is imported only to be used
    from core.timeseries.copying import CopyResult, Target
    from processor.history.resending import Resent

log = logging.getLogger(__name__)

_AT_ONCE: Final = 5_000
Kind = TypeVar("Kind", bound=BaseModel)


def judge_lines(source: TextIO, target: TextIO, rules: RuleSettings) -> int:
    """Readings as JSON lines in, PrinterState as JSON lines out; each printer is judged with its past."""
    # The first reading of a printer has no other to wait for: unanswered means unreachable.
    first = rules.model_copy(update={"unreachable_after": 1})
    past: dict[str, Judged] = {}
    for number, line in _lines(source):
        reading = _parsed(Reading, number, line)
        previous = past.get(reading.printer_id)
        context = Context(
            rules=rules if previous else first, received_at=datetime.now(UTC), name=None, location=None
        )
        judged = judge(reading, previous, context)
        past[reading.printer_id] = judged
        target.write(judged.state.model_dump_json() + "\n")
        target.flush()
    return 0


def load_history(source: TextIO, target: TextIO, settings: HistorySettings) -> int:
    """History points as JSON lines into the time series; those that are there already stay as they are."""
    series = open_series(settings)
    read = new = refused = 0
    told = True
    points = (_parsed(HistoryPoint, number, line) for number, line in _lines(source))
    try:
        while part := list(islice(points, _AT_ONCE)):
            written = series.write(part)
            for reason in list(written.refused.values())[: max(0, 10 - refused)]:
                log.warning("a point is refused: %s", reason)
            read, refused = read + len(part), refused + len(written.refused)
            new, told = new + (written.new or 0), told and written.new is not None
        while series.tidy(datetime.now(UTC)):  # so that the sums of the days are there at once
            pass
    finally:
        series.close()
    already = f"{new} new, {read - new - refused} there already" if told else f"{read - refused} written"
    target.write(f"{read} points read: {already}, {refused} refused\n")
    return 1 if refused else 0


def set_up_influx(target: TextIO, settings: HistorySettings, *, set_retention: bool) -> int:
    """Buckets and tasks in InfluxDB; what was done, a line each."""
    from core.timeseries.influx.setup import set_up

    for done in set_up(settings, set_retention=set_retention):
        target.write(f"{done}\n")
        target.flush()
    return 0


def copy_history(target: TextIO, settings: HistorySettings, to: "Target") -> int:
    """History from the embedded time series to the server, or back; progress as JSON lines."""
    from core.timeseries import copying

    def tell(copied: "CopyResult") -> None:
        target.write(json.dumps(asdict(copied)) + "\n")
        target.flush()

    copied = copying.copy_history(settings, to, tell)
    tell(copied)
    return 1 if copied.refused else 0


def resend_refused(target: TextIO, settings: HistorySettings, database: DatabaseSettings) -> int:
    """Refused points once more; progress as JSON lines."""
    from processor.history import resending

    def tell(resent: "Resent") -> None:
        target.write(json.dumps(asdict(resent)) + "\n")
        target.flush()

    resent = resending.resend(settings, database, tell)
    tell(resent)
    return 1 if resent.refused else 0


def _lines(source: TextIO) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(source, 1) if line.strip())


def _parsed(kind: type[Kind], number: int, line: str) -> Kind:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the line"
        raise UserError(
            f"line {number} of the input is not a {kind.__name__}: {where}: {first['msg']}."
        ) from None
