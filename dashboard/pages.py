"""The pages as data: who may open them, and the module that draws each."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from dashboard.viewer import Rank


@dataclass(frozen=True)
class PageSpec:
    """One page; `where` is what draws it: `def page(viewer: Viewer, app_context: AppContext) -> None`."""

    path: str
    """Its part of the URL: `/issues`. The first page a viewer may open is also at `/`."""
    title: str
    icon: str
    section: str
    rank: Rank
    where: str
    hidden: bool = False
    """Reached by links, not by the menu."""
    uploads: bool = False
    """Whether files can be given to it: nobody else may send any."""

    def draw(self) -> Callable[..., None]:
        """The page's function."""
        module, _, name = self.where.partition(":")
        return cast(Callable[..., None], getattr(importlib.import_module(module), name))


_PORTAL: Final = "Portal"
_MANAGE: Final = "Manage"
_ADMIN: Final = "Administer"
_OWN: Final = "You"


def _page(  # noqa: PLR0913 (the columns of the table below)
    path: str,
    title: str,
    icon: str,
    section: str,
    rank: Rank,
    *,
    module: str = "",
    hidden: bool = False,
    uploads: bool = False,
) -> PageSpec:
    where = f"dashboard.features.{module or f'{path}.page'}:page"
    return PageSpec(path, title, f":material/{icon}:", section, rank, where, hidden, uploads)


PAGES: Final = (
    _page("fleet", "Printers", "print", _PORTAL, Rank.ANONYMOUS),
    _page("printer", "Printer", "print", _PORTAL, Rank.ANONYMOUS, hidden=True),
    _page("report", "Report a problem", "report", _PORTAL, Rank.ANONYMOUS),
    _page(
        "follow",
        "Your report",
        "receipt_long",
        _PORTAL,
        Rank.ANONYMOUS,
        module="report.follow_page",
        hidden=True,
    ),
    _page("issues", "Issues", "assignment", _PORTAL, Rank.TECHNICIAN),
    _page("issue", "Issue", "assignment", _PORTAL, Rank.TECHNICIAN, module="issues.issue_page", hidden=True),
    _page("attention", "Attention", "notification_important", _MANAGE, Rank.MANAGER),
    _page("supplies", "Supplies", "inventory_2", _MANAGE, Rank.MANAGER),
    _page("reports", "Reports", "bar_chart", _MANAGE, Rank.MANAGER),
    _page("system", "System", "monitor_heart", _MANAGE, Rank.MANAGER),
    _page("inventory", "Inventory", "list_alt", _ADMIN, Rank.ADMIN, uploads=True),
    _page("users", "Users", "group", _ADMIN, Rank.ADMIN),
    _page("tokens", "API tokens", "key", _ADMIN, Rank.ADMIN),
    _page("settings", "Settings", "settings", _ADMIN, Rank.ADMIN),
    _page("audit", "Audit", "history", _ADMIN, Rank.ADMIN),
    _page("account", "Your account", "person", _OWN, Rank.TECHNICIAN, hidden=True),
)
