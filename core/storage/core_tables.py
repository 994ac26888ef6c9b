"""The tables as SQLAlchemy Core takes them in statements; their columns are declared with their models."""

from typing import Final, cast

from sqlalchemy import Table
from sqlmodel import SQLModel

from core.storage import mail_tables, people_tables, stock_tables, supply_tables, tables


def _table(model: type[SQLModel]) -> Table:
    return cast(Table, model.__table__)  # type: ignore[attr-defined]  # made by `table=True`


PRINTERS: Final = _table(tables.Printer)
MOVES: Final = _table(tables.PrinterMove)
OUT_OF_SERVICE: Final = _table(tables.OutOfServiceRow)
OUT_OF_SERVICE_PERIODS: Final = _table(tables.OutOfServicePeriodRow)
MUTES: Final = _table(tables.MutedCondition)
SNAPSHOTS: Final = _table(tables.Snapshot)
DOCUMENTS: Final = _table(tables.StateDocument)
ATTENTION: Final = _table(tables.AttentionRow)
ISSUES: Final = _table(tables.Issue)
EVENTS: Final = _table(tables.IssueEvent)
OUTAGES: Final = _table(tables.Outage)
PHOTOS: Final = _table(tables.IssuePhoto)
OUTBOX: Final = _table(tables.Outbox)
REFUSED_POINTS: Final = _table(tables.RefusedPoint)
REJECTED: Final = _table(tables.Rejected)
SERVICES: Final = _table(tables.ServiceRow)
FORECASTS: Final = _table(supply_tables.SupplyForecast)

SUPPLY_EVENTS: Final = _table(supply_tables.SupplyEventRow)
CALENDAR: Final = _table(supply_tables.CalendarPeriod)

USERS: Final = _table(people_tables.User)
SESSIONS: Final = _table(people_tables.LoginSession)
API_TOKENS: Final = _table(people_tables.ApiToken)
RECOVERY_CODES: Final = _table(people_tables.RecoveryCode)
WALL_LINKS: Final = _table(people_tables.WallLink)
ANNOUNCEMENTS: Final = _table(people_tables.AnnouncementRow)
PLACE_ASSIGNEES: Final = _table(people_tables.PlaceAssigneeRow)
ACCOUNT_LINKS: Final = _table(people_tables.AccountLinkRow)
ATTEMPTS: Final = _table(people_tables.Attempt)
AUDIT: Final = _table(people_tables.AuditEntry)
TRIAGE: Final = _table(people_tables.Triage)
SETTINGS: Final = _table(people_tables.StoredSettingRow)

MAILS: Final = _table(mail_tables.MailOutbox)
WINDOWS: Final = _table(mail_tables.SummaryWindow)
NOTICES: Final = _table(mail_tables.NoticeRecord)
CURSORS: Final = _table(mail_tables.NotifierCursor)

PARTS: Final = _table(stock_tables.PartRow)
FITS: Final = _table(stock_tables.PartFit)
ROOMS: Final = _table(stock_tables.StoreRoomRow)
STOCK: Final = _table(stock_tables.ShelfRow)
MOVEMENTS: Final = _table(stock_tables.StockMovement)
PURCHASES: Final = _table(stock_tables.PurchaseRow)
PAGE_PRICES: Final = _table(stock_tables.PagePriceRow)
