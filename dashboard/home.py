"""Where each role begins."""

from dashboard.viewer import Rank, Viewer


def first_path(viewer: Viewer) -> str:
    """The page that `/` leads to: what needs somebody for who decides, the printers for everybody else."""
    if viewer.is_restricted:
        return "account"
    return "attention" if viewer.rank >= Rank.MANAGER else "fleet"
