"""The warning that printers of one place do not answer together."""

import streamlit as st

from dashboard.ui.text import in_markdown


def warn_of_outage(title: str, issue_id: int | None) -> None:
    """Draw it, with a link to the issue about it where there is one."""
    issue = f" [Issue {issue_id}](/issue?id={issue_id})" if issue_id else ""
    st.warning(
        f"{in_markdown(title)}: rather the network or the power there than the printers.{issue}",
        icon=":material/lan:",
    )
