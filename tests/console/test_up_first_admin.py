"""How the first admin comes in: by a link that `printers up` shows on a terminal alone."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from rich.console import Console
from sqlalchemy import Engine, func, select

from console.up.log_lines import LogSink
from console.up.pages import first_admin_lines, shows_secrets
from console.up.terminal import Banner, plain_view
from core.domain.permissions import ROLES
from core.runtime.settings import DatabaseSettings
from core.runtime.web_settings import DashboardSettings
from core.storage.account_links import Purpose, find_by_token
from core.storage.core_tables import ACCOUNT_LINKS
from core.storage.database import open_database, reading, writing
from core.storage.users import NewUser, add_user
from tests.console.runs import LINK, OF_SYSTEMD, holders_of

SETTINGS: Final = DashboardSettings(dashboard_url="http://127.0.0.1:8501")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(DatabaseSettings(data_dir=tmp_path / "data"))
    yield made
    made.dispose()


def lines(engine: Engine, tmp_path: Path, *, on_terminal: bool) -> str:
    return "\n".join(first_admin_lines(SETTINGS, engine, tmp_path / "data", on_terminal=on_terminal))


def count_links(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(ACCOUNT_LINKS)).scalar_one()


def test_on_a_terminal_a_link_is_shown_that_fits_a_line_of_80_columns(engine: Engine, tmp_path: Path) -> None:
    text = lines(engine, tmp_path, on_terminal=True)
    found = LINK.search(text)
    assert found
    with reading(engine) as connection:
        link = find_by_token(connection, found[1], datetime.now(UTC))
    assert link is not None
    assert (link.purpose, link.role) == (Purpose.FIRST_ADMIN, "admin")
    assert len(f"Begin    {found[0]}") <= 76  # and the banner's frame


def test_elsewhere_it_is_said_how_a_link_is_made_and_none_is(engine: Engine, tmp_path: Path) -> None:
    text = lines(engine, tmp_path / "elsewhere", on_terminal=False)
    assert f"DATA_DIR={tmp_path}/elsewhere/data printers users invite NAME --role admin" in text
    assert "login/link" not in text
    assert count_links(engine) == 0


def test_where_there_is_an_admin_nothing_is_said(engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as connection:
        add_user(connection, NewUser("ada", ROLES["admin"]), actor="console", now=datetime.now(UTC))
    assert not lines(engine, tmp_path, on_terminal=True)
    assert count_links(engine) == 0
    banner = Banner(["Pages"], ["Begin"], ["Data"])
    assert banner.lines(administered=False) == ["Pages", "Begin", "Data"]
    assert banner.lines(administered=True) == ["Pages", "Data"]


@pytest.mark.parametrize("variable", [*OF_SYSTEMD, ""])
def test_only_a_terminal_that_is_not_systemds_shows_secrets(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in OF_SYSTEMD:
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, "8:1234")
    assert shows_secrets(Console(force_terminal=True)) == (not variable)
    assert not shows_secrets(Console(force_terminal=False))


def test_plain_lines_show_the_link_on_a_terminal_and_the_log_does_not(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in OF_SYSTEMD:
        monkeypatch.delenv(name, raising=False)
    screen, sink = io.StringIO(), LogSink(tmp_path / "data" / "logs")
    console = Console(file=screen, force_terminal=True, width=80)
    first_admin = first_admin_lines(SETTINGS, engine, tmp_path / "data", on_terminal=shows_secrets(console))
    banner = Banner(pages=[], first_admin=first_admin, others=[])
    with plain_view(banner.lines(administered=False), sink, console):
        sink.say("started")
    sink.close()
    found = LINK.search(screen.getvalue())
    assert found
    assert "started" in screen.getvalue()
    assert "started" in sink.path.read_text(encoding="utf-8")
    assert not holders_of(found[1], tmp_path / "data")
