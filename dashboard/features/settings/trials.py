"""A trial of thresholds that runs beside the page: begun, looked at every second, ended."""

import logging
import time
from datetime import datetime
from threading import Event, Lock, Thread
from typing import Final

from core.domain.threshold_trial import ThresholdTrial, tried_since
from core.runtime.settings import RuleSettings
from core.storage.database import reading
from core.storage.watched_printers import read_watched
from core.timeseries.reader import TimeSeriesUnavailable
from core.timeseries.threshold_trial import tried_values, try_thresholds
from dashboard.app_context import AppContext

log = logging.getLogger(__name__)

_BREATH_SECONDS: Final = 0.001
"""Left to the pages after each printer: all of them share one interpreter."""
_TURN: Final = Lock()
"""One trial at a time reads the history."""


class _Ended(Exception):
    """Ends a trial."""


class RunningTrial:
    """A trial in a thread of its own."""

    def __init__(self, app: AppContext, proposed: RuleSettings, now: datetime) -> None:
        self.present, self.proposed = tried_values(app.settings.rules), tried_values(proposed)
        self.done, self.of = 0, 0
        """How many printers of how many are tried; of none while it waits for its turn."""
        self.result: ThresholdTrial | None = None
        self.failure = ""
        """Why there is no result, in a sentence."""
        self._app, self._now, self._ended = app, now, Event()
        Thread(target=self._run, name="threshold-trial", daemon=True).start()

    @property
    def is_running(self) -> bool:
        """Whether neither a result nor a failure is there yet."""
        return self.result is None and not self.failure

    def end(self) -> None:
        """Let it end at its next printer."""
        self._ended.set()

    def _run(self) -> None:
        try:
            with _TURN:
                self.result = self._tried()
        except _Ended:
            self.failure = "The trial was ended."
        except TimeSeriesUnavailable as away:
            log.warning("thresholds could not be tried: %s", away)
            self.failure = "The history cannot be read just now. Thresholds can be saved all the same."
        except Exception:  # whatever it is: nobody else would hear of it
            log.exception("thresholds could not be tried")
            self.failure = "The trial failed. The reason is in the log of the dashboard."

    def _tried(self) -> ThresholdTrial:
        with reading(self._app.engine) as connection:
            printers = read_watched(connection, tried_since(self._now), self._now)
        raw_days = self._app.settings.history.history_raw_days
        return try_thresholds(
            self._app.series, printers, self.present, self.proposed, raw_days, self._now, self._told
        )

    def _told(self, done: int, of: int) -> None:
        if self._ended.is_set():
            raise _Ended
        self.done, self.of = done, of
        time.sleep(_BREATH_SECONDS)
