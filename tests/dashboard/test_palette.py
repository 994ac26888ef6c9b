"""The palette: what is found, in which order, by whom; its route, and how often it may be asked."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from core.domain.permissions import NOBODY, Permission, Role
from core.storage.database import reading, writing
from core.storage.issues import NewIssue, open_issue
from core.storage.tables import IssueKind
from dashboard.app_context import AppContext
from dashboard.features.palette.acts import ACTS, acts_of, meant
from dashboard.features.palette.ranking import BEGINS, EXACT, HOLDS, WORDS, Typed, best, rank
from dashboard.features.palette.search import MOST, Found, FoundKind, find
from dashboard.features.shared import cached, manager_cached
from dashboard.pages import PAGES
from dashboard.viewer import Viewer
from dashboard.web.gate.pace import Pace
from dashboard.web.routes import find as find_route
from tests.builders import printer, put
from tests.dashboard.asgi import Visitor
from tests.dashboard.doors import behind_gate, college, sign_in
from tests.dashboard.harness import ADMIN, ANONYMOUS, MANAGER, TECHNICIAN

NOW = datetime.now(UTC)
TEXTS = st.text("ab -\n", max_size=10)
WORDS_TYPED = st.text("ab ", min_size=1, max_size=4).filter(str.strip)


@pytest.mark.parametrize(
    ("typed", "lines", "expected"),
    [
        ("library 2", "library 2\nlib-2", EXACT),
        ("LIB-2", "library 2\nlib-2", EXACT),
        ("lib", "library 2\nlib-2", BEGINS),
        ("10.0.0", "low\n10.0.0.5", BEGINS),
        ("floor 2", "copier\nlibrary, floor 2", WORDS),
        ("2 libr", "copier\nlibrary, floor 2", WORDS),
        ("brary", "library 2", HOLDS),
        ("library 3", "library 2", None),
    ],
)
def test_what_is_called_that_comes_before_what_begins_so_and_what_only_holds_it(
    typed: str, lines: str, expected: int | None
) -> None:
    assert rank(Typed.of(typed), lines) == expected


@given(WORDS_TYPED, TEXTS)
def test_a_rank_is_given_to_what_has_all_the_words_and_to_nothing_else(typed: str, lines: str) -> None:
    wanted = Typed.of(typed)
    how = rank(wanted, lines)
    assert (how is None) == any(word not in lines for word in wanted.words)
    if wanted.whole in lines.split("\n"):
        assert how == EXACT
    elif any(line.startswith(wanted.whole) for line in lines.split("\n")):
        assert how == BEGINS


@given(WORDS_TYPED, st.lists(TEXTS, max_size=60), st.integers(1, 8), st.integers(1, 5))
def test_the_best_are_in_order_and_none_that_fits_better_is_left_out(
    typed: str, texts: list[str], most: int, times: int
) -> None:
    wanted = Typed.of(typed)
    fitting = [lines for lines in texts * times if rank(wanted, lines) is not None]
    found = best(wanted, fitting, name=str, lines=str, most=most)
    assert len(found) == min(most, len(fitting))
    if len(fitting) <= 200:
        assert found == sorted((rank(wanted, lines) or 0, lines) for lines in fitting)[:most]


def test_of_very_many_those_whose_name_begins_so_are_first_and_nothing_comes_twice() -> None:
    names = [f"printer {number:04}" for number in range(1000)] + ["print"]
    found = best(Typed.of("print"), names, name=str, lines=str, most=5)
    assert [name for _, name in found] == ["print", *names[:4]]
    found = best(Typed.of("0"), names[:-1], name=str, lines=str, most=8)
    assert len({name for _, name in found}) == 8


def test_the_first_words_name_an_act_and_the_others_the_printer() -> None:
    def named(words: str) -> list[tuple[str, str]]:
        return [(act.title, rest) for act, rest in meant(ACTS, words.split())]

    assert named("new issue for library 2") == [("New issue for {}", "library 2")]
    assert named("refr lib") == [("Refresh {}", "lib")]
    assert named("re lib") == []
    assert named("library 2") == []
    assert named("snooze") == [("Snooze or acknowledge {}", "")]


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppContext]:
    cached.forget()
    manager_cached.forget()
    made = college(monkeypatch, tmp_path, {"PORTAL_PUBLIC": "true"})
    put(
        made.engine,
        printer("lib-2", name="Library 2", location="Library, floor 2", host="10.20.30.40", serial="SER-77"),
        printer("lib-22", name="Library 22", location="Library, floor 2", host="10.20.30.41"),
    )
    with writing(made.engine) as connection:
        person = NewIssue(
            printer_id="lib-2", title="Streaks on paper", kind=IssueKind.PERSON, category="quality"
        )
        device = NewIssue(
            printer_id="lib-2",
            title="Another device answers at 10.0.0.5",
            kind=IssueKind.DEVICE,
            category="offline",
        )
        for issue in (person, device):
            open_issue(connection, issue, actor="kim", now=NOW)
    yield made
    made.engine.dispose()


def told(found: list[Found], kind: FoundKind) -> list[str]:
    return [each.title for each in found if each.kind == kind]


def test_a_printer_is_found_by_name_id_address_and_serial_number(app_context: AppContext) -> None:
    for words in ("library 2", "LIB-2", "10.20.30.40", "ser-77"):
        found = find(app_context, TECHNICIAN, words)
        assert (found[0].kind, found[0].title, found[0].path) == (
            FoundKind.PRINTER,
            "Library 2",
            "/printer?id=lib-2",
        )
    assert "10.20.30.40" in find(app_context, TECHNICIAN, "10.20.30.40")[0].detail


def test_who_sees_no_addresses_finds_nothing_by_them_and_is_told_none(app_context: AppContext) -> None:
    for words in ("10.20.30.40", "ser-77", "10.20"):
        assert find(app_context, ANONYMOUS, words) == []
    found = find(app_context, ANONYMOUS, "library")
    assert told(found, FoundKind.PRINTER) == ["Library 2", "Library 22"]
    assert not [each for each in found if "10.20" in f"{each.title}{each.detail}{each.path}"]


def test_issues_are_found_by_number_and_words_by_those_who_work_on_them(app_context: AppContext) -> None:
    (first,) = [each for each in find(app_context, TECHNICIAN, "streaks") if each.kind == FoundKind.ISSUE]
    number = first.path.partition("=")[2]
    for words in (number, f"#{number}"):
        best_one = next(each for each in find(app_context, TECHNICIAN, words) if each.kind == FoundKind.ISSUE)
        assert best_one.path == first.path
    assert told(find(app_context, ANONYMOUS, "streaks"), FoundKind.ISSUE) == []
    assert told(find(app_context, ANONYMOUS, number), FoundKind.ISSUE) == []
    assert told(find(app_context, TECHNICIAN, "999999999"), FoundKind.ISSUE) == []


def test_words_of_printers_in_issues_are_not_found_without_the_right_to_addresses(
    app_context: AppContext,
) -> None:
    worker = Role("worker", "Worker", "issues", frozenset({Permission.WORK_ISSUES, Permission.SEE_PRINTERS}))
    viewer = Viewer(worker, "wes")
    assert told(find(app_context, viewer, "another device"), FoundKind.ISSUE) == []
    assert len(told(find(app_context, TECHNICIAN, "another device"), FoundKind.ISSUE)) == 1
    device = next(
        each for each in find(app_context, TECHNICIAN, "another device") if each.kind == FoundKind.ISSUE
    )
    shown = find(app_context, viewer, device.path.partition("=")[2])
    assert "10.0.0.5" not in "".join(each.title for each in shown)


def test_places_are_found_with_what_they_hold(app_context: AppContext) -> None:
    found = [each for each in find(app_context, ANONYMOUS, "floor 2") if each.kind == FoundKind.PLACE]
    assert [(each.title, each.path) for each in found] == [
        ("floor 2", "/place?location=Library%2C%20floor%202")
    ]
    assert found[0].detail == "Library · 2 printers · 2 need attention"


@pytest.mark.parametrize(
    "viewer", [ANONYMOUS, TECHNICIAN, MANAGER, ADMIN], ids=lambda viewer: viewer.role.name
)
def test_pages_are_those_that_are_open_to_the_viewer(app_context: AppContext, viewer: Viewer) -> None:
    pages = {f"/{spec.path}": spec for spec in PAGES}
    words = ["", *(spec.title for spec in PAGES), "theme", "log", "accounts"]
    for found in (each for typed in words for each in find(app_context, viewer, typed)):
        spec = pages.get(found.path)
        assert spec is None or viewer.may(spec.permission), found
    assert ("/settings" in {each.path for each in find(app_context, viewer, "theme")}) == (viewer is ADMIN)
    assert len(find(app_context, viewer, "")) <= MOST


def test_acts_lead_to_the_page_on_which_they_are_done_and_ask_for_its_right(app_context: AppContext) -> None:
    (act,) = [each for each in find(app_context, MANAGER, "refresh library 22") if each.kind == FoundKind.ACT]
    assert (act.title, act.path, act.button) == ("Refresh Library 22", "/printer?id=lib-22", "refresh")
    acts = told(find(app_context, MANAGER, "library 22"), FoundKind.ACT)
    assert acts == [act.title.replace("{}", "Library 22") for act in ACTS]
    assert told(find(app_context, MANAGER, "library 2"), FoundKind.ACT) != []
    assert told(find(app_context, MANAGER, "library"), FoundKind.ACT) == []
    public = told(find(app_context, ANONYMOUS, "library 22"), FoundKind.ACT)
    assert public == ["New issue for Library 22", "Refresh Library 22"]
    assert acts_of(Viewer(Role("none", "None", "", frozenset()))) == []


def test_never_more_than_twenty_results(app_context: AppContext) -> None:
    put(
        app_context.engine,
        *(printer(f"many-{n}", name=f"Many {n}", location=f"Many, {n}") for n in range(300)),
    )
    cached.forget()
    found = find(app_context, ADMIN, "many")
    assert len(found) <= MOST
    assert len({each.path for each in found}) == len(found)


def visitor(app_context: AppContext) -> Visitor:
    return Visitor(behind_gate(app_context, find_route.ROUTES))


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with nobody having asked."""
    monkeypatch.setattr(find_route, "_PACE", Pace(60, 10.0))


def test_the_route_answers_each_viewer_what_is_theirs(app_context: AppContext) -> None:
    who = visitor(app_context)
    stranger = who.get("/find?q=library")
    assert stranger.status == 200
    assert "10.20.30" not in stranger.body
    assert stranger.headers["cache-control"] == "no-store"
    assert who.get("/find?q=10.20.30.40").json == {"results": []}
    sign_in(who, "tom")
    (first, *_) = who.get("/find?q=10.20.30.40").json["results"]
    assert first["title"] == "Library 2"
    assert {"kind", "title", "detail", "path", "health", "tone", "shape"} <= set(first)
    assert "Users" not in who.get("/find?q=users").body


def test_without_the_public_portal_the_route_asks_to_sign_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cached.forget()
    made = college(monkeypatch, tmp_path)
    assert visitor(made).get("/find?q=low").status == 401
    made.engine.dispose()


def test_who_asks_too_often_waits(app_context: AppContext) -> None:
    who = visitor(app_context)
    answers = [who.get("/find?q=zzz") for _ in range(61)]
    assert {answer.status for answer in answers[:60]} == {200}
    assert answers[60].status == 429
    assert 1 <= int(answers[60].headers["retry-after"]) <= 10
    sign_in(who, "tom")
    assert who.get("/find?q=zzz").status == 200, "each session has a pace of its own"


def test_a_pace_lets_so_many_through_in_any_such_time() -> None:
    pace = Pace(2, 10.0)
    assert [pace.wait_seconds("a", at) for at in (0.0, 1.0)] == [0.0, 0.0]
    assert pace.wait_seconds("a", 2.0) == pytest.approx(8.0)
    assert pace.wait_seconds("b", 2.0) == 0.0
    assert pace.wait_seconds("a", 10.5) == 0.0
    assert pace.wait_seconds("a", 10.6) > 0.0


def test_no_search_asks_the_database_for_printers(app_context: AppContext) -> None:
    find(app_context, ADMIN, "library")  # it is kept now
    with reading(app_context.engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM printers")).scalar_one() > 0
    app_context.engine.dispose()
    asked: list[str] = []
    from sqlalchemy import event

    event.listen(app_context.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert find(app_context, ADMIN, "library") != []
    assert asked == []


def test_nobody_may_do_more_than_the_portal_lets_them() -> None:
    assert [act.title for act in acts_of(Viewer(NOBODY))] == ["New issue for {}", "Refresh {}"]
