"""Choose the first page of each viewer."""

from core.domain.permissions import Permission
from dashboard.viewer import Viewer


def first_path(viewer: Viewer) -> str:
    """Return the page that `/` leads to.

    Attention for those who triage it, the printers for everybody else.
    """
    if viewer.is_restricted:
        return "account"
    return "attention" if viewer.may(Permission.TRIAGE_ATTENTION) else "fleet"
