"""Photos in the database: sent for a draft, filed with an event of an issue, read by who may see them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update

from core.contract.errors import UserError
from core.domain.links import Follower
from core.domain.units import counted
from core.storage.core_tables import EVENTS, ISSUES, PHOTOS
from core.storage.database import count_rows, hold
from core.storage.tables import IssueStatus, Visibility
from dashboard.features.photos.drafts import DRAFT_LASTS
from dashboard.features.photos.images import Photo
from dashboard.throttle import Limit, count_attempt
from dashboard.viewer import Viewer

MOST_PHOTOS: Final = 5
"""Of one report or comment."""
PHOTO_ADDRESS: Final = Limit("photo-address", 40, timedelta(minutes=15))
PHOTO_ADDRESS_DAY: Final = Limit("photo-address-day", 200, timedelta(days=1))
"""What one address without an account may send: a few reports with photos, and no full disk."""
PHOTO_USER: Final = Limit("photo-user", 200, timedelta(minutes=15))
_MOST_WAITING: Final = 1_000
"""Photos of all drafts together: half a gigabyte."""
_NO_SPAM: Final = ISSUES.c.status != IssueStatus.SPAM


class RefusedPhoto(UserError):
    """A photo cannot be taken now; the sentence says why."""


def count_photo(connection: Connection, viewer: Viewer, address: str, now: datetime) -> None:
    """Count that somebody sends a photo; raises TooManyAttempts."""
    by_address = [(PHOTO_ADDRESS, address), (PHOTO_ADDRESS_DAY, address)]
    count_attempt(connection, by_address if viewer.is_anonymous else [(PHOTO_USER, viewer.name)], now)


def check_room(connection: Connection, draft: str) -> None:
    """Raise RefusedPhoto where a draft has all the photos it may have, or too many wait for their report."""
    if len(draft_photos(connection, draft)) >= MOST_PHOTOS:
        raise RefusedPhoto(f"At most {counted(MOST_PHOTOS, 'photo')}: remove one first.")
    if count_rows(connection, PHOTOS, PHOTOS.c.event_id.is_(None)) >= _MOST_WAITING:
        raise RefusedPhoto("Too many photos are being sent just now: try again later, or send none.")


def add_photo(connection: Connection, draft: str, photo: Photo, now: datetime) -> int:
    """Keep a photo for a draft; return its number. Raises RefusedPhoto."""
    hold(connection, "photos that wait")  # of all drafts: their number is limited, too
    check_room(connection, draft)
    values = {"draft_hash": draft, "created_at": now, "image": photo.image, "thumbnail": photo.thumbnail}
    return int(connection.execute(insert(PHOTOS).values(**values).returning(PHOTOS.c.id)).scalar_one())


def draft_photos(connection: Connection, draft: str) -> Sequence[int]:
    """Return the numbers of the photos that wait in a draft, the oldest first."""
    waiting = select(PHOTOS.c.id).where(*_in_draft(draft)).order_by(PHOTOS.c.id)
    return connection.execute(waiting).scalars().all()


def remove_draft_photo(connection: Connection, draft: str, photo_id: int) -> bool:
    """Take a photo out of a draft; False where it is not in it."""
    return connection.execute(delete(PHOTOS).where(PHOTOS.c.id == photo_id, *_in_draft(draft))).rowcount > 0


def file_photos(connection: Connection, draft: str, event_id: int) -> int:
    """Make a draft's photos those of an event; return how many. What is too much waits for its deletion."""
    filed = draft_photos(connection, draft)[:MOST_PHOTOS]
    if filed:
        connection.execute(
            update(PHOTOS).where(PHOTOS.c.id.in_(filed)).values(draft_hash="", event_id=event_id)
        )
    return len(filed)


def delete_waiting(connection: Connection, now: datetime) -> int:
    """Delete the photos whose report or comment was not sent; return how many."""
    old = PHOTOS.c.created_at < now - DRAFT_LASTS
    return connection.execute(delete(PHOTOS).where(PHOTOS.c.event_id.is_(None), old)).rowcount


def delete_of_spam(connection: Connection, now: datetime) -> int:
    """Delete the photos of issues that have been spam as long as a draft lasts; return how many."""
    spam = ISSUES.c.status == IssueStatus.SPAM, ISSUES.c.updated_at < now - DRAFT_LASTS
    events = select(EVENTS.c.id).join(ISSUES, ISSUES.c.id == EVENTS.c.issue_id).where(*spam)
    return connection.execute(delete(PHOTOS).where(PHOTOS.c.event_id.in_(events))).rowcount


def photos_by_event(
    connection: Connection, issue_id: int, visible: Collection[Visibility] = tuple(Visibility)
) -> Mapping[int, tuple[int, ...]]:
    """Return the numbers of the photos of an issue by event, of events with one of these visibilities.

    Of spam none: they are shown to nobody.
    """
    query = (
        select(PHOTOS.c.event_id, PHOTOS.c.id)
        .join(EVENTS, EVENTS.c.id == PHOTOS.c.event_id)
        .join(ISSUES, ISSUES.c.id == EVENTS.c.issue_id)
        .where(EVENTS.c.issue_id == issue_id, EVENTS.c.visibility.in_(visible), _NO_SPAM)
        .order_by(PHOTOS.c.id)
    )
    found: dict[int, tuple[int, ...]] = {}
    for event_id, photo_id in connection.execute(query):
        found[event_id] = (*found.get(event_id, ()), photo_id)
    return found


def visible_to(follower: Follower) -> tuple[Visibility, ...]:
    """Return which events' words and photos a link to follow an issue shows."""
    return (Visibility.PUBLIC, Visibility.REPORTER) if follower.reported else (Visibility.PUBLIC,)


def filed_photo(connection: Connection, photo_id: int, *, thumbnail: bool) -> bytes | None:
    """Return a photo of an issue, for who works on issues; None where there is none of that number."""
    return _image(connection, [PHOTOS.c.id == photo_id], thumbnail=thumbnail)


def followed_photo(
    connection: Connection, photo_id: int, follower: Follower, *, thumbnail: bool
) -> bytes | None:
    """Return a photo that a link to follow an issue shows; None where it shows no such photo."""
    merged_into = select(ISSUES.c.merged_into).where(ISSUES.c.id == follower.issue_id).scalar_subquery()
    wanted = [
        PHOTOS.c.id == photo_id,
        or_(
            and_(EVENTS.c.issue_id == follower.issue_id, EVENTS.c.visibility.in_(visible_to(follower))),
            and_(EVENTS.c.issue_id == merged_into, EVENTS.c.visibility == Visibility.PUBLIC),
        ),
    ]
    return _image(connection, wanted, thumbnail=thumbnail)


def draft_thumbnail(connection: Connection, photo_id: int, draft: str) -> bytes | None:
    """Return a photo of a draft; None where it is not in it."""
    query = select(PHOTOS.c.thumbnail).where(PHOTOS.c.id == photo_id, *_in_draft(draft))
    return connection.execute(query).scalar()


def _image(connection: Connection, wanted: list[ColumnElement[bool]], *, thumbnail: bool) -> bytes | None:
    column = PHOTOS.c.thumbnail if thumbnail else PHOTOS.c.image
    query = (
        select(column)
        .join(EVENTS, EVENTS.c.id == PHOTOS.c.event_id)
        .join(ISSUES, ISSUES.c.id == EVENTS.c.issue_id)
        .where(*wanted, _NO_SPAM)
    )
    return connection.execute(query).scalar()


def _in_draft(draft: str) -> tuple[ColumnElement[bool], ...]:
    return PHOTOS.c.draft_hash == draft, PHOTOS.c.event_id.is_(None)
