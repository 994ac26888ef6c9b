"""Muting a flag and unmuting it, on both databases, and the pages that tell of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

from core.contract.errors import Conflict, UserError
from core.contract.messages import Attention
from core.domain.purchase_list import OrderFilter
from core.storage.core_tables import ATTENTION, AUDIT, DOCUMENTS, MUTES, PRINTERS
from core.storage.database import reading, writing
from core.storage.inventory import known_printers, remove_printer
from core.storage.mutes import KnownMute, MuteRequest, mute_flag, read_mutes
from core.storage.purchase_list import due_supplies
from core.storage.tables import MutedCondition
from core.timeseries.reader import PrinterDay
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.attention import page as attention_page
from dashboard.features.attention import queries
from dashboard.features.attention.queries import FlagFilter
from dashboard.features.fleet.listed import read_details
from dashboard.features.mutes import actions
from dashboard.features.mutes.dialog import ASKED, MutableFlag
from dashboard.features.printer import page as printer_page
from dashboard.features.shared import cached, manager_cached
from dashboard.features.shared.manager_cached import PER_SHEET
from dashboard.undoing import undo
from dashboard.viewer import Forbidden
from tests.builders import printer, put, snapshot
from tests.dashboard.harness import ANONYMOUS, MANAGER, TECHNICIAN, PaperSeries, drawn, open_college
from tests.dashboard.html_text import parsed
from tests.dashboard.manager_fleet import NOW, flag, opened, state, toner
from tests.dashboard.portal import SCRIPT, html, said
from tests.postgres import DATABASES

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with opened(request.param, tmp_path) as engine:
        yield engine


@pytest.fixture
def college(tmp_path: Path) -> Iterator[AppContext]:
    college = open_college(tmp_path)
    toner = {"subject": "1.1", "parameters": {"part": "Black toner", "percent": "9"}}
    put(college.engine, flag("low", "supply_low", "warning", **toner))
    yield college
    cached.forget()
    manager_cached.forget()


def request(printer_id: str = "law-1", **values: object) -> MuteRequest:
    given = {"code": "supply_low", "subject": "1.1", "why": "It has no such toner", **values}
    return MuteRequest(printer_id, **given)  # type: ignore[arg-type]  # as the tests below name them


def muted(engine: Engine, now: datetime = NOW) -> list[KnownMute]:
    with reading(engine) as connection:
        return [known for each in read_mutes(connection, now).values() for known in each]


def audited(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.execute(select(AUDIT.c.action).order_by(AUDIT.c.id)).scalars())


def words(college: AppContext, page: str, viewer: object = MANAGER, **asked: str) -> str:
    shown = drawn(page, viewer, college, **asked)  # type: ignore[arg-type]  # a viewer of the harness
    assert not shown.exception
    return parsed(said(shown)).text


def test_what_is_muted_can_be_undone_and_unmuted_and_that_undone(engine: Engine) -> None:
    done = actions.mute(Actor(engine, MANAGER, NOW), request(until=TOMORROW))
    (known,) = muted(engine)
    assert (known.mute.code, known.mute.parts, known.mute.subject) == ("supply_low", "supplies", "1.1")
    assert muted(engine, TOMORROW) == []
    undo(Actor(engine, MANAGER, NOW), done)
    assert muted(engine) == []
    actions.mute(Actor(engine, MANAGER, NOW), request())
    (known,) = muted(engine)
    ended = actions.end(Actor(engine, MANAGER, NOW), known)
    with pytest.raises(Conflict):
        actions.end(Actor(engine, MANAGER, NOW), known)
    undo(Actor(engine, MANAGER, NOW), ended)
    (again,) = muted(engine)
    assert (again.note, again.mute.title) == (known.note, known.mute.title)
    on, off = "printer.muted", "printer.unmuted"
    assert audited(engine)[-5:] == [on, off, on, off, on]


def test_an_undo_changes_nothing_that_somebody_has_decided_since(engine: Engine) -> None:
    done = actions.mute(Actor(engine, MANAGER, NOW), request())
    (seen,) = muted(engine)
    actions.mute(Actor(engine, MANAGER, NOW), request(why="It is broken", until=TOMORROW))
    with pytest.raises(Conflict):
        undo(Actor(engine, MANAGER, NOW), done)
    with pytest.raises(Conflict):
        actions.end(Actor(engine, MANAGER, NOW), seen)
    (known,) = muted(engine)
    assert known.note == "It is broken"
    ended = actions.end(Actor(engine, MANAGER, NOW), known)
    with pytest.raises(UserError, match="ended by now"):
        undo(Actor(engine, MANAGER, TOMORROW), ended)
    assert muted(engine) == []


def test_a_reason_is_asked_for_and_who_may_not_triage_is_refused(engine: Engine) -> None:
    with pytest.raises(UserError, match="Say why"):
        actions.mute(Actor(engine, MANAGER, NOW), request(why="  "))
    with pytest.raises(UserError, match="300 characters"):
        actions.mute(Actor(engine, MANAGER, NOW), request(why="x" * 301))
    for viewer in (TECHNICIAN, ANONYMOUS):
        with pytest.raises(Forbidden):
            actions.mute(Actor(engine, viewer, NOW), request())
    assert muted(engine) == []


def test_a_reason_is_stored_without_what_cannot_be_seen_or_stored(engine: Engine) -> None:
    actions.mute(Actor(engine, MANAGER, NOW), request(why="no such\0\u202e\ntoner\u200b"))
    assert [known.note for known in muted(engine)] == ["no such toner"]
    with pytest.raises(UserError, match="Say why"):
        actions.mute(Actor(engine, MANAGER, NOW), request(why="\0\u200b"))


def test_a_muted_supply_is_not_ordered(engine: Engine) -> None:
    def due() -> list[str]:
        with reading(engine) as connection:
            return [one.printer_id for one in due_supplies(connection, OrderFilter(), NOW)]

    assert "law-1" in due()
    actions.mute(Actor(engine, MANAGER, NOW), request(whole_part=True))
    assert "law-1" not in due()


def test_an_empty_supply_is_ordered_although_low_is_muted(engine: Engine) -> None:
    def due() -> dict[str, str]:
        with reading(engine) as connection:
            return {one.printer_id: one.flagged for one in due_supplies(connection, OrderFilter(), NOW)}

    actions.mute(Actor(engine, MANAGER, NOW), request())
    assert "law-1" not in due()
    with writing(engine) as connection:
        connection.execute(update(ATTENTION).where(ATTENTION.c.printer_id == "law-1").values(cleared_at=NOW))
    put(engine, flag("law-1", "supply_empty", "critical", subject="1.1"))
    assert due()["law-1"] == "supply_empty"
    actions.mute(Actor(engine, MANAGER, NOW), request(code="supply_empty", whole_part=True))
    assert "law-1" not in due()


def test_the_list_names_the_lowest_of_the_supplies_that_count(engine: Engine) -> None:
    cyan = toner(60, index="1.2", description="Cyan Toner TN-2", colorant="cyan")
    both = state("law-1", supplies=(toner(9), cyan)).model_dump(mode="json")
    with writing(engine) as connection:
        own = DOCUMENTS.c.printer_id == "law-1"
        connection.execute(update(DOCUMENTS).where(own).values(payload=both))

    def lowest() -> tuple[str, str | None]:
        with reading(engine) as connection:
            listed = read_details(connection, ["law-1"], NOW)["law-1"]
        return listed.public_supply, listed.colorant

    assert lowest()[1] == "black"
    actions.mute(Actor(engine, MANAGER, NOW), request())
    assert lowest()[1] == "cyan"


def test_it_is_counted_for_watched_printers_and_goes_with_its_printer(engine: Engine) -> None:
    actions.mute(Actor(engine, MANAGER, NOW), request())
    with reading(engine) as connection:
        assert queries.counts(connection, FlagFilter(), now=NOW).muted == 1
        ((known, _name),) = queries.muted_conditions(connection, NOW)
        row = known_printers(connection, select(PRINTERS).where(PRINTERS.c.printer_id == "law-1"))[0]
    assert known.printer_id == "law-1"
    with writing(engine) as connection:
        remove_printer(connection, row, NOW, actor="ada")
    with reading(engine) as connection:
        assert connection.execute(select(MUTES)).all() == []


def test_the_printers_page_says_what_is_muted_by_whom_and_why_and_unmutes(college: AppContext) -> None:
    with writing(college.engine) as connection:
        wanted = request("low", why=f"no such toner {SCRIPT}")
        mute_flag(connection, wanted, actor="maya", now=datetime.now(UTC))
    shown = words(college, "printer", id="low")
    assert "Black toner is low." in shown
    assert "until further notice · muted by Maya Lindqvist" in shown
    assert "nobody is told how much is left" in shown
    page = drawn("printer", MANAGER, college, id="low")
    assert SCRIPT not in html(page)
    (button,) = [each for each in page.button if (each.key or "").startswith("unmute-")]
    button.click().run()
    assert "what the next reading shows counts again" in parsed(said(page)).text
    assert muted(college.engine, datetime.now(UTC)) == []


def test_strangers_are_not_told_what_is_muted_and_technicians_cannot_unmute(college: AppContext) -> None:
    with writing(college.engine) as connection:
        mute_flag(connection, request("low"), actor="maya", now=datetime.now(UTC))
    assert "no such toner" not in words(college, "printer", ANONYMOUS, id="low")
    page = drawn("printer", TECHNICIAN, college, id="low")
    assert "no such toner" in parsed(said(page)).text
    assert not [each for each in page.button if "mute" in (each.key or "")]


def test_attention_lists_all_that_is_muted_where_there_is_any(college: AppContext) -> None:
    assert "Muted" not in words(college, "attention")
    with writing(college.engine) as connection:
        mute_flag(connection, request("low", whole_part=True), actor="maya", now=datetime.now(UTC))
    manager_cached.forget()
    shown = words(college, "attention", pile="muted")
    assert "Everything about Black toner." in shown
    assert "It has no such toner" in shown


def test_a_part_that_stays_empty_while_its_printer_prints_is_suggested_to_be_muted(
    college: AppContext,
) -> None:
    now = datetime.now(UTC)
    lasting = Attention(
        code="supply_empty",
        severity="critical",
        message="Toner 5 is empty.",
        since_at=now - timedelta(days=40),
        subject="1.5",
        parameters={"part": "Toner 5"},
    )
    young = lasting.model_copy(update={"subject": "1.6", "since_at": now - timedelta(days=3)})
    parameters = {"part": "Toner 5"}
    for name in ("prints", "rests"):
        seen = state(name, attention=(lasting, young))
        put(college.engine, printer(name), snapshot(name, seen, stale_at=now + timedelta(days=1)))
        for one in (lasting, young):
            raised = {"subject": one.subject, "since_at": one.since_at, "parameters": parameters}
            put(college.engine, flag(name, "supply_empty", "critical", **raised))
    series = college.series
    assert isinstance(series, PaperSeries)
    today = now.date()
    series.given_days += [
        PrinterDay(name, today - timedelta(days=ago), 100, 100, 0, pages, pages)
        for name, pages in (("prints", 50), ("rests", 5))
        for ago in range(30)
    ]
    said_of_it = "It prints all the same: 1,500 pages in the last 30 days."
    assert words(college, "attention").count(said_of_it) == 1
    assert words(college, "printer", id="prints").count(said_of_it) == 1
    assert "It prints all the same" not in words(college, "printer", id="rests")
    assert "It prints all the same" not in words(college, "printer", TECHNICIAN, id="prints")


def test_a_fleet_whose_printers_all_have_something_muted_is_listed_by_sheets(college: AppContext) -> None:
    now = datetime.now(UTC)
    by: dict[str, Any] = {"since_at": now, "note": "it has none", "set_by": "maya"}
    part: dict[str, Any] = {"code": "", "parts": "supplies", "parameters": {"part": "Fifth toner"}}
    every = [MutedCondition(printer_id="low", subject=f"1.{n}", **part, **by) for n in range(PER_SHEET + 1)]
    put(college.engine, *every)

    def listed(**asked: str) -> int:
        manager_cached.forget()
        page = drawn("attention", MANAGER, college, pile="muted", **asked)
        return len([each for each in page.button if (each.key or "").startswith("unmute-")])

    assert (listed(), listed(sheet="2")) == (PER_SHEET, 1)


ABOUT = MutableFlag("low", "Low", "supply_low", "1.1", "Black toner is low", "Black toner")


@pytest.mark.parametrize(
    ("path", "asked", "part"),
    [
        ("printer", {"id": "low"}, (printer_page, "show_past")),
        ("attention", {}, (attention_page, "flag_counts")),
    ],
    ids=["printer", "attention"],
)
def test_the_dialog_is_there_although_the_run_that_was_to_show_it_is_begun_anew(
    college: AppContext,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    asked: dict[str, str],
    part: tuple[ModuleType, str],
) -> None:
    module, name = part
    draw, runs = getattr(module, name), []

    def interrupted(*given: object, **named: object) -> object:
        """What somebody presses meanwhile begins the run anew before this is drawn."""
        runs.append(name)
        script = get_script_run_ctx()
        if len(runs) == 1 and script and script.script_requests:
            again = RerunData(query_string=script.query_string, page_script_hash=script.page_script_hash)
            script.script_requests.request_rerun(again)
        return draw(*given, **named)

    shown = drawn(path, MANAGER, college, **asked)
    monkeypatch.setattr(module, name, interrupted)
    shown.session_state[ASKED] = ABOUT
    shown.run()
    assert not shown.exception
    assert (len(runs), "Mute" in [button.label for button in shown.button]) == (2, True)
    shown.run()
    assert "Mute" not in [button.label for button in shown.button], "it was asked for once"
