"""The round as a page to be printed."""

from datetime import datetime

from core.domain.permissions import Permission
from core.domain.places import not_in_the_name
from core.domain.units import counted, moment
from core.storage.tables import LIVING
from dashboard.features.round.parts import to_bring, words_of
from dashboard.features.round.stops import Round, Stop
from dashboard.settings import DashboardAppSettings
from dashboard.ui.templates import render
from dashboard.ui.theme import css_variables
from dashboard.viewer import Viewer


def sheet_html(  # noqa: PLR0913 (what stands on it, and where it leads back to)
    walked: Round, settings: DashboardAppSettings, viewer: Viewer, *, place: str, back: str, now: datetime
) -> str:
    """Return the page: what to carry, and the stops that are left."""
    left = [stop for stop in walked.stops if not stop.is_over]
    return render(
        "round/sheet",
        theme=settings.organization.dashboard_theme,
        variables=css_variables(),
        back=back,
        place=place,
        many=counted(len(left), "stop"),
        at=moment(now, settings.zone),
        walked=walked,
        stops=[(stop, not_in_the_name(stop.location, stop.name), _to_do(stop)) for stop in left],
        with_stock=viewer.may(Permission.USE_STOCK),
    )


def _to_do(stop: Stop) -> list[tuple[str, tuple[str, ...]]]:
    """Return what is to be done at a stop, each with what to bring."""
    tasks = [(task.flag.message, to_bring(task)) for task in stop.to_do]
    return [*tasks, *((words_of(issue), ()) for issue in stop.reports if issue.status in LIVING)]
