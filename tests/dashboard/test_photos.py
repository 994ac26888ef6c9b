"""The routes of photos: what is taken, from whom, how often; who sees which photo; what is deleted when."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Connection, delete, func, insert, select, update

from core.domain.links import Follower, follow_token, joined_token
from core.storage.core_tables import ATTEMPTS, EVENTS, ISSUES, PHOTOS
from core.storage.database import open_database, reading, writing
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.issues import actions as issue_actions
from dashboard.features.photos import store
from dashboard.features.photos.drafts import draft_hash, new_draft
from dashboard.features.photos.images import Photo
from dashboard.features.report.actions import Note, ProblemReport, add_note, file_report
from dashboard.web.gate.body_limit import LARGEST_PHOTO
from dashboard.web.routes import photos
from tests.dashboard.asgi import Answer, Visitor
from tests.dashboard.doors import behind_gate, college, sign_in
from tests.dashboard.harness import ANONYMOUS, TECHNICIAN
from tests.dashboard.pictures import heic, phone_photo, picture, png_bomb
from tests.postgres import DATABASES, at_once, database

PHOTO: Final = picture("JPEG")
PUBLIC: Final = {"PORTAL_PUBLIC": "true"}
ADDRESS: Final = "198.51.100.7"


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppContext]:
    made = college(monkeypatch, tmp_path, PUBLIC)
    yield made
    made.engine.dispose()


@pytest.fixture
def anybody(app_context: AppContext) -> Visitor:
    return visitor(app_context)


def visitor(app_context: AppContext, **how: Any) -> Visitor:
    """Somebody before the gate, behind which are the routes of photos."""
    return Visitor(behind_gate(app_context, photos.ROUTES), **how)


def key(app_context: AppContext) -> bytes:
    return app_context.settings.web.signing_key()


def draft(app_context: AppContext, now: datetime | None = None) -> str:
    """The token of a new draft."""
    return new_draft(key(app_context), now or datetime.now(UTC))


def stored(app_context: AppContext, token: str) -> str:
    """What a draft's photos are stored under."""
    found = draft_hash(key(app_context), token, datetime.now(UTC))
    assert found is not None
    return found


def send(who: Visitor, token: str, sent: bytes = PHOTO, kind: str = "image/jpeg", **headers: str) -> Answer:
    given = {"x-photo-draft": token, "content-type": kind, **headers}
    return who.ask("POST", "/photos", given, sent)


def taken(who: Visitor, token: str, sent: bytes = PHOTO) -> int:
    answer = send(who, token, sent)
    assert answer.status == 201, answer.body
    return int(answer.json["photo"])


def count(app_context: AppContext) -> int:
    with reading(app_context.engine) as connection:
        return connection.execute(select(func.count()).select_from(PHOTOS)).scalar_one()


def reported(app_context: AppContext, who: Visitor) -> tuple[int, int]:
    """The numbers of an issue that was reported with a photo, and of that photo."""
    token = draft(app_context)
    photo = taken(who, token)
    report = ProblemReport("low", "jam", "", "Sam", "sam@a.example", draft=stored(app_context, token))
    filed = file_report(
        Actor(app_context.engine, ANONYMOUS, datetime.now(UTC)), app_context.settings, report, address=ADDRESS
    )
    return filed.number, photo


def commented(app_context: AppContext, who: Visitor, issue: int, *, public: bool) -> int:
    """The number of the photo of a technician's comment."""
    token = draft(app_context)
    photo = taken(who, token)
    new = issue_actions.Comment("Look", public, stored(app_context, token))
    issue_actions.comment(Actor(app_context.engine, TECHNICIAN, datetime.now(UTC)), issue, new)
    return photo


def statuses(who: Visitor, photo: int, query: str = "", headers: Mapping[str, str] | None = None) -> set[int]:
    """What the whole photo and its thumbnail are answered with."""
    return {who.get(f"/photos/{photo}{size}{query}", headers or {}).status for size in ("", "/thumbnail")}


def test_a_photo_waits_in_its_draft_and_can_be_taken_out(app_context: AppContext, anybody: Visitor) -> None:
    token, other = draft(app_context), draft(app_context)
    first, second = taken(anybody, token, phone_photo()), taken(anybody, token)
    mine = {"x-photo-draft": token}
    assert anybody.get("/photos/draft", mine).json == {"photos": [first, second]}
    shown = anybody.get(f"/photos/{first}/thumbnail", mine)
    assert (shown.status, shown.headers["content-type"]) == (200, "image/jpeg")
    assert statuses(anybody, first) == {404}
    assert statuses(anybody, first, headers={"x-photo-draft": other}) == {404}
    assert anybody.ask("DELETE", f"/photos/{first}", {"x-photo-draft": other}).status == 404
    assert anybody.ask("DELETE", f"/photos/{first}", mine).status == 204
    assert anybody.ask("DELETE", f"/photos/{first}", mine).status == 404
    assert anybody.get("/photos/draft", mine).json == {"photos": [second]}


def test_an_answer_is_nothing_but_a_jpeg_for_this_browser(app_context: AppContext, anybody: Visitor) -> None:
    issue, photo = reported(app_context, anybody)
    answer = anybody.get(f"/photos/{photo}?token={follow_token(key(app_context), issue)}")
    headers = answer.headers
    assert (answer.status, headers["content-type"], headers["x-content-type-options"]) == (
        200,
        "image/jpeg",
        "nosniff",
    )
    assert headers["cache-control"].startswith("private")
    assert "default-src 'self'" in headers["content-security-policy"]


def test_a_photo_of_a_report_is_for_its_reporter_and_who_works_on_issues(
    app_context: AppContext, anybody: Visitor
) -> None:
    issue, photo = reported(app_context, anybody)
    tom = visitor(app_context)
    sign_in(tom, "tom")
    assert statuses(tom, photo) == {200}
    assert statuses(anybody, photo, f"?token={follow_token(key(app_context), issue)}") == {200}
    for token in (
        "",
        "x",
        follow_token(key(app_context), issue + 1),
        follow_token(b"another key", issue),
        joined_token(key(app_context), issue),
        follow_token(key(app_context), issue) + "=",
    ):
        assert statuses(anybody, photo, f"?token={token}") == {404}


def test_a_photo_of_an_answer_is_for_all_who_follow_and_one_of_a_note_for_nobody_else(
    app_context: AppContext, anybody: Visitor
) -> None:
    issue, _ = reported(app_context, anybody)
    answer = commented(app_context, anybody, issue, public=True)
    note = commented(app_context, anybody, issue, public=False)
    for token in (follow_token(key(app_context), issue), joined_token(key(app_context), issue)):
        assert statuses(anybody, answer, f"?token={token}") == {200}
        assert statuses(anybody, note, f"?token={token}") == {404}
    tom = visitor(app_context)
    sign_in(tom, "tom")
    assert statuses(tom, answer) | statuses(tom, note) == {200}


def test_a_filed_photo_is_its_drafts_no_more(app_context: AppContext, anybody: Visitor) -> None:
    token = draft(app_context)
    photo = taken(anybody, token)
    note = Note("", stored(app_context, token))
    follower = Follower(1, reported=False)
    add_note(Actor(app_context.engine, ANONYMOUS, datetime.now(UTC)), follower, note, address=ADDRESS)
    mine = {"x-photo-draft": token}
    assert anybody.get("/photos/draft", mine).json == {"photos": []}
    assert anybody.ask("DELETE", f"/photos/{photo}", mine).status == 404
    assert statuses(anybody, photo, headers=mine) == {404}
    assert count(app_context) == 1


@pytest.mark.parametrize(
    ("sent", "kind", "status", "sentence"),
    [
        (b"hello", "text/plain", 415, "This file is no photo"),
        (PHOTO, "multipart/form-data; boundary=x", 415, "This file is no photo"),
        (PHOTO, "", 415, "This file is no photo"),
        (b"<svg onload='alert(1)'/>", "image/svg+xml", 422, "no photo that can be read"),
        (b"<html><script>alert(1)</script>", "image/jpeg", 422, "no photo that can be read"),
        (phone_photo()[:3000], "image/jpeg", 422, "not a whole one"),
        (png_bomb(30_000), "image/png", 422, "at most 40 megapixels"),
        (heic(), "image/heic", 422, "Most compatible"),
        (b"", "image/jpeg", 422, "no photo that can be read"),
        (b"x" * (LARGEST_PHOTO + 1), "image/jpeg", 413, "at most 10 MB"),
    ],
)
def test_what_is_no_photo_is_one_sentence_and_not_stored(  # noqa: PLR0913, PLR0917 (the columns above)
    sent: bytes, kind: str, status: int, sentence: str, app_context: AppContext, anybody: Visitor
) -> None:
    answer = send(anybody, draft(app_context), sent, kind)
    assert (answer.status, sentence in answer.json["error"]) == (status, True), answer.body
    assert "\n" not in answer.json["error"]
    assert count(app_context) == 0


@pytest.mark.parametrize("kind", ["image/png", "image/gif", "application/octet-stream", "image/x-anything"])
def test_a_wrong_name_of_its_kind_changes_nothing(
    kind: str, app_context: AppContext, anybody: Visitor
) -> None:
    assert send(anybody, draft(app_context), PHOTO, kind).status == 201


def test_only_a_draft_of_ours_takes_photos_and_for_a_day(app_context: AppContext, anybody: Visitor) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1, minutes=1)
    for token in (
        "",
        "x",
        new_draft(b"another key of somebody else", datetime.now(UTC)),
        draft(app_context, yesterday),
        follow_token(key(app_context), 1),
    ):
        assert send(anybody, token).status == 403
        assert anybody.get("/photos/draft", {"x-photo-draft": token}).status == 403
        assert anybody.ask("DELETE", "/photos/1", {"x-photo-draft": token}).status == 404
    assert count(app_context) == 0


@pytest.mark.parametrize("number", ["0", "x", "-1", "1e3", "١", "9" * 30, "%00"])
def test_a_number_that_no_photo_has_is_not_found(number: str, app_context: AppContext) -> None:
    tom = visitor(app_context)
    sign_in(tom, "tom")
    assert tom.get(f"/photos/{number}").status == 404


def test_another_site_can_send_none(app_context: AppContext, anybody: Visitor) -> None:
    token = draft(app_context)
    assert send(anybody, token, origin="http://evil.example").status == 403
    assert send(anybody, token, origin="null").status == 403
    assert send(anybody, token, origin="http://127.0.0.1:8501").status == 201
    given = {"x-photo-draft": token, "origin": "http://evil.example"}
    assert anybody.ask("DELETE", "/photos/1", given).status == 403
    assert count(app_context) == 1


def test_where_the_portal_is_closed_photos_are_for_who_is_signed_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    closed = college(monkeypatch, tmp_path)
    assert send(visitor(closed), draft(closed)).status == 401
    tom = visitor(closed)
    sign_in(tom, "tom")
    assert send(tom, draft(closed)).status == 201
    closed.engine.dispose()


def test_a_draft_has_five_photos_at_most(app_context: AppContext, anybody: Visitor) -> None:
    token = draft(app_context)
    for _ in range(store.MOST_PHOTOS):
        taken(anybody, token)
    answer = send(anybody, token)
    assert (answer.status, answer.json["error"]) == (409, "At most 5 photos: remove one first.")
    assert count(app_context) == store.MOST_PHOTOS


def test_an_event_has_five_photos_at_most_however_they_came(app_context: AppContext) -> None:
    now = datetime.now(UTC)
    row = {"draft_hash": "d", "created_at": now, "image": b"i", "thumbnail": b"t"}
    with writing(app_context.engine) as connection:
        connection.execute(insert(PHOTOS), [row] * 8)
        event = connection.execute(select(EVENTS.c.id)).scalars().first()
        assert event is not None
        assert store.file_photos(connection, "d", event) == store.MOST_PHOTOS


def test_one_address_may_send_so_many_and_others_still_may(app_context: AppContext, anybody: Visitor) -> None:
    limit = store.PHOTO_ADDRESS
    with writing(app_context.engine) as connection:
        counted = {"key": limit.key(ADDRESS), "at": datetime.now(UTC)}
        connection.execute(insert(ATTEMPTS), [counted] * (limit.count - 1))
    token = draft(app_context)
    taken(anybody, token)
    answer = send(anybody, token)
    assert (answer.status, "Too many attempts" in answer.json["error"]) == (429, True)
    assert int(answer.headers["retry-after"]) > 0
    assert send(visitor(app_context, address="203.0.113.9"), token).status == 201
    sign_in(anybody, "tom")
    assert send(anybody, token).status == 201


def test_what_cannot_be_read_counts_as_an_attempt(app_context: AppContext, anybody: Visitor) -> None:
    send(anybody, draft(app_context), b"no photo")
    with reading(app_context.engine) as connection:
        keys = connection.execute(select(ATTEMPTS.c.key)).scalars().all()
    assert set(keys) == {store.PHOTO_ADDRESS.key(ADDRESS), store.PHOTO_ADDRESS_DAY.key(ADDRESS)}


def test_photos_whose_report_was_not_sent_are_deleted_after_a_day(
    app_context: AppContext, anybody: Visitor
) -> None:
    _, filed = reported(app_context, anybody)
    old, young = taken(anybody, draft(app_context)), taken(anybody, draft(app_context))
    long_ago = datetime.now(UTC) - timedelta(days=2)
    with writing(app_context.engine) as connection:
        connection.execute(update(PHOTOS).where(PHOTOS.c.id.in_((filed, old))).values(created_at=long_ago))
        assert store.delete_waiting(connection, datetime.now(UTC)) == 1
        assert set(connection.execute(select(PHOTOS.c.id)).scalars()) == {filed, young}


def test_a_photo_is_removed_with_its_issue(app_context: AppContext, anybody: Visitor) -> None:
    issue, photo = reported(app_context, anybody)
    with writing(app_context.engine) as connection:
        connection.execute(delete(EVENTS).where(EVENTS.c.issue_id == issue))
        connection.execute(delete(ISSUES).where(ISSUES.c.id == issue))
    assert count(app_context) == 0
    assert statuses(anybody, photo, f"?token={follow_token(key(app_context), issue)}") == {404}


def test_without_the_database_there_is_a_sentence(app_context: AppContext, anybody: Visitor) -> None:
    token = draft(app_context)
    with writing(app_context.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE issue_photos RENAME TO away")
    for answer in (
        send(anybody, token),
        anybody.get("/photos/draft", {"x-photo-draft": token}),
        anybody.ask("DELETE", "/photos/1", {"x-photo-draft": token}),
        anybody.get(f"/photos/1?token={follow_token(key(app_context), 1)}"),
    ):
        assert (answer.status, "database" in answer.json["error"]) == (503, True)


@pytest.mark.parametrize("kind", DATABASES)
def test_of_two_last_photos_that_come_at_once_one_is_taken(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path) as where:
        engine = open_database(where)

        def send(connection: Connection) -> None:
            store.add_photo(connection, "draft", Photo(b"image", b"thumbnail"), datetime.now(UTC))

        def send_another() -> None:
            with writing(engine) as connection:
                send(connection)

        for _ in range(store.MOST_PHOTOS - 1):
            send_another()
        with pytest.raises(store.RefusedPhoto):
            at_once(engine, send, send_another)
        engine.dispose()
