"""Where each viewer begins."""

from core.domain.permissions import Permission
from dashboard.viewer import Viewer


def first_path(viewer: Viewer) -> str:
    """The page that `/` leads to: what needs somebody for who decides, the printers for everybody else."""
    if viewer.is_restricted:
        return "account"
    return "attention" if viewer.may(Permission.TRIAGE_ATTENTION) else "fleet"
