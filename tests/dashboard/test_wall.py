"""The wall view: what it shows, to whom, how often it is drawn; links of screens made, opened and revoked."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from core.contract.errors import Conflict
from core.domain.permissions import ROLES
from core.domain.tokens import hashed
from core.storage.core_tables import AUDIT, SESSIONS, SNAPSHOTS, USERS, WALL_LINKS
from core.storage.database import reading, writing
from core.storage.wall_links import RefusedLink, WallScreenLink, read_wall_links
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.fleet.queries import Fleet, Listed
from dashboard.features.shared.cached import forget, forget_states
from dashboard.features.wall import actions
from dashboard.features.wall.view import wall_html
from dashboard.viewer import ConfirmationNeeded, Forbidden, Viewer
from dashboard.web.routes import wall
from tests.builders import printer, put
from tests.dashboard.asgi import Answer, Visitor
from tests.dashboard.doors import behind_gate, college, sign_in
from tests.dashboard.harness import ADMIN, MANAGER, drawn, shown_once
from tests.dashboard.portal import add_hostile

NOW = datetime.now(UTC)


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppContext]:
    forget()
    made = college(monkeypatch, tmp_path)
    yield made
    made.engine.dispose()


def visitor(app_context: AppContext, **how: Any) -> Visitor:
    """Somebody before the gate, behind which are the routes of the wall."""
    return Visitor(behind_gate(app_context, wall.ROUTES), **how)


def make_link(app_context: AppContext, location: str = "", name: str = "IT office") -> str:
    url = app_context.settings.dashboard.dashboard_url
    made = actions.make(Actor(app_context.engine, ADMIN, datetime.now(UTC)), name, location, url)
    return shown_once(made).rpartition("#")[2]


def links(app_context: AppContext) -> list[WallScreenLink]:
    with reading(app_context.engine) as connection:
        return list(read_wall_links(connection))


def audited(app_context: AppContext) -> list[tuple[str, str, str]]:
    with reading(app_context.engine) as connection:
        rows = connection.execute(select(AUDIT.c.action, AUDIT.c.subject, AUDIT.c.actor).order_by(AUDIT.c.id))
        return [(row.action, row.subject, row.actor) for row in rows]


def names(answer: Answer) -> list[str]:
    """The printers with a tile, in their order."""
    tiles = answer.body.partition('id="tiles"')[2]
    return re.findall(r"<b>(.*?)</b>", tiles)


def opened(app_context: AppContext, token: str) -> Visitor:
    screen = visitor(app_context)
    assert screen.post("/wall/link", {"token": token}).status == 204
    return screen


def test_who_is_signed_in_sees_every_printer_with_its_sign(app_context: AppContext) -> None:
    who = visitor(app_context)
    assert sign_in(who, "tom").status == 303
    answer = who.get("/wall/tiles")
    assert answer.status == 200
    assert names(answer) == ["Fine [1]", "Jammed", "New", "Old", "Low"]
    jammed = answer.body.partition('id="tiles"')[2].partition('data-key="jammed"')[2].partition("</li>")[0]
    assert "tone-critical" in jammed
    assert "shape octagon" in jammed
    assert "Critical: " in jammed


def test_what_needs_somebody_is_on_top_in_words_worst_first(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "tom")
    troubles = who.get("/wall/tiles").body.partition('id="troubles"')[2].partition("</section>")[0]
    assert re.findall(r"<h2>(.*?)</h2>", troubles) == ["Jammed", "Old", "Low"]
    assert "+1 more" in troubles
    assert "No data</p>" in troubles


def test_a_place_is_everything_in_it_and_is_the_heading(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "tom")
    answer = who.get("/wall/tiles?location=Room%2012")
    assert names(answer) == ["Low"]
    assert "Room 12</h1>" in answer.body
    assert "There are no printers here." in who.get("/wall/tiles?location=Nowhere").body


def test_a_stranger_gets_the_empty_page_and_nothing_in_it(app_context: AppContext) -> None:
    stranger = visitor(app_context)
    page = stranger.page("/wall")
    assert page.status == 200
    assert 'data-theme="dark"' in page.body
    assert "jammed" not in page.body
    refused = stranger.get("/wall/tiles")
    assert refused.status == 401
    assert refused.json == {"error": "Sign in, or open the link of this screen."}
    stranger.cookies["printers_wall"] = "eyJhbGciOiJub25lIn0.e30."
    assert stranger.get("/wall/tiles").status == 401


def test_where_the_portal_is_public_so_is_the_wall(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget()
    app_context = college(monkeypatch, tmp_path, {"PORTAL_PUBLIC": "true"})
    assert visitor(app_context).get("/wall/tiles").status == 200
    monkeypatch.setenv("PORTAL_NETWORKS", "10.0.0.0/8")
    for address, status in (("10.1.2.3", 200), ("203.0.113.5", 401)):
        campus = college(monkeypatch, tmp_path / address, {"PORTAL_PUBLIC": "true"})
        assert visitor(campus, address=address).get("/wall/tiles").status == status


def test_who_must_choose_a_password_first_sees_no_wall(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "tom")
    with writing(app_context.engine) as connection:
        connection.execute(update(USERS).values(must_change_password=True))
    assert who.get("/wall/tiles").status == 401


def test_an_open_wall_is_no_sign_that_somebody_sits_there(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "tom")
    before = datetime.now(UTC) - timedelta(minutes=30)
    with writing(app_context.engine) as connection:
        connection.execute(update(SESSIONS).values(seen_at=before))
    assert who.get("/wall/tiles").status == 200
    with reading(app_context.engine) as connection:
        assert connection.execute(select(SESSIONS.c.seen_at)).scalar() == before


def test_a_screen_exchanges_its_token_for_a_cookie_of_its_own(app_context: AppContext) -> None:
    screen = visitor(app_context)
    answer = screen.post("/wall/link", {"token": make_link(app_context)})
    assert answer.status == 204
    (cookie,) = answer.set_cookies
    assert cookie.startswith("printers_wall=")
    assert {"httponly", "path=/wall", "samesite=strict"} <= {
        part.strip().lower() for part in cookie.split(";")
    }
    assert screen.get("/wall/tiles").status == 200
    assert screen.get("/login").status == 200  # and nobody is signed in by it
    assert ("sign_in.screen", "IT office", "screen IT office") in audited(app_context)
    (link,) = links(app_context)
    assert link.used_at is not None


def test_behind_https_the_cookie_is_secure(app_context: AppContext) -> None:
    answer = visitor(app_context, scheme="https").post("/wall/link", {"token": make_link(app_context)})
    (cookie,) = answer.set_cookies
    assert cookie.startswith("__Secure-printers_wall=")
    assert "Secure" in cookie.split("; ")


def test_the_token_is_stored_as_its_hash_alone(app_context: AppContext) -> None:
    token = make_link(app_context)
    with reading(app_context.engine) as connection:
        row = connection.execute(select(WALL_LINKS)).one()
        everything = str([*row, *connection.execute(select(AUDIT)).all()])
    assert row.token_hash == hashed(token)
    assert token not in everything


def test_a_screen_of_a_place_sees_that_place_alone(app_context: AppContext) -> None:
    screen = opened(app_context, make_link(app_context, "Room 12"))
    assert names(screen.get("/wall/tiles")) == ["Low"]
    assert names(screen.get("/wall/tiles?location=Library")) == ["Low"]
    assert names(screen.get("/wall/tiles?location=Room%2012%2C%20corner")) == []


def test_a_revoked_link_shows_nothing_from_now_on(app_context: AppContext) -> None:
    token = make_link(app_context)
    screen = opened(app_context, token)
    (link,) = links(app_context)
    actions.revoke(Actor(app_context.engine, ADMIN, NOW), link.link_id)
    assert screen.get("/wall/tiles").status == 401
    again = visitor(app_context).post("/wall/link", {"token": token})
    assert again.status == 403
    assert "revoked" in again.json["error"]
    with pytest.raises(Conflict):
        actions.revoke(Actor(app_context.engine, ADMIN, NOW), link.link_id)
    assert [action for action, subject, _ in audited(app_context) if subject == "IT office"] == [
        "wall.created",
        "sign_in.screen",
        "wall.revoked",
    ]


def test_guessing_links_is_slowed_down_and_audited(
    app_context: AppContext, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = visitor(app_context)
    answers = [stranger.post("/wall/link", {"token": f"guess {number}"}) for number in range(31)]
    assert [answer.status for answer in answers] == [403] * 30 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    token = make_link(app_context)
    assert stranger.post("/wall/link", {"token": token}).status == 429
    refused = [subject for action, subject, _ in audited(app_context) if action == "sign_in.refused"]
    assert refused == ["unknown name"] * 30
    assert "sign-in refused from 198.51.100.7" in caplog.text
    assert "guess" not in caplog.text


def test_other_sites_cannot_open_a_link(app_context: AppContext) -> None:
    token = make_link(app_context)
    foreign = {"origin": "https://evil.example"}
    assert visitor(app_context).post("/wall/link", {"token": token}, foreign).status == 403


def test_what_is_the_same_is_not_sent_again_and_drawn_once_for_all(app_context: AppContext) -> None:
    first, second = visitor(app_context), opened(app_context, make_link(app_context))
    sign_in(first, "tom")
    answer = first.get("/wall/tiles")
    etag = answer.headers["etag"]
    assert second.get("/wall/tiles").headers["etag"] == etag
    unchanged = second.get("/wall/tiles", {"if-none-match": f"W/{etag}"})
    assert (unchanged.status, unchanged.body, unchanged.headers["etag"]) == (304, "", etag)
    now = datetime.now(UTC)
    with writing(app_context.engine) as connection:
        fine = SNAPSHOTS.c.printer_id == "fine"
        connection.execute(update(SNAPSHOTS).where(fine).values(severity="warning", received_at=now))
    forget_states()
    changed = second.get("/wall/tiles", {"if-none-match": etag})
    assert changed.status == 200
    assert changed.headers["etag"] != etag
    assert changed.headers["cache-control"] == "no-store"


def test_no_address_no_serial_number_and_no_words_of_a_printer_are_on_the_wall(
    app_context: AppContext,
) -> None:
    add_hostile(app_context.engine)
    put(app_context.engine, printer("hidden", host="192.0.2.77", serial="SN-4711", contact="Maya"))
    forget_states()
    who = visitor(app_context)
    sign_in(who, "ada")
    body = who.get("/wall/tiles").body
    assert 'data-key="hidden"' in body
    assert "<script" not in body
    assert not re.search(r"192\.0\.2\.|SN-4711|Maya|10\.0\.0\.", body)


def test_without_the_database_the_wall_says_so_for_its_script(app_context: AppContext) -> None:
    screen = opened(app_context, make_link(app_context))
    with writing(app_context.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE wall_links RENAME TO away")
    assert screen.get("/wall/tiles").status == 503
    assert screen.post("/wall/link", {"token": "x"}).status == 503


def test_only_administrators_who_have_confirmed_it_make_and_revoke_links(app_context: AppContext) -> None:
    make_link(app_context)
    (link,) = links(app_context)
    unconfirmed = Viewer(ROLES["admin"], "ada", user_id=3)
    for viewer, error in ((MANAGER, Forbidden), (unconfirmed, ConfirmationNeeded)):
        with pytest.raises(error):
            actions.make(Actor(app_context.engine, viewer, NOW), "Lobby", "", "http://x.example")
        with pytest.raises(error):
            actions.revoke(Actor(app_context.engine, viewer, NOW), link.link_id)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "IT office"])
def test_a_screen_has_a_name_of_its_own(name: str, app_context: AppContext) -> None:
    make_link(app_context)
    with pytest.raises(RefusedLink):
        make_link(app_context, name=name)


def test_a_link_is_made_shown_once_and_revoked_on_its_page(app_context: AppContext) -> None:
    test = drawn("screens", ADMIN, app_context)
    assert not test.exception
    test.text_input(key="screen-name").set_value("Lobby")
    test.selectbox(key="screen-place").set_value("Room 12")
    next(button for button in test.button if button.label == "Create").click().run()
    (link,) = links(app_context)
    assert (link.name, link.location, link.created_by) == ("Lobby", "Room 12", "ada")
    assert "/wall#" in test.code[0].value
    next(button for button in test.button if button.label == "I have saved it").click().run()
    assert not test.code
    next(button for button in test.button if button.label == "Revoke").click().run()
    (link,) = links(app_context)
    assert link.revoked_at is not None
    assert any("revoked" in each.value for each in test.markdown)


def test_the_page_of_screens_is_for_administrators(app_context: AppContext) -> None:
    assert drawn("screens", MANAGER, app_context).exception


def row(number: int, health: str) -> Listed:
    name = f"printer-{number:04d}"
    return Listed(name, name, f"Hall {number % 5}", "", "idle", health, None, name, name, "")


def test_of_a_large_fleet_the_worst_are_shown_and_all_are_counted() -> None:
    html = wall_html(
        Fleet([row(number, "critical" if number % 100 == 0 else "ok") for number in range(5000)]), "", {}, "1"
    )
    assert html.count('class="tile ') == 300
    assert html.count('class="tile tone-critical') == 50
    assert html.count('class="trouble tone-critical"') == 8
    assert "<b>50</b> Critical" in html
    assert "<b>4,950</b> OK" in html
    assert "The worst 300 of 5,000" in html


@pytest.mark.parametrize(("printers", "size"), [(5, "large"), (100, "medium"), (200, "small"), (201, "tiny")])
def test_the_fewer_printers_the_larger_their_tiles(printers: int, size: str) -> None:
    fleet = Fleet([row(number, "ok") for number in range(printers)])
    assert f'id="tiles" class="{size}"' in wall_html(fleet, "", {}, "1")


def test_tiles_keep_their_place_whatever_happens() -> None:
    fleets = (
        Fleet([row(number, "critical" if number == ill else "ok") for number in range(50)])
        for ill in (None, 30)
    )
    before, after = (wall_html(fleet, "", {}, "1") for fleet in fleets)
    named = re.compile(r'<li data-key="([^"]*)" class="tile')
    assert named.findall(before) == named.findall(after) != []
