"""The pages as data: who may open them, and the module that draws each."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from core.domain.permissions import Permission
from dashboard.page_context import PageContext
from dashboard.viewer import Viewer


@dataclass(frozen=True)
class PageSpec:
    """One page; the function `page` of its module draws it."""

    path: str
    """Its part of the URL: `/issues`. The first page a viewer may open is also at `/`."""
    title: str
    icon: str
    section: str
    permission: Permission
    """What a viewer needs to open it."""
    module: str
    hidden: bool = False
    """Reached by links, not by the menu."""
    uploads: bool = False
    """Whether files can be given to it: nobody else may send any."""

    def draw(self, context: PageContext) -> None:
        """Draw it for a viewer. Raises Forbidden where they may not open it."""
        context.viewer.require(self.permission)
        self.load()(context)

    def load(self) -> Callable[[PageContext], None]:
        """Return what draws it, imported."""
        return cast(Callable[[PageContext], None], importlib.import_module(self.module).page)


_PORTAL: Final = "Portal"
_MANAGE: Final = "Manage"
_ADMIN: Final = "Administer"
_OWN: Final = "You"


def _page(  # noqa: PLR0913 (the columns of the table below)
    path: str,
    title: str,
    icon: str,
    section: str,
    permission: Permission,
    *,
    module: str = "",
    hidden: bool = False,
    uploads: bool = False,
) -> PageSpec:
    where = f"dashboard.features.{module or f'{path}.page'}"
    return PageSpec(path, title, f":material/{icon}:", section, permission, where, hidden, uploads)


PAGES: Final = (
    _page("fleet", "Printers", "print", _PORTAL, Permission.SEE_PRINTERS),
    _page("printer", "Printer", "print", _PORTAL, Permission.SEE_PRINTERS, hidden=True),
    _page("places", "Places", "location_on", _PORTAL, Permission.SEE_PRINTERS),
    _page(
        "place",
        "Place",
        "location_on",
        _PORTAL,
        Permission.SEE_PRINTERS,
        module="places.place_page",
        hidden=True,
    ),
    _page("report", "Report a problem", "report", _PORTAL, Permission.REPORT_PROBLEMS),
    _page(
        "follow",
        "Your report",
        "receipt_long",
        _PORTAL,
        Permission.REPORT_PROBLEMS,
        module="report.follow_page",
        hidden=True,
    ),
    _page("issues", "Issues", "assignment", _PORTAL, Permission.WORK_ISSUES),
    _page(
        "issue",
        "Issue",
        "assignment",
        _PORTAL,
        Permission.WORK_ISSUES,
        module="issues.issue_page",
        hidden=True,
    ),
    _page("round", "Round", "directions_walk", _PORTAL, Permission.WORK_ISSUES),
    _page("attention", "Attention", "notification_important", _MANAGE, Permission.TRIAGE_ATTENTION),
    _page("announcements", "Announcements", "campaign", _MANAGE, Permission.ANNOUNCE),
    _page("supplies", "Purchase list", "shopping_cart", _MANAGE, Permission.USE_STOCK),
    _page("stock", "Stock", "inventory_2", _MANAGE, Permission.USE_STOCK),
    _page("reports", "Reports", "bar_chart", _MANAGE, Permission.SEE_REPORTS),
    _page("summary", "Daily summary", "mail", _MANAGE, Permission.WATCH_SYSTEM),
    _page("system", "System", "monitor_heart", _MANAGE, Permission.WATCH_SYSTEM),
    _page("inventory", "Inventory", "list_alt", _ADMIN, Permission.MANAGE_INVENTORY, uploads=True),
    _page("calendar", "Calendar", "calendar_month", _ADMIN, Permission.MANAGE_INVENTORY, uploads=True),
    _page("users", "Users", "group", _ADMIN, Permission.MANAGE_USERS),
    _page("tokens", "API tokens", "key", _ADMIN, Permission.MANAGE_TOKENS),
    _page("screens", "Wall screens", "tv", _ADMIN, Permission.MANAGE_SCREENS, module="wall.links_page"),
    _page("settings", "Settings", "settings", _ADMIN, Permission.SEE_SETTINGS, uploads=True),
    _page("audit", "Audit", "history", _ADMIN, Permission.SEE_AUDIT),
    _page("account", "Your account", "person", _OWN, Permission.OWN_ACCOUNT, hidden=True),
)


def first_path(viewer: Viewer) -> str:
    """Return the page that `/` leads to: attention for those who triage it, the printers for all others."""
    if viewer.is_restricted:
        return "account"
    return "attention" if viewer.may(Permission.TRIAGE_ATTENTION) else "fleet"
