"""A failure on a page: one sentence for who looks, the rest for the log."""

import logging

import streamlit as st
from sqlalchemy.exc import DataError, DBAPIError

from core.contract.errors import BrokerError, Conflict, DatabaseError, SettingsError, UserError
from core.runtime.failures import failure_text
from core.storage.database import is_unavailable
from dashboard.ui.text import in_markdown
from dashboard.viewer import ConfirmationNeeded, Forbidden

log = logging.getLogger(__name__)


def show_failure(error: Exception) -> bool:
    """Say what went wrong, where the page would have been. True: that is enough (for st.App)."""
    match error:
        case Forbidden():
            st.warning(in_markdown(error), icon=":material/lock:")
        case ConfirmationNeeded():
            st.warning(in_markdown(error), icon=":material/lock_person:")
        case Conflict():
            st.warning(in_markdown(error), icon=":material/group:")
        case UserError():
            # That an entry is refused concerns who made it; what is away concerns who runs this.
            if isinstance(error, DatabaseError | BrokerError | SettingsError):
                log.warning("a page could not be shown: %s", error)
            st.error(in_markdown(error), icon=":material/error:")
        case DBAPIError() if is_unavailable(error):
            log.warning("a page could not be shown: the database is away (%s)", failure_text(error))
            st.error(
                "The database cannot be reached just now. What you typed is still here: "
                "try again in a moment.",
                icon=":material/cloud_off:",
            )
        case DataError():  # PostgreSQL takes no NUL in a text
            st.error("What you typed has a character that cannot be stored.", icon=":material/error:")
        case _:
            log.error("a page could not be shown", exc_info=error)
            st.error(
                "This page could not be shown. The reason is in the log of the dashboard.",
                icon=":material/error:",
            )
    return True
