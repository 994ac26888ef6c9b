"""A stored college for the dashboard's tests, and its pages drawn as Streamlit draws them."""

import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, update
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

from core.contract.messages import HistoryPoint, HistorySupply
from core.domain.passwords import hash_password
from core.domain.permissions import NOBODY, ROLES
from core.runtime.settings import DatabaseSettings, load_blocks
from core.storage.core_tables import USERS
from core.storage.database import open_database, reading, sqlite_file, writing
from core.storage.stored_settings import LiveSettings
from core.storage.user_rows import UserRow
from core.storage.users import NewUser, add_user, find_user
from core.timeseries.counters import CounterDay
from core.timeseries.reader import PrinterDay, PrinterMonth, months_of
from dashboard.app_context import AppContext, install
from dashboard.broker.finder import SweepSeen
from dashboard.settings import DashboardAppSettings
from dashboard.undoing import Done
from dashboard.viewer import Viewer
from tests.console.small_fleet import fill
from tests.patience import PATIENCE_SECONDS

PASSWORD = "correct-horse-battery"
ANONYMOUS = Viewer(NOBODY)
CONFIRMED_AT = datetime.max.replace(tzinfo=UTC)
"""They have just proved who they are, however long a test takes."""
TECHNICIAN = Viewer(
    ROLES["technician"],
    "tom",
    "Tom Adeyemi",
    "tom@college.example",
    1,
    "s1",
    "c1",
    method="password",
    confirmed_at=CONFIRMED_AT,
)
MANAGER = Viewer(
    ROLES["manager"],
    "maya",
    "Maya Lindqvist",
    "maya@college.example",
    2,
    "s2",
    "c2",
    method="password",
    confirmed_at=CONFIRMED_AT,
)
ADMIN = Viewer(
    ROLES["admin"],
    "ada",
    "Ada Okafor",
    "ada@college.example",
    3,
    "s3",
    "c3",
    method="password",
    confirmed_at=CONFIRMED_AT,
)


@dataclass
class PaperSeries:
    """A time series of what it is given."""

    given: list[HistoryPoint] = field(default_factory=list)
    given_days: list[PrinterDay] = field(default_factory=list)
    given_counters: list[CounterDay] = field(default_factory=list)

    def points(
        self, printer_id: str, since: datetime, until: datetime, every: timedelta | None = None
    ) -> list[HistoryPoint]:
        return [p for p in self.given if p.printer_id == printer_id and since <= p.taken_at < until]

    def days(
        self, since: date, until: date, printer_ids: Collection[str] | None = None
    ) -> Iterator[PrinterDay]:
        for day in self.given_days:
            if since <= day.day < until and (printer_ids is None or day.printer_id in printer_ids):
                yield day

    def months(self, since: date, until: date) -> Iterator[PrinterMonth]:
        return months_of(self.days(since, until))

    def counter_days(self, since: date, until: date) -> Iterator[CounterDay]:
        return (day for day in self.given_counters if since <= day.day < until)

    def printers(self) -> list[str]:
        return sorted({point.printer_id for point in self.given})

    def close(self) -> None:
        """Nothing is held."""


@dataclass
class PaperRefresher:
    """Remembers who was asked; `answers` is the id of the next request, None for no broker."""

    answers: str | None = "refresh-1"
    asked: list[str] = field(default_factory=list)

    def ask(self, printer_id: str) -> str | None:
        self.asked.append(printer_id)
        return self.answers


@dataclass
class PaperFinder:
    """Knows one sweep; `answers` is its id, None for no broker."""

    answers: str | None = "sweep-1"
    known: SweepSeen | None = None
    asked: list[tuple[str, tuple[str, ...], tuple[int, ...], str, bool]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    def ask(
        self, site: str, networks: Sequence[str], ports: Sequence[int], profile: str, *, confirmed: bool
    ) -> str | None:
        self.asked.append((site, tuple(networks), tuple(ports), profile, confirmed))
        return self.answers

    def stop(self, sweep_id: str) -> None:
        self.stopped.append(sweep_id)

    def seen(self, sweep_id: str) -> SweepSeen | None:
        return self.known if sweep_id == self.answers else None


def open_college(folder: Path, *, empty: bool = False, now: datetime | None = None) -> AppContext:
    """An app context on a new SQLite database: three people and, unless empty, five printers and an issue.

    What it tells is dated `now`: give it to a test that asks for a time of its own.
    """
    now, stored = (now, _seeded(now, empty=empty)) if now else _seeded_lately(empty=empty)
    settings = DatabaseSettings(data_dir=folder)
    folder.mkdir(parents=True, exist_ok=True)
    _file(settings).write_bytes(stored)
    engine = open_database(settings)
    return AppContext(
        LiveSettings(engine, _settings_in(_environment())),
        engine,
        PaperSeries(_slope(now)),
        PaperRefresher(),
        PaperFinder(),
        lambda: 0.0,
    )


def _environment() -> frozenset[tuple[str, str]]:
    return frozenset(each for each in os.environ.items() if each[0] != "PYTEST_CURRENT_TEST")


@cache
def _settings_in(_: frozenset[tuple[str, str]]) -> DashboardAppSettings:
    """The settings of an environment: to read them all takes 8 ms, and most tests have the same."""
    return load_blocks(DashboardAppSettings)


def _seeded(now: datetime, *, empty: bool) -> bytes:
    """The file of a college's database."""
    with tempfile.TemporaryDirectory() as folder:
        settings = DatabaseSettings(data_dir=Path(folder))
        engine = open_database(settings)
        if not empty:
            fill(engine, now)
        add_people(engine, now)
        engine.dispose()
        return _file(settings).read_bytes()


def _seeded_lately(*, empty: bool) -> tuple[datetime, bytes]:
    """The same of a few seconds ago: to fill one takes longer than most tests."""
    now, known = datetime.now(UTC), _lately.get(empty)
    if known is None or not timedelta() <= now - known[0] < _AS_GOOD_AS_NEW:
        known = _lately[empty] = now, _seeded(now, empty=empty)
    return known


_lately: Final[dict[bool, tuple[datetime, bytes]]] = {}
_AS_GOOD_AS_NEW: Final = timedelta(seconds=20)


def _file(settings: DatabaseSettings) -> Path:
    file = sqlite_file(settings.url)
    assert file is not None
    return file


def add_people(engine: Engine, now: datetime) -> None:
    """Tom (technician), Maya (manager), Ada (admin), all with PASSWORD."""
    with writing(engine) as connection:
        for viewer in (TECHNICIAN, MANAGER, ADMIN):
            receives = viewer is MANAGER
            new = NewUser(viewer.name, viewer.role, viewer.full_name, viewer.email, receives)
            add_user(connection, new, actor="console", now=now)
        connection.execute(update(USERS).values(password_hash=_hash_of_password()))


def account(app_context: AppContext, name: str) -> UserRow:
    """The account of that name, as it is stored now."""
    with reading(app_context.engine) as connection:
        found = find_user(connection, name)
    assert found is not None
    return found


def shown_once(done: Done) -> str:
    """What an action has made that is shown this once: a password, a token, a link."""
    assert done.secret is not None
    return done.secret.text


@cache
def _hash_of_password() -> str:
    """What is stored of PASSWORD: making it for each account of each test would take longer than the test."""
    return hash_password(PASSWORD)


def drawn(path: str, viewer: Viewer, app_context: AppContext, **query: str) -> AppTest:
    """The page of that path as this viewer sees it, after its first run."""
    install(app_context)
    test = AppTest.from_function(_page, args=(path, viewer), default_timeout=PATIENCE_SECONDS)
    # Else each looks for components in all packages that are installed, which takes longer than to draw.
    test._bidi_component_manager = BidiComponentManager()
    for name, value in query.items():
        test.query_params[name] = value
    return test.run()


def _page(path: str, viewer: "Viewer") -> None:  # a string: AppTest runs the source of this alone
    from dashboard.app_context import current_app
    from dashboard.page_context import PageContext
    from dashboard.pages import PAGES

    spec = next(page for page in PAGES if page.path == path)
    spec.draw(PageContext(viewer, current_app()))


def _slope(now: datetime) -> list[HistoryPoint]:
    """Thirty days of the printer `low`: its black toner goes from 39 % to 9 %."""
    return [
        HistoryPoint(
            printer_id="low",
            taken_at=now - timedelta(days=days, hours=1),
            reachable=True,
            state="idle",
            marker_life_count=10_000 - 100 * days,
            supplies={"1.1": HistorySupply(level=9 + days, percent=9 + days)},
        )
        for days in range(30, -1, -1)
    ]
