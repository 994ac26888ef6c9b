"""What a summary says: what is new or worse since the last one, the worst first; no more than fits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from core.contract.messages import PrinterState, Supply
from core.domain.links import Links
from core.mails.changes import Told
from core.mails.facts import read_facts
from core.mails.recipients import Recipient
from core.mails.render import Letterhead, Words, render
from core.mails.summary import Summary, summarise
from core.mails.windows import Window
from core.storage.database import reading, writing
from core.storage.out_of_service import take_out_of_service
from core.storage.supply_tables import SupplyForecast
from core.storage.tables import Issue, ServiceRow
from core.storage.users import NewUser, add_user
from tests.builders import printer, put, snapshot
from tests.notifier.making import LINKS, NOON, change_flag, flag, flag_ids, store, triage
from tests.postgres import DATABASES

DAY = timedelta(days=1)
NOTHING = Told({}, frozenset(), {}, frozenset())
WINDOW = Window("2026-03-10", NOON - DAY, NOON)
MOST_LINES = 65
"""Of the text of a summary, whatever happens."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with store("sqlite", tmp_path) as (engine, _):
        yield engine


def report(
    engine: Engine,
    told: Told | None = None,
    window: Window = WINDOW,
    *,
    include_closed: bool = False,
) -> Summary:
    with reading(engine) as connection:
        facts = read_facts(connection, window, NOON, UTC, days=7, include_closed=include_closed)
    return summarise(facts, told, window, NOON, ZoneInfo("Europe/Berlin"), LINKS)


def words_of(summary: Summary, user: str = "maya", full_name: str = "") -> Words:
    reader = Recipient("maya@example.org", user, full_name)
    return render(
        "summary",
        letterhead=Letterhead(),
        subject=summary.subject,
        summary=summary,
        mine=summary.issues_of(user, full_name),
        why=reader.why,
        choose=reader.choose(LINKS),
        unsubscribe=reader.unsubscribe(LINKS),
    )


def fresh(summary: Summary) -> list[tuple[str, str]]:
    return [(line.title, line.tag) for line in summary.fresh.lines]


def add_printer(engine: Engine, printer_id: str, /, location: str = "Room 1", **state: Any) -> None:
    base: dict[str, Any] = {"taken_at": NOON, "answered_at": NOON, "reachable": True, "state": "idle"}
    values = PrinterState(printer_id=printer_id, **(base | state))
    put(engine, printer(printer_id, name=f"Name of {printer_id}", location=location))
    put(engine, snapshot(printer_id, values))


def issue(printer_id: str, title: str, **values: Any) -> Issue:
    base: dict[str, Any] = {"kind": "person", "opened_at": NOON - 3 * DAY, "updated_at": NOON}
    return Issue(printer_id=printer_id, title=title, **(base | values))


def old(printer_id: str, code: str, severity: str = "critical", **values: Any) -> Any:
    return flag(printer_id, code, severity, since_at=NOON - 3 * DAY, **values)


def test_the_subject_and_the_first_line_say_what_is_new_and_what_is_worse(engine: Engine) -> None:
    for name in ("a", "b", "c"):
        add_printer(engine, name)
    put(engine, old("a", "supply_low", "warning"), flag("a", "jam", message="Paper is jammed."))
    put(engine, flag("b", "door_open", "warning"), old("c", "no_paper"))
    put(engine, issue("c", "Eats paper", opened_at=NOON - DAY / 2))
    summary = report(engine)
    assert summary.headline == "2 new, 1 worse since yesterday"
    assert summary.subject == "2 new, 1 worse since yesterday - 2 critical, 1 open issue"
    assert fresh(summary) == [("Name of a", "worse"), ("#1 Eats paper", "new"), ("Name of b", "new")]
    assert summary.fresh.lines[0].says == "Paper is jammed."
    assert words_of(summary).text.startswith("2 new, 1 worse since yesterday\n")


def test_the_text_says_whole_what_is_wrong_with_a_printer(engine: Engine) -> None:
    add_printer(engine, "a")
    inks = [
        f"{color} Ink Supply Unit T9441/T9451/T9461 is low (1 %)." for color in ("Black", "Cyan", "Magenta")
    ]
    put(engine, *(flag("a", "supply_low", subject=f"1.{n}", message=ink) for n, ink in enumerate(inks)))
    assert f"{inks[0]} {inks[1]} And 1 more." in " ".join(words_of(report(engine)).text.split())


def test_what_was_told_is_not_new_again_and_what_got_worse_since_is(engine: Engine) -> None:
    """A flag that gets worse keeps the time since when it is up; one that came back has another."""
    add_printer(engine, "lib")
    put(engine, old("lib", "supply_low", "warning", subject="1.1"), old("lib", "no_paper", "warning"))
    told = report(engine).told
    ids = flag_ids(engine)
    change_flag(engine, ids["lib", "supply_low"], since_at=NOON - timedelta(hours=1))
    assert report(engine, told).fresh.count == 0
    change_flag(engine, ids["lib", "no_paper"], severity="critical")
    assert fresh(report(engine, told)) == [("Name of lib", "worse")]


def test_another_fault_after_a_graver_one_that_is_over_is_new_and_not_worse(engine: Engine) -> None:
    add_printer(engine, "lib")
    put(engine, old("lib", "jam"))
    told = report(engine).told
    change_flag(engine, flag_ids(engine)["lib", "jam"], cleared_at=NOON)
    put(engine, flag("lib", "door_open", "warning"))
    assert fresh(report(engine, told)) == [("Name of lib", "new")]


def test_an_issue_that_was_reopened_says_so(engine: Engine) -> None:
    add_printer(engine, "lib")
    put(engine, issue("lib", "Still broken"))
    assert fresh(report(engine, NOTHING)) == [("#1 Still broken", "reopened")]


@pytest.mark.parametrize(
    ("days", "since"),
    [(0.2, "since 08:12"), (1, "since yesterday"), (4, "since Friday"), (7, "since Tue 3 Mar")],
)
def test_it_says_since_when(engine: Engine, days: float, since: str) -> None:
    add_printer(engine, "lib")
    assert report(engine, window=Window("x", NOON - days * DAY, NOON)).headline == f"Nothing new {since}"


def add_silent(engine: Engine, *printer_ids: str, location: str, since: timedelta = DAY / 24) -> None:
    for printer_id in printer_ids:
        add_printer(engine, printer_id, location, reachable=False, state="unreachable")
        put(engine, flag(printer_id, "unreachable", since_at=NOON - since))


def add_answering(engine: Engine, number: int, location: str) -> None:
    for place in range(number):
        add_printer(engine, f"fine-{location[:4].lower()}-{place}", location)


@pytest.mark.parametrize("kind", DATABASES)
def test_printers_of_a_place_whose_silence_is_an_outage_are_one_line(kind: str, tmp_path: Path) -> None:
    with store(kind, tmp_path) as (engine, _):
        add_silent(engine, "chem-1", "chem-2", "chem-3", "chem-4", location="Chemistry, floor 1")
        add_answering(engine, 2, "Chemistry, floor 2")
        add_silent(engine, "lib", location="Library")
        add_answering(engine, 9, "Library")
        summary = report(engine)
    assert summary.headline.startswith("2 new since")
    assert sorted(fresh(summary)) == [("Chemistry", "new"), ("Name of lib", "new")]
    line = next(line for line in summary.fresh.lines if line.title == "Chemistry")
    assert line.says == "4 of 6 printers do not answer. Look at the network and the power there first."


def test_silent_printers_of_a_large_place_are_no_outage_and_a_line_each(engine: Engine) -> None:
    add_silent(engine, "a", "b", "c", location="Library, floor 1")
    add_answering(engine, 20, "Library, floor 2")
    summary = report(engine)
    assert sorted(fresh(summary)) == [(f"Name of {name}", "new") for name in "abc"]
    assert "network" not in words_of(summary).text


def test_silent_printers_of_several_places_are_one_line_where_their_site_is_out(engine: Engine) -> None:
    add_silent(engine, "a", "b", location="Library")
    add_silent(engine, "c", "d", location="Annex")
    (line,) = report(engine).fresh.lines
    assert line.title.startswith("Site ")
    assert line.says.startswith("4 of 4 printers do not answer.")


def test_a_printer_that_follows_an_outage_that_was_told_is_told_as_one_more(engine: Engine) -> None:
    add_silent(engine, "a", "b", "c", location="Annex", since=3 * DAY)
    add_answering(engine, 9, "Library")
    told = report(engine).told
    assert fresh(report(engine, told)) == []
    add_silent(engine, "d", location="Annex")
    (line,) = report(engine, told).fresh.lines
    assert (line.title, line.tag) == ("Annex", "worse")
    assert line.says.startswith("1 more stopped answering: 4 of 4 printers do not answer.")


def test_a_printer_that_has_never_answered_makes_no_outage(engine: Engine) -> None:
    add_silent(engine, "a", "b", location="Annex")
    add_answering(engine, 9, "Library")
    add_printer(engine, "new", "Annex", reachable=False, state="unknown", answered_at=None)
    assert [title for title, _ in fresh(report(engine))] == ["Name of a", "Name of b"]


@pytest.mark.parametrize("kind", DATABASES)
def test_the_issues_of_the_receiver_are_listed_by_their_account_and_by_their_name(
    kind: str, tmp_path: Path
) -> None:
    with store(kind, tmp_path) as (engine, _):
        add_printer(engine, "lib")
        with writing(engine) as connection:
            add_user(connection, NewUser("maya", full_name="Maya Lindqvist"), actor="test", now=NOON)
        mine = {"assignee": "maya", "status": "in_progress", "priority": "urgent"}
        put(engine, issue("lib", "By account", **mine), issue("lib", "By name", assignee="Maya Lindqvist"))
        put(engine, issue("lib", "Somebody else's", assignee="tom"), issue("lib", "Nobody's"))
        summary = report(engine)
    section = summary.issues_of("maya", "Maya Lindqvist")
    assert [line.title for line in section.lines] == ["#1 By account", "#2 By name"]
    assert section.lines[0].where == "Name of lib · Room 1"
    assert section.lines[0].facts == ("in progress, open for 3 days", "urgent priority")
    assert section.url == "https://print.example.edu/issues?assignee=me"
    assert "YOURS (2)" in words_of(summary, full_name="Maya Lindqvist").text


def test_each_place_is_counted_once_the_worst_first_and_leads_to_its_printers(engine: Engine) -> None:
    where = {"a": "Library, floor 1", "b": "Library, floor 2", "c": "Annex", "d": ""}
    for printer_id, location in where.items():
        add_printer(engine, printer_id, location)
    add_printer(engine, "e", "Annex", reachable=False)
    put(engine, flag("b", "jam"), flag("b", "door_open", "warning"), flag("c", "paper_low", "warning"))
    put(engine, issue("a", "One"), issue("d", "Two"), issue("gone", "Three"))
    places = report(engine).places
    assert [(one.place, one.words) for one in places] == [
        ("Library", "1 critical, 1 issue"),
        ("Annex", "1 warning, 1 not answering"),
        ("No place", "2 issues"),
    ]
    assert places[0].url == "https://print.example.edu/place?location=Library"


def test_supplies_are_grouped_by_the_part_they_need(engine: Engine) -> None:
    for number, (percent, days) in enumerate(((9, 3.2), (4, 5.0), (0, None), (90, 80.0))):
        supply = Supply(
            index="1.1", description="Black Toner T9454", level_percent=percent, level_state="measured"
        )
        add_printer(engine, f"p{number}", supplies=(supply,))
        put(
            engine,
            SupplyForecast(printer_id=f"p{number}", supply_index="1.1", days_left=days, computed_at=NOON),
        )
    put(engine, flag("p2", "supply_empty", subject="1.1"))
    (part,) = report(engine).parts
    assert (part.title, part.when) == ("3 \N{MULTIPLICATION SIGN} T9454", "1 empty, next in 3 days")
    assert part.is_urgent


def test_what_is_listed_by_its_part_is_not_told_as_new_again(engine: Engine) -> None:
    supply = Supply(index="1.1", description="Black Toner T9454", level_percent=9, level_state="measured")
    add_printer(engine, "lib", supplies=(supply,))
    put(engine, flag("lib", "supply_low", "warning", subject="1.1"))
    put(engine, SupplyForecast(printer_id="lib", supply_index="1.1", days_left=0.4, computed_at=NOON))
    summary = report(engine)
    assert [(part.title, part.when) for part in summary.parts] == [
        ("1 \N{MULTIPLICATION SIGN} T9454", "within a day")
    ]
    assert summary.fresh.count == 0


def test_a_supply_more_that_is_needed_is_news_and_the_same_one_is_not(engine: Engine) -> None:
    supply = Supply(index="1.1", description="Black Toner T9454", level_percent=9, level_state="measured")
    for name in ("a", "b"):
        add_printer(engine, name, supplies=(supply,))
    put(engine, SupplyForecast(printer_id="a", supply_index="1.1", days_left=4, computed_at=NOON))
    told = report(engine).told
    assert not report(engine, told).has_news
    put(engine, SupplyForecast(printer_id="b", supply_index="1.1", days_left=6, computed_at=NOON))
    assert report(engine, told).has_news


def test_what_ended_is_one_line_with_what_people_reported_first(engine: Engine) -> None:
    add_printer(engine, "lib")
    ended: dict[str, Any] = {"status": "resolved", "resolved_at": NOON - DAY / 2}
    for title in ("Jam", "Tray 2 is empty"):
        put(engine, issue("lib", title, **ended | {"kind": "device"}))
    put(engine, issue("lib", "Squeaks", **ended), issue("lib", "Old", status="closed", closed_at=NOON))
    put(engine, issue("lib", "Buy watches", **ended | {"status": "spam"}), issue("lib", "Buy", status="spam"))
    summary = report(engine)
    assert summary.resolved_count == 3
    assert summary.resolved.startswith("#3 Squeaks, #")
    assert summary.resolved.endswith(" and 1 more")
    assert report(engine, include_closed=True).resolved_count == 4


@pytest.mark.parametrize(
    "known", [{"acknowledged_at": NOON, "acknowledged_by": "maya"}, {"snoozed_until": NOON + DAY}]
)
def test_what_is_acknowledged_or_snoozed_is_quiet(engine: Engine, known: dict[str, Any]) -> None:
    add_printer(engine, "lib")
    put(engine, flag("lib", "jam"))
    triage(engine, flag_ids(engine)["lib", "jam"], **known)
    summary = report(engine)
    assert summary.is_empty
    assert summary.subject == "All is well: the one printer is OK."


def test_a_snooze_that_is_over_is_heard_again(engine: Engine) -> None:
    add_printer(engine, "lib")
    put(engine, flag("lib", "jam"))
    triage(engine, flag_ids(engine)["lib", "jam"], snoozed_until=NOON - DAY)
    assert report(engine).subject.startswith("1 new since yesterday - 1 critical")


def test_a_silent_collector_is_one_note_not_a_line_for_each_of_its_printers(engine: Engine) -> None:
    for number in range(30):
        state = PrinterState(printer_id=f"p{number}", taken_at=NOON - DAY, reachable=True)
        put(engine, printer(f"p{number}", site="annex"), snapshot(f"p{number}", state))
    seen: dict[str, Any] = {"status": "online", "seen_at": NOON - DAY, "counters": {}}
    put(engine, ServiceRow(service="collector", instance="x", site="annex", **seen))
    summary = report(engine)
    silent = "The collector of the site annex has been silent for 1 day"
    assert summary.notes == (f"{silent}: 30 printers have not been looked at since.",)
    assert summary.fresh.count == 0
    assert summary.subject.endswith(", a collector is silent")


def test_a_printer_that_its_collector_does_not_ask_any_more_is_told(engine: Engine) -> None:
    add_printer(engine, "lib", taken_at=NOON - DAY / 2)
    told = report(engine).told
    assert [line.says for line in report(engine).fresh.lines] == ["No data: its collector does not ask it."]
    assert report(engine, told).fresh.count == 0


def test_a_quiet_day_says_that_nothing_is_new(engine: Engine) -> None:
    add_printer(engine, "lib")
    put(engine, old("lib", "jam"))
    summary = report(engine)
    assert summary.subject == "Nothing new since yesterday - 1 critical, 0 open issues"
    assert not summary.has_news


def test_the_worst_of_new_things_comes_first_and_the_rest_is_behind_a_link(engine: Engine) -> None:
    for number in range(30):
        add_printer(engine, f"p{number:02}")
        put(engine, flag(f"p{number:02}", "paper_low", "warning"))
    put(engine, flag("p29", "jam"), issue("p28", "Smells", priority="urgent", opened_at=NOON - DAY / 2))
    section = report(engine).fresh
    assert (section.count, section.more, section.url) == (31, 26, "https://print.example.edu/attention")
    assert {line.title for line in section.lines[:2]} == {"Name of p29", "#1 Smells"}


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=300)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=_TEXT, place=_TEXT, title=_TEXT, message=_TEXT, count=st.integers(1, 60), sites=st.integers(0, 6))
def test_however_much_is_wrong_it_fits_one_screen(  # noqa: PLR0913, PLR0917 (what a fleet may say)
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    place: str,
    title: str,
    message: str,
    count: int,
    sites: int,
) -> None:
    with store("sqlite", tmp_path_factory.mktemp("fleet")) as (engine, _):
        fill(engine, count, sites, name=name, place=place, title=title, message=message)
        summary = report(engine)
    words = words_of(summary)
    assert len(words.text.splitlines()) <= MOST_LINES
    assert max(len(line) for line in words.text.splitlines() if "://" not in line) <= 115
    assert len(words.html.encode()) < 60_000
    assert summary.fresh.count + len(summary.places) > 0


def fill(engine: Engine, count: int, sites: int, **texts: str) -> None:
    """A fleet in which all that can be wrong is wrong, with these texts."""
    name, place, title, message = (texts[key] for key in ("name", "place", "title", "message"))
    rows: list[Any] = []
    for number in range(count):
        one, late = f"p{number}", number % 4 == 3
        level: dict[str, Any] = {"level_percent": 1, "level_state": "measured"}
        indexes = ("1.0", "1.1", "1.2")
        supplies = tuple(
            Supply(index=index, description=f"{title}{index}{number}", **level) for index in indexes
        )
        taken_at = NOON - DAY if late else NOON
        reachable = number % 3 > 0
        state = PrinterState(printer_id=one, taken_at=taken_at, reachable=reachable, supplies=supplies)
        site = f"{place}{number % sites}" if sites and late else "main"
        until = NOON.date() + number % 60 * DAY
        ends: dict[str, Any] = {"warranty_until": until, "contract": title, "contract_until": until}
        rows += [
            printer(one, name=name, location=f"{place}{number}, {title}", site=site, **ends),
            snapshot(one, state),
            flag(one, "alert_critical", message=message),
            flag(one, "paper_low", "warning", message=message),
            *(
                SupplyForecast(printer_id=one, supply_index=index, days_left=3, computed_at=NOON)
                for index in indexes
            ),
            issue(one, title, opened_at=NOON - DAY / 3, assignee="maya", priority="urgent"),
            issue(one, title, status="resolved", resolved_at=NOON - DAY / 3),
        ]
    for number in range(sites):
        seen: dict[str, Any] = {"status": "online", "seen_at": NOON - DAY, "counters": {}}
        rows.append(ServiceRow(service="collector", instance="x", site=f"{place}{number}", **seen))
    put(engine, *rows)


def test_a_thousand_printers_with_hundreds_of_issues_fit_one_screen(engine: Engine) -> None:
    fill(engine, 1000, 3, name="Library 115", place="Library", title="Eats paper", message="Paper is jammed.")
    summary = report(engine)
    words = words_of(summary)
    assert summary.open_issues == 1000
    assert len(words.text.splitlines()) <= MOST_LINES
    assert len(words.html.encode()) < 40_000
    assert f"and {summary.fresh.count - 5} more: https://print.example.edu/attention" in words.text
    assert "and 997 more: https://print.example.edu/issues?assignee=me" in words.text


def test_everything_that_is_left_out_is_behind_a_link(engine: Engine) -> None:
    add_printer(engine, "lib")
    links = Links("https://print.example.edu", b"key")
    html = words_of(report(engine)).html
    for url in (links.home, links.issues, links.attention, links.supplies, links.printers, links.account):
        assert f'href="{url}"' in html


def test_printers_out_of_service_are_counted_as_that_and_are_no_news(engine: Engine) -> None:
    add_printer(engine, "repair", severity="critical")
    add_printer(engine, "silent", taken_at=NOON - DAY)
    add_printer(engine, "fine")
    put(engine, flag("repair", "jam"))
    with writing(engine) as connection:
        for printer_id in ("repair", "silent"):
            take_out_of_service(connection, printer_id, until=None, why="repair", actor="tom", now=NOON)
    summary = report(engine)
    assert summary.fleet == "3 printers: 1 OK, 2 out of service."
    assert (summary.critical, fresh(summary), summary.places) == (0, [], ())


def test_supplies_of_a_printer_out_of_service_are_not_to_be_brought(engine: Engine) -> None:
    black = Supply(index="1.1", description="Black toner", level_percent=0, level_state="measured")
    add_printer(engine, "scrapped", severity="critical", supplies=[black])
    put(engine, SupplyForecast(printer_id="scrapped", supply_index="1.1", days_left=1, computed_at=NOON))
    put(engine, flag("scrapped", "supply_empty", subject="1.1"))
    assert report(engine).parts
    with writing(engine) as connection:
        take_out_of_service(connection, "scrapped", until=None, why="scrapped", actor="tom", now=NOON)
    summary = report(engine)
    assert (summary.parts, fresh(summary), summary.is_empty) == ((), [], True)


def test_a_visit_of_the_vendor_that_was_due_leads_ones_own_issues_and_is_told_to_everybody(
    engine: Engine,
) -> None:
    add_printer(engine, "lib")
    mine = {"assignee": "maya", "vendor": "Ricoh", "vendor_case": "RX-1"}
    today = NOON.date()
    put(engine, issue("lib", "Soon", **mine, priority="urgent", vendor_visit_on=today))
    put(engine, issue("lib", "Late", **mine, vendor_visit_on=today - DAY))
    put(engine, issue("lib", "Over", **mine, vendor_visit_on=today - DAY, status="resolved"))
    told = report(engine).told
    summary = report(engine, told)
    late, soon = summary.issues_of("maya").lines
    assert (late.title, soon.title) == ("#2 Late", "#1 Soon")
    assert (late.facts[0], late.facts[-1]) == ("visit was due Mon 9 Mar", "with Ricoh, case RX-1")
    assert soon.facts[-1] == "with Ricoh, case RX-1, visit Tue 10 Mar"
    (link,) = summary.stock
    assert (link.text, link.url) == ("1 visit of a vendor was due", LINKS.overdue_visits)
    assert not summary.has_news
    words = words_of(summary)
    assert "visit was due Mon 9 Mar" in words.text
    assert "visit was due Mon 9\xa0Mar" in words.html
    put(engine, issue("lib", "Late, too", vendor="Ricoh", vendor_visit_on=today - 2 * DAY))
    again = report(engine, replace(told, issues=told.issues | {4}))
    assert again.has_news, "one more visit that nobody kept"
    assert again.stock[0].text == "2 visits of vendors were due"


def test_what_ends_soon_is_told_by_contract_and_is_news_on_its_first_day_alone(engine: Engine) -> None:
    today = NOON.date()
    lease: dict[str, Any] = {"contract": "Ricoh lease 4711", "contract_until": today + 12 * DAY}
    endings: dict[str, dict[str, Any]] = {
        **{"a": lease, "b": lease},
        **{"c": {"warranty_until": today + 60 * DAY}, "d": {"warranty_until": today + 61 * DAY}},
        **{"e": {"contract_until": today + DAY}, "f": {"contract_until": today - DAY}},
    }
    for name, values in endings.items():
        put(engine, printer(name, enabled=False, **values))  # a lease is paid for all the same
    first = report(engine, NOTHING)
    assert [(one.text, one.url) for one in first.endings] == [
        ("Contract of E ends 11 Mar 2026, tomorrow", LINKS.printer("e")),
        ("Ricoh lease 4711 (2 printers) ends 22 Mar 2026, in 12 days", LINKS.ending_soon),
        ("Warranty of C ends 9 May 2026, in 60 days", LINKS.printer("c")),
    ]
    assert (first.has_news, first.more_endings) == (True, 0)
    words = words_of(first)
    assert "ENDS SOON (3)" in words.text
    assert "Ends soon" in words.html
    again = report(engine, first.told)
    assert (again.has_news, again.is_empty, again.endings) == (False, True, first.endings)
    put(engine, printer("g", warranty_until=today + 5 * DAY))
    assert report(engine, first.told).has_news, "one more that ends"
    assert report(engine, first.told).more_endings == 1
