"""The round as a viewer may see it, made of what is read once for all of them."""

from collections.abc import Iterable
from datetime import datetime

from core.domain.permissions import Permission
from dashboard.app_context import AppContext
from dashboard.features.round.queries import ReportedFlag
from dashboard.features.round.stops import Round, for_everybody, round_of
from dashboard.features.shared.manager_cached import parts_to_bring, round_facts
from dashboard.viewer import Viewer


def kept_round(
    app_context: AppContext, viewer: Viewer, place: str, now: datetime, ended: Iterable[ReportedFlag] = ()
) -> Round:
    """Return the round through a place ("": all), a few seconds old at most. `ended`: see round_of()."""
    facts = round_facts(app_context)
    if not viewer.sees_addresses:
        facts, ended = for_everybody(facts, ended)
    wanted = app_context.settings.order_filter
    parts = parts_to_bring(app_context, wanted) if viewer.may(Permission.USE_STOCK) else ()
    return round_of(facts, parts, now, place=place, ended=ended)
