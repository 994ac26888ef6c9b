"""Places: the tree and its counts, the page of one, what each viewer sees there."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from core.domain.places import NOWHERE, is_inside, parts_of
from core.storage.core_tables import ISSUES
from core.storage.database import reading, writing
from core.storage.full_names import full_names
from core.storage.issues import NewIssue, open_issue
from core.storage.tables import IssueKind
from core.timeseries.reader import PrinterDay, PrinterMonth, TimeSeriesUnavailable
from dashboard.app_context import AppContext
from dashboard.features.fleet.queries import Fleet, FleetFilter
from dashboard.features.places.parts import figures_of, places_html, troubles
from dashboard.features.places.queries import open_issues, usage_by_printer, usage_of
from dashboard.features.places.tree import PlaceNode, PlaceTree, place_path, rows_in, shown_lines
from dashboard.features.reports.periods import period
from dashboard.features.reports.queries import Tally
from dashboard.features.shared import cached, manager_cached
from dashboard.ui.wording import HEALTH, TROUBLE
from dashboard.viewer import Viewer
from tests.builders import printer, put, snapshot
from tests.dashboard.drawing import html_of
from tests.dashboard.harness import (
    ADMIN,
    ANONYMOUS,
    MANAGER,
    TECHNICIAN,
    PaperSeries,
    drawn,
    open_college,
)
from tests.dashboard.listed import listed
from tests.dashboard.manager_fleet import state, toner

NOW = datetime.now(UTC)
LOCATIONS = st.lists(st.sampled_from(["Library", "floor 1", "floor 2", "room a", " ", ""]), max_size=4).map(
    ",".join
)
FLEETS = st.lists(st.tuples(LOCATIONS, st.sampled_from(list(HEALTH))), max_size=30)


def fleet_of(*lines: tuple[str, str]) -> Fleet:
    return Fleet(listed(f"p{n}", location=where, health=how) for n, (where, how) in enumerate(lines))


@given(FLEETS)
def test_each_place_counts_every_printer_that_lies_in_it(lines: list[tuple[str, str]]) -> None:
    fleet = fleet_of(*lines)
    tree = PlaceTree(fleet.rows)
    for location, place in tree.places.items():
        inside = [
            row
            for row in fleet.rows
            if (is_inside(row.location, location) if location else not parts_of(row.location))
        ]
        assert place.by_health == Counter(row.health for row in inside)
        assert place.printers == len(inside) > 0
        assert place.troubled == sum(row.health in TROUBLE for row in inside)
        assert {row.printer_id for row in rows_in(fleet, location)} == {row.printer_id for row in inside}
    assert sum(place.printers for place in tree.top) == len(lines)


@given(FLEETS)
def test_a_place_holds_the_next_smaller_ones_and_no_more_printers_than_they_and_itself(
    lines: list[tuple[str, str]],
) -> None:
    tree = PlaceTree(fleet_of(*lines).rows)
    held = [inner.location for place in tree.places.values() for inner in place.inside]
    assert sorted(held) == sorted(name for name in tree.places if len(parts_of(name)) > 1)
    for place in tree.places.values():
        assert all(is_inside(inner.location, place.location) for inner in place.inside)
        assert sum(inner.printers for inner in place.inside) <= place.printers


def test_places_are_in_the_order_people_count_in_and_what_has_none_comes_last() -> None:
    names = ("", "Library, floor 10", "Library, floor 2", "Annex", "library, floor 1")
    tree = PlaceTree(fleet_of(*((name, "ok") for name in names)).rows)
    assert [place.name for place in tree.top] == ["Annex", "Library", "library", NOWHERE]
    assert [place.name for place in tree.places["Library"].inside] == ["floor 2", "floor 10"]


def test_the_tree_is_shown_as_deep_as_it_stays_short() -> None:
    rooms = [(f"Library, floor {floor}, room {room}", "ok") for floor in range(3) for room in range(5)]
    top = PlaceTree(fleet_of(*rooms, ("Gym", "ok")).rows).top
    assert [line.place.name for line in shown_lines(top, 4)] == ["Gym", "Library"]
    assert [line.depth for line in shown_lines(top, 5)] == [0, 0, 1, 1, 1]
    assert len(shown_lines(top, 20)) == 2 + 3 + 15
    assert len(shown_lines(top, 0)) == 2, "the first level is there in any case"


def test_five_hundred_places_without_a_hierarchy_are_a_list_that_can_be_searched() -> None:
    tree = PlaceTree(fleet_of(*((f"Room {number}", "ok") for number in range(500))).rows)
    assert len(shown_lines(tree.top, 100)) == 500
    assert [place.name for place in tree.find("ROOM 49")][:2] == ["Room 49", "Room 149"]
    assert [place.name for place in tree.find("499 room")] == ["Room 499"]
    assert tree.find("nowhere") == []


def test_what_a_place_lacks_is_told_in_words_the_worst_first() -> None:
    place = PlaceTree(
        fleet_of(("Gym", "warning"), ("Gym", "critical"), ("Gym", "ok"), ("Gym", "warning")).rows
    ).places["Gym"]
    assert [look.label for look in troubles(place)] == ["Critical 1", "Warning 2"]
    assert "Gym &lt;b&gt;" in places_html(shown_lines([PlaceNode("Gym <b>", Counter(ok=1))], 1))
    assert place_path("Gym, a&b") == "/place?location=Gym%2C%20a%26b"


def test_the_history_of_a_place_is_bounded_and_added_up_over_its_printers() -> None:
    today = date(2026, 11, 29)

    def day(printer_id: str, ago: int, pages: int, answered: int = 10) -> PrinterDay:
        return PrinterDay(printer_id, today - timedelta(days=ago), 10, answered, 0, pages, pages)

    series = PaperSeries(
        given_days=[day("a", 0, 5), day("a", 29, 7, 5), day("a", 30, 1000), day("b", 3, 11), day("c", 3, 900)]
    )
    total = usage_of(usage_by_printer(series, period("30d", today), {}), ["a", "b", "nobody"])
    assert (total.pages, total.readings, total.observed_days) == (23, 30, 3)
    assert total.availability == pytest.approx(2.5 / 3)


def test_figures_never_round_up_to_always_answered() -> None:
    place = PlaceNode("Gym", Counter(ok=3, critical=1))
    tally = Tally(1234, 10_000, 9_999, 1.0, 0.9999)
    figures = {figure.title: figure.value for figure in figures_of(place, 2, tally)}
    assert figures == {
        "Printers": "4",
        "Need attention": "1",
        "Open issues": "2",
        "Pages printed": "1,234",
        "Availability": "99.9 %",
    }
    assert "cannot be read" in figures_of(place, 0, None)[-1].note
    assert [each.value for each in figures_of(place, 0, Tally())][-2:] == ["–", "–"]


@pytest.fixture
def app_context(tmp_path: Path) -> Iterator[AppContext]:
    """The college, with two printers of the library, one of which is low, and issues of both."""
    cached.forget()
    manager_cached.forget()
    now = datetime.now(UTC)
    made = open_college(tmp_path, now=now)
    low = state("lib-1", supplies=(toner(4),), severity="warning")
    fine = state("lib-2", supplies=(toner(80),))
    for name, floor, reading_of in (("lib-1", 1, low), ("lib-2", 2, fine)):
        put(
            made.engine,
            printer(name, name=name.title(), location=f"Library, floor {floor}", host=f"10.20.30.{floor}"),
        )
        percent = reading_of.supplies[0].level_percent
        row = snapshot(
            name, reading_of, taken_at=now, stale_at=now + timedelta(days=1), lowest_supply_percent=percent
        )
        put(made.engine, row)
    with writing(made.engine) as connection:
        for name in ("lib-1", "lib-2"):
            issue = NewIssue(
                printer_id=name, title=f"Kim says {name} is broken", kind=IssueKind.PERSON, category="jam"
            )
            open_issue(connection, issue, actor="kim", now=NOW)
    yield made
    made.engine.dispose()


def words_of(path: str, viewer: Viewer, app_context: AppContext, **query: str) -> str:
    page = drawn(path, viewer, app_context, **query)
    assert not page.exception
    texts = [str(one.value) for one in (*page.title, *page.subheader, *page.caption, *page.markdown)]
    return "\n".join((html_of(page), *texts))


def test_who_has_an_issue_of_a_place_is_told_by_name(app_context: AppContext) -> None:
    with writing(app_context.engine) as connection:
        connection.execute(update(ISSUES).values(assignee="tom"))
        name = full_names(connection)["tom"]
    shown = words_of("place", TECHNICIAN, app_context, location="Library, floor 1")
    assert name != "tom" and name in shown


def test_the_page_of_a_place_shows_its_printers_issues_and_supplies(app_context: AppContext) -> None:
    shown = words_of("place", TECHNICIAN, app_context, location="Library, floor 1")
    assert "Lib-1" in shown
    assert "Lib-2" not in shown
    assert "Kim says lib-1 is broken" in shown
    assert "1 × " in shown
    assert "4 %" in shown
    assert 'href="/place?location=Library"' in shown
    assert '<li aria-current="page">floor 1</li>' in shown
    assert 'href="/labels?location=Library%2C%20floor%201"' in shown
    whole = words_of("place", TECHNICIAN, app_context, location=" Library ,")
    assert "Lib-1" in whole
    assert "Lib-2" in whole
    assert "Places within" in whole


def test_who_is_not_signed_in_sees_the_printers_and_no_words_of_people(app_context: AppContext) -> None:
    shown = words_of("place", ANONYMOUS, app_context, location="Library")
    assert "Lib-1" in shown
    assert "Kim says" not in shown
    assert "/issue?" not in shown
    assert "Supplies to bring" not in shown
    assert "/labels" not in shown
    assert "10.20.30." not in shown


@pytest.mark.parametrize("query", [{}, {"location": "Nowhere"}, {"location": "Libr"}])
def test_a_place_that_is_not_there_says_so(app_context: AppContext, query: dict[str, str]) -> None:
    assert "No such place" in words_of("place", MANAGER, app_context, **query)


def test_printers_without_a_location_have_a_page_too(app_context: AppContext) -> None:
    shown = words_of("place", MANAGER, app_context, location="")
    assert NOWHERE in shown
    assert "Fine [1]" in shown
    assert "Lib-1" not in shown


def test_the_tree_counts_printers_and_says_how_many_need_attention(app_context: AppContext) -> None:
    shown = words_of("places", ADMIN, app_context)
    assert "7 printers in 5 places · 4 need attention" in shown
    assert 'href="/place?location=Library%2C%20floor%202"' in shown
    assert "Warning 1" in shown


def test_without_locations_the_tree_says_what_to_do(tmp_path: Path) -> None:
    made = open_college(tmp_path, empty=True)
    cached.forget()
    assert "No printer has a place yet." in words_of("places", ADMIN, made)
    made.engine.dispose()


def test_a_history_that_is_away_is_said_in_its_place(app_context: AppContext) -> None:
    class Away(PaperSeries):
        def months(self, since: date, until: date) -> Iterator[PrinterMonth]:
            raise TimeSeriesUnavailable("away")

    shown = words_of("place", MANAGER, replace(app_context, series=Away()), location="Library")
    assert "The history cannot be read just now" in shown
    assert "Lib-1" in shown


def test_an_issue_of_the_most_urgent_comes_first_and_ended_ones_not_at_all(app_context: AppContext) -> None:
    with writing(app_context.engine) as connection:
        new = NewIssue(printer_id="lib-2", title="Smoke", kind=IssueKind.PERSON, priority="urgent")
        open_issue(connection, new, actor="kim", now=NOW)
    with reading(app_context.engine) as connection:
        found = open_issues(connection)
    assert found[0].words == "Smoke"
    assert found[0].for_everybody().words != "Smoke"


def test_the_filter_of_the_fleet_and_the_page_of_a_place_agree(app_context: AppContext) -> None:
    fleet = cached.the_fleet(app_context)
    for place in fleet.places:
        assert list(rows_in(fleet, place)) == list(fleet.find(FleetFilter(location=place), True).rows)
