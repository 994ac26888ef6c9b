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
    """One page."""

    path: str
    """Its part of the URL: `/issues`. The first page a viewer may open is also at `/`."""
    title: str
    icon: str
    """Of Material Symbols."""
    section: str
    permission: Permission
    """What a viewer needs to open it."""
    module: str = ""
    """Of dashboard.features, whose function `page` draws it; `<path>.page` where it is not said."""
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
        module = importlib.import_module(f"dashboard.features.{self.module or self.path + '.page'}")
        return cast(Callable[[PageContext], None], module.page)


_PORTAL: Final = "Portal"
_MANAGE: Final = "Manage"
_ADMIN: Final = "Administer"
_OWN: Final = "You"
PAGES: Final = (
    PageSpec("fleet", "Printers", "print", _PORTAL, Permission.SEE_PRINTERS),
    PageSpec("printer", "Printer", "print", _PORTAL, Permission.SEE_PRINTERS, hidden=True),
    PageSpec("places", "Places", "location_on", _PORTAL, Permission.SEE_PRINTERS),
    PageSpec(
        "place",
        "Place",
        "location_on",
        _PORTAL,
        Permission.SEE_PRINTERS,
        module="places.place_page",
        hidden=True,
    ),
    PageSpec("report", "Report a problem", "report", _PORTAL, Permission.REPORT_PROBLEMS),
    PageSpec(
        "follow",
        "Your report",
        "receipt_long",
        _PORTAL,
        Permission.REPORT_PROBLEMS,
        module="report.follow_page",
        hidden=True,
    ),
    PageSpec("issues", "Issues", "assignment", _PORTAL, Permission.WORK_ISSUES),
    PageSpec(
        "issue",
        "Issue",
        "assignment",
        _PORTAL,
        Permission.WORK_ISSUES,
        module="issues.issue_page",
        hidden=True,
    ),
    PageSpec("round", "Round", "directions_walk", _PORTAL, Permission.WORK_ISSUES),
    PageSpec("attention", "Attention", "notification_important", _MANAGE, Permission.TRIAGE_ATTENTION),
    PageSpec("announcements", "Announcements", "campaign", _MANAGE, Permission.ANNOUNCE),
    PageSpec("supplies", "Purchase list", "shopping_cart", _MANAGE, Permission.USE_STOCK),
    PageSpec("stock", "Stock", "inventory_2", _MANAGE, Permission.USE_STOCK),
    PageSpec("reports", "Reports", "bar_chart", _MANAGE, Permission.SEE_REPORTS),
    PageSpec("summary", "Daily summary", "mail", _MANAGE, Permission.WATCH_SYSTEM),
    PageSpec("system", "System", "monitor_heart", _MANAGE, Permission.WATCH_SYSTEM),
    PageSpec("inventory", "Inventory", "list_alt", _ADMIN, Permission.MANAGE_INVENTORY, uploads=True),
    PageSpec("calendar", "Calendar", "calendar_month", _ADMIN, Permission.MANAGE_INVENTORY, uploads=True),
    PageSpec("users", "Users", "group", _ADMIN, Permission.MANAGE_USERS),
    PageSpec("tokens", "API tokens", "key", _ADMIN, Permission.MANAGE_TOKENS),
    PageSpec("screens", "Wall screens", "tv", _ADMIN, Permission.MANAGE_SCREENS, module="wall.links_page"),
    PageSpec("settings", "Settings", "settings", _ADMIN, Permission.SEE_SETTINGS, uploads=True),
    PageSpec("audit", "Audit", "history", _ADMIN, Permission.SEE_AUDIT),
    PageSpec("account", "Your account", "person", _OWN, Permission.OWN_ACCOUNT, hidden=True),
)


def first_path(viewer: Viewer) -> str:
    """Return the page that `/` leads to: attention for those who triage it, the printers for all others."""
    if viewer.is_restricted:
        return "account"
    return "attention" if viewer.may(Permission.TRIAGE_ATTENTION) else "fleet"
