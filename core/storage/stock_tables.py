"""The tables of parts (what fits where, lies in which store room, is ordered) and of what pages cost."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, String
from sqlmodel import Field, SQLModel

from core.storage.tables import Json, partial_index

ON_HAND_RULE: Final = "on_hand >= 0"


class PartRow(SQLModel, table=True):
    """A part that is bought: a cartridge, a drum, a waste container."""

    __tablename__ = "parts"
    __table_args__ = ({"info": {"writers": ("dashboard", "console")}},)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    """What tells it from others: see core/domain/supply_parts.part_key."""
    number: str = ""
    """The part number; empty where nobody knows it."""
    name: str
    color: str = ""
    kind: str = "other"
    price: str | None = Field(default=None, sa_column=Column(String, nullable=True))
    """Of one piece, in CURRENCY, as a decimal number: no database rounds it."""
    version: int = 1
    created_at: datetime
    updated_at: datetime


class PartFit(SQLModel, table=True):
    """A model that a part fits: learnt from printers that hold it, or said by a person."""

    __tablename__ = "part_fits"
    __table_args__ = (
        Index("part_fits_model", "model"),
        {"info": {"writers": ("dashboard", "processor", "console")}},
    )

    part_id: int = Field(foreign_key="parts.id", primary_key=True)
    model: str = Field(primary_key=True)
    called: str = Field(default="", primary_key=True)
    """What printers of the model call it; empty where a person has said that it fits."""
    removed: bool = False
    """A person has said that it does not fit, whatever printers say."""


class StoreRoomRow(SQLModel, table=True):
    """A room where parts are stored."""

    __tablename__ = "store_rooms"
    __table_args__ = ({"info": {"writers": ("dashboard", "console")}},)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    key: str = Field(unique=True)
    """The name without case."""
    places: list[str] = Field(sa_column=Column(Json, nullable=False))
    """The places whose printers it serves; empty: all that no other room serves."""
    version: int = 1


class ShelfRow(SQLModel, table=True):
    """Number of pieces of a part in a store room: the sum of its movements, never below zero."""

    __tablename__ = "stock"
    __table_args__ = (
        CheckConstraint(ON_HAND_RULE, name="stock_on_hand"),
        {"info": {"writers": ("dashboard", "processor", "console")}},
    )

    part_id: int = Field(foreign_key="parts.id", primary_key=True)
    room_id: int = Field(foreign_key="store_rooms.id", primary_key=True)
    on_hand: int = 0
    minimum: int = 0
    counted_at: datetime | None = None
    counted_by: str = ""
    to_count: bool = False
    """A piece was taken where none should have been: somebody has to count."""
    version: int = 1


class StockMovement(SQLModel, table=True):
    """A movement onto a shelf or from it. Rows are added, never changed."""

    __tablename__ = "stock_movements"
    __table_args__ = (
        Index("stock_movements_shelf", "part_id", "room_id", "id"),
        # A replacement takes one piece once, and is undone once.
        partial_index("stock_movements_event", "event_id", where="event_id <> ''", unique=True),
        Index("stock_movements_undone", "undoes", unique=True),
        {"info": {"writers": ("dashboard", "processor", "console")}},
    )

    id: int | None = Field(default=None, primary_key=True)
    part_id: int = Field(foreign_key="parts.id")
    room_id: int = Field(foreign_key="store_rooms.id")
    at: datetime
    actor: str
    change: str
    """One of stock.CHANGES: counted, arrived, taken, undone, corrected."""
    pieces: int
    """How many more (or, negative, fewer) there are by it."""
    on_hand: int
    """How many there are after it."""
    event_id: str = ""
    """The replacement that took it, where one was detected."""
    printer_id: str = ""
    """The printer it was taken for."""
    purchase_id: int | None = Field(default=None, foreign_key="purchases.id")
    """The line it came with."""
    undoes: int | None = None
    """The movement that it takes back."""
    note: str = ""


class PurchaseRow(SQLModel, table=True):
    """A line that somebody has ordered, or wants ordered by hand."""

    __tablename__ = "purchases"
    __table_args__ = (
        Index("purchases_state", "state"),
        {"info": {"writers": ("dashboard", "console")}},
    )

    id: int | None = Field(default=None, primary_key=True)
    part_id: int | None = Field(default=None, foreign_key="parts.id")
    text: str = ""
    """What it is where it is no part: paper, staples."""
    quantity: int
    needed_by: date | None = None
    for_whom: str = ""
    """The place or person that it is for, where that was said."""
    state: str = "needed"
    """One of purchases.STATES: needed, ordered, arrived, canceled."""
    created_by: str
    created_at: datetime
    ordered_by: str = ""
    ordered_at: datetime | None = None
    reference: str = ""
    expected_by: date | None = None
    arrived_by: str = ""
    arrived_at: datetime | None = None
    room_id: int | None = Field(default=None, foreign_key="store_rooms.id")
    """The store room that it has come into."""
    version: int = 1


class PagePriceRow(SQLModel, table=True):
    """What a page costs whoever pays for it, from a month on; prices of before stay."""

    __tablename__ = "page_prices"
    __table_args__ = (
        Index("page_prices_once", "key", "since", unique=True),
        # No price gets the id of one that was removed: the undo of that would take it for its own.
        {"info": {"writers": ("dashboard", "console")}, "sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    model: str = ""
    """Empty: of every model without a price of its own."""
    key: str = ""
    """The model without case."""
    mono: str
    """Of a page, in CURRENCY, as a decimal number: no database rounds it."""
    color: str | None = Field(default=None, sa_column=Column(String, nullable=True))
    """The same of a page in color; None where that has no price."""
    since: date
    """The first day of a month."""
    created_by: str
    created_at: datetime
    version: int = 1
    """Rises with every edit: an edit says which version it has seen."""
