"""One printer as it is drawn: what is wrong, why, what to do; for each viewer; asked now."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core.contract.messages import HistoryPoint, OutputTray, PageCounter, PrinterState
from core.domain.permissions import Permission
from core.storage.audit import DEVICE_EXCHANGED, DEVICE_REPORTED, note
from core.storage.core_tables import DOCUMENTS, SNAPSHOTS
from core.storage.database import writing
from core.timeseries.reader import PrinterDay, TimeSeriesUnavailable
from dashboard.app_context import AppContext
from dashboard.features.printer.refresh import PATIENCE, Asked
from dashboard.features.shared import cached
from dashboard.viewer import Viewer
from tests.builders import put
from tests.dashboard.harness import (
    ADMIN,
    ANONYMOUS,
    MANAGER,
    TECHNICIAN,
    PaperRefresher,
    PaperSeries,
    drawn,
    open_college,
)
from tests.dashboard.html_text import parsed
from tests.dashboard.portal import LONG, MARKDOWN, SCRIPT, add_hostile, forecast, html, said


@pytest.fixture
def college(tmp_path: Path) -> Iterator[AppContext]:
    yield open_college(tmp_path)
    cached.forget()


def text(viewer: Viewer, college: AppContext, printer_id: str) -> str:
    page = drawn("printer", viewer, college, id=printer_id)
    assert not page.exception
    return parsed(said(page)).text


def test_a_jam_is_told_with_what_to_do_and_why(college: AppContext) -> None:
    shown = text(TECHNICIAN, college, "jammed")
    assert "Paper jam in tray 2. One more thing needs attention." in shown
    assert "What needs attention" in shown
    assert "Rule jam, seen in one reading" in shown
    assert "Jams – again" in shown


def test_nothing_wrong_is_told_as_that(college: AppContext) -> None:
    shown = text(TECHNICIAN, college, "fine")
    assert "Nothing is wrong: it sleeps" in shown
    assert "What needs attention" not in shown
    assert "It reports no supplies." in shown


def test_output_trays_and_page_counters_stand_beside_the_facts(college: AppContext) -> None:
    with writing(college.engine) as connection:
        payload = connection.execute(select(DOCUMENTS.c.payload).where(DOCUMENTS.c.printer_id == "fine"))
        state = PrinterState.model_validate(payload.scalar_one())
        trays = (
            OutputTray(index="1.1", name="Top <b>", remaining=100, max_capacity=250, remaining_percent=40),
        )
        counters = (PageCounter(name="color", count=7255, unit="impressions", source="kmColorPages"),)
        told = {
            "output_trays": trays,
            "counters": counters,
            "counters_at": state.taken_at,
            "counters_serial": "S1",
        }
        connection.execute(
            update(DOCUMENTS)
            .where(DOCUMENTS.c.printer_id == "fine")
            .values(payload=state.model_copy(update=told).model_dump_json())
        )
    shown = text(TECHNICIAN, college, "fine")
    assert "Output trays" in shown
    assert "Top <b>" in shown
    assert "room for 100 of 250" in shown
    assert "7,255 impressions" in shown
    assert "S1" not in shown


def test_a_printer_never_read_and_one_that_is_not_there(college: AppContext) -> None:
    assert "It has not been read yet" in text(TECHNICIAN, college, "new")
    assert "There is no printer of that name." in text(TECHNICIAN, college, "nowhere")
    assert "There is no printer of that name." in text(TECHNICIAN, college, "")


def test_a_stale_printer_says_how_old_its_news_is(college: AppContext) -> None:
    assert "all this is as of 2 h ago" in text(TECHNICIAN, college, "old")


def test_levels_and_forecast_stand_beside_each_other(college: AppContext) -> None:
    put(college.engine, forecast("low", "1.1", days_left=4.4, days_left_low=3.0, days_left_high=8.0))
    put(college.engine, forecast("low", "1.2", reason="coarse"))
    shown = text(TECHNICIAN, college, "low")
    assert "about 4 days left (3 to 8)" in shown
    assert "reads 2 %" in shown


def test_the_past_is_drawn_and_told(college: AppContext) -> None:
    assert isinstance(college.series, PaperSeries)
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=ago) for ago in range(29)]
    college.series.given_days += [PrinterDay("low", day, 288, 288, 0, 100, 100) for day in days]
    page = drawn("printer", TECHNICIAN, college, id="low")
    charts = page.get("vega_lite_chart")
    assert len(charts) == 2
    assert "2,900 pages in 29 days" in said(page)


def test_a_history_that_is_away_is_a_sentence_and_the_rest_is_there(college: AppContext) -> None:
    class Away(PaperSeries):
        def points(
            self, printer_id: str, since: datetime, until: datetime, every: timedelta | None = None
        ) -> list[HistoryPoint]:
            raise TimeSeriesUnavailable("no answer")

    away = replace(college, series=Away())
    shown = text(TECHNICIAN, away, "low")
    assert "The history cannot be read just now." in shown
    assert "Black toner is low (9 %)." in shown


@pytest.mark.parametrize("viewer", [ANONYMOUS, TECHNICIAN, MANAGER])
def test_hostile_words_are_shown_as_text(college: AppContext, viewer: Viewer) -> None:
    add_hostile(college.engine)
    page = drawn("printer", viewer, college, id="hostile")
    assert not page.exception
    found = parsed(html(page))
    assert not {"script", "img", "iframe"} & set(found.tags)
    assert SCRIPT in found.text
    assert (MARKDOWN in found.text) == viewer.may(Permission.SEE_ADDRESSES)
    title = str(page.title[0].value)
    assert "<script>" not in title
    assert "](http" not in title
    assert LONG not in found.text


def test_strangers_get_neither_address_nor_serial_number_nor_peoples_words(college: AppContext) -> None:
    add_hostile(college.engine)
    shown = text(ANONYMOUS, college, "hostile")
    for hidden in (
        "10.0.0.5",
        "Serial number",
        "Address",
        "Notes",
        "System description",
        "Reported location",
    ):
        assert hidden not in shown
    assert "Jams – again" not in text(ANONYMOUS, college, "jammed")
    assert "Label with QR code" not in shown
    assert "10.0.0.5:161" in text(TECHNICIAN, college, "hostile")


def test_what_the_device_changed_by_itself_is_told_with_what_it_was(college: AppContext) -> None:
    assert "Changes of the device" not in text(TECHNICIAN, college, "fine")
    exchanged = {"serial": ["E1", "E2"], "model": ["HP 600", ""], "marker_life_count": [500_000, 12]}
    with writing(college.engine) as connection:
        for action, details in (
            (DEVICE_REPORTED, {"firmware": ["1.08", "<b>1.14"]}),
            (DEVICE_EXCHANGED, exchanged),
        ):
            note(connection, action, "fine", actor="processor", now=datetime.now(UTC), details=details)
    shown = text(TECHNICIAN, college, "fine")
    for told in (
        "Firmware: 1.08 → <b>1.14",
        "Serial number: E1 → E2",
        "Model: HP 600 → unknown",
        "Lifetime pages: 500,000 → 12",
    ):
        assert told in shown
    assert "Changes of the device" not in text(ANONYMOUS, college, "fine")


def test_who_keeps_the_inventory_is_led_to_the_form_of_the_printer(college: AppContext) -> None:
    link = '<a class="button" href="/inventory?find=fine&amp;mark=fine">Edit</a>'
    assert link in html(drawn("printer", ADMIN, college, id="fine"))
    assert ">Edit</a>" not in html(drawn("printer", MANAGER, college, id="fine"))
    shown = drawn("inventory", ADMIN, college, find="fine", mark="fine")
    assert [heading.value for heading in shown.subheader] == ["Edit `fine`"]


def test_a_stopped_printer_leads_to_one_that_works(college: AppContext) -> None:
    with writing(college.engine) as connection:
        connection.exec_driver_sql("UPDATE printers SET location = 'Library, hall'")
    shown = text(TECHNICIAN, college, "jammed")
    assert "Print here instead" in shown
    assert "Print here instead" not in text(TECHNICIAN, college, "fine")


def test_without_a_broker_refresh_says_so(college: AppContext) -> None:
    assert isinstance(college.refresher, PaperRefresher)
    college.refresher.answers = None
    page = drawn("printer", TECHNICIAN, college, id="low")
    page.button(key="refresh-now").click().run()
    assert "the message broker is not connected" in said(page).replace("\\", "")


def test_a_refresh_waits_for_its_own_answer_and_shows_it(college: AppContext) -> None:
    page = drawn("printer", TECHNICIAN, college, id="low")
    page.button(key="refresh-now").click().run()
    assert page.button(key="refresh-now").disabled
    now = datetime.now(UTC)
    state = PrinterState(
        printer_id="low", taken_at=now, reachable=True, state="printing", refresh_id="refresh-1"
    )
    with writing(college.engine) as connection:
        values = {"state": "printing", "taken_at": now}
        connection.execute(update(SNAPSHOTS).where(SNAPSHOTS.c.printer_id == "low").values(**values))
        document = update(DOCUMENTS).where(DOCUMENTS.c.printer_id == "low")
        connection.execute(document.values(payload=state.model_dump(mode="json")))
    page.run()
    shown = said(page).replace("\\", "")
    assert "New reading" in shown
    assert "it is printing" in shown
    assert not page.button(key="refresh-now").disabled


def test_a_printer_that_does_not_answer_says_why_to_who_may_know(college: AppContext) -> None:
    state = PrinterState(
        printer_id="low",
        taken_at=datetime.now(UTC),
        reachable=False,
        refresh_id="refresh-1",
        error="10.0.0.5 did not answer.",
    )
    for viewer, told in ((TECHNICIAN, True), (ANONYMOUS, False)):
        page = drawn("printer", viewer, college, id="low")
        page.button(key="refresh-now").click().run()
        with writing(college.engine) as connection:
            values = {"payload": state.model_dump(mode="json")}
            connection.execute(update(DOCUMENTS).where(DOCUMENTS.c.printer_id == "low").values(**values))
        page.run()
        shown = said(page).replace("\\", "")
        assert "The printer was polled and did not answer." in shown
        assert ("10.0.0.5 did not answer" in shown) == told


def test_a_refresh_that_stays_without_an_answer_says_who_may_be_down(college: AppContext) -> None:
    page = drawn("printer", TECHNICIAN, college, id="low")
    page.session_state["refresh-low"] = Asked(
        "refresh-9", datetime.now(UTC) - PATIENCE - timedelta(seconds=1)
    )
    page.run()
    assert "No reading came." in said(page).replace("\\", "")
