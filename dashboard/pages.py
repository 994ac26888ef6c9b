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
_P = Permission
PAGES: Final = (
    PageSpec("fleet", "Printers", "print", _PORTAL, _P.SEE_PRINTERS),
    PageSpec("printer", "Printer", "print", _PORTAL, _P.SEE_PRINTERS, hidden=True),
    PageSpec("places", "Places", "location_on", _PORTAL, _P.SEE_PRINTERS),
    PageSpec(
        "place", "Place", "location_on", _PORTAL, _P.SEE_PRINTERS, module="places.place_page", hidden=True
    ),
    PageSpec("report", "Report a problem", "report", _PORTAL, _P.REPORT_PROBLEMS),
    PageSpec(
        "follow",
        "Your report",
        "receipt_long",
        _PORTAL,
        _P.REPORT_PROBLEMS,
        module="report.follow_page",
        hidden=True,
    ),
    PageSpec("issues", "Issues", "assignment", _PORTAL, _P.WORK_ISSUES),
    PageSpec(
        "issue", "Issue", "assignment", _PORTAL, _P.WORK_ISSUES, module="issues.issue_page", hidden=True
    ),
    PageSpec("round", "Round", "directions_walk", _PORTAL, _P.WORK_ISSUES),
    PageSpec("attention", "Attention", "notification_important", _MANAGE, _P.TRIAGE_ATTENTION),
    PageSpec("announcements", "Announcements", "campaign", _MANAGE, _P.ANNOUNCE),
    PageSpec("supplies", "Purchase list", "shopping_cart", _MANAGE, _P.USE_STOCK),
    PageSpec("stock", "Stock", "inventory_2", _MANAGE, _P.USE_STOCK),
    PageSpec("reports", "Reports", "bar_chart", _MANAGE, _P.SEE_REPORTS),
    PageSpec("summary", "Daily summary", "mail", _MANAGE, _P.WATCH_SYSTEM),
    PageSpec("system", "System", "monitor_heart", _MANAGE, _P.WATCH_SYSTEM),
    PageSpec("inventory", "Inventory", "list_alt", _ADMIN, _P.MANAGE_INVENTORY, uploads=True),
    PageSpec("calendar", "Calendar", "calendar_month", _ADMIN, _P.MANAGE_INVENTORY, uploads=True),
    PageSpec("users", "Users", "group", _ADMIN, _P.MANAGE_USERS),
    PageSpec("tokens", "API tokens", "key", _ADMIN, _P.MANAGE_TOKENS),
    PageSpec("screens", "Wall screens", "tv", _ADMIN, _P.MANAGE_SCREENS, module="wall.links_page"),
    PageSpec("settings", "Settings", "settings", _ADMIN, _P.SEE_SETTINGS, uploads=True),
    PageSpec("audit", "Audit", "history", _ADMIN, _P.SEE_AUDIT),
    PageSpec("account", "Your account", "person", _OWN, _P.OWN_ACCOUNT, hidden=True),
)


def first_path(viewer: Viewer) -> str:
    """Return the page that `/` leads to: attention for those who triage it, the printers for all others."""
    if viewer.is_restricted:
        return "account"
    return "attention" if viewer.may(Permission.TRIAGE_ATTENTION) else "fleet"
