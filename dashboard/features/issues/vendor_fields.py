"""The fields of an issue that say which vendor has it; editor.py keeps and saves them with the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import streamlit as st

from core.domain.text import one_line
from core.storage.issues import VENDOR_DAYS, VENDOR_FIELDS, IssueRow
from core.storage.tables import IssueStatus
from dashboard.features.issues.actions import LONGEST_CASE
from dashboard.features.issues.wording import FIELDS

NOTHING: Final = dict.fromkeys(VENDOR_FIELDS, "")
"""What an issue without a vendor has."""
_NOT_YET_WAITING: Final = (IssueStatus.OPEN, IssueStatus.IN_PROGRESS)


@dataclass(frozen=True)
class VendorFields:
    """The fields of one issue in this browser tab."""

    key: Callable[[str], str]
    """Where the session keeps a field of the issue."""
    today: date

    def draw(self, seen: IssueRow, vendors: Sequence[str], end: Callable[[], None]) -> None:
        """Draw them, folded where no vendor has the issue. `end` takes it from the vendor, at once."""
        with st.expander("Vendor case", expanded=bool(seen.vendor), icon=":material/support_agent:"):
            company = st.session_state[self.key("vendor")]
            known = list(dict.fromkeys(filter(None, (*vendors, company))))
            st.selectbox(
                "Vendor or leasing company",
                known,
                known.index(company) if company else None,
                key=self.key("vendor"),
                placeholder="Choose, or type a name",
                accept_new_options=True,
                filter_mode="contains",
                on_change=self._chosen,
            )
            st.text_input(
                FIELDS["vendor_case"],
                st.session_state[self.key("vendor_case")],
                key=self.key("vendor_case"),
                max_chars=LONGEST_CASE,
                persist_state="page",
            )
            for name in VENDOR_DAYS:
                key = self.key(name)
                st.date_input(FIELDS[name], st.session_state[key], key=key, format="YYYY-MM-DD")
            if company and st.session_state[self.key("status")] in _NOT_YET_WAITING:
                st.button(
                    "Also set the status to Waiting",
                    key=self.key("vendor-waits"),
                    icon=":material/hourglass_empty:",
                    on_click=self._wait,
                )
            if seen.vendor:
                st.button(
                    "Not with the vendor any more",
                    key=self.key("vendor-ends"),
                    type="tertiary",
                    icon=":material/close:",
                    on_click=end,
                )

    def _chosen(self) -> None:
        """Suppose that a case was opened today where no other day is said; without a vendor there is none."""
        if not st.session_state[self.key("vendor")]:
            for name in VENDOR_FIELDS:
                st.session_state[self.key(name)] = shown(name, "")
        elif st.session_state[self.key("vendor_opened_on")] is None:
            st.session_state[self.key("vendor_opened_on")] = self.today

    def _wait(self) -> None:
        st.session_state[self.key("status")] = IssueStatus.WAITING.value


def shown(name: str, text: str) -> str | date | None:
    """Return a value of IssueRow.editable as its field takes it."""
    if name in VENDOR_DAYS:
        return date.fromisoformat(text) if text else None
    return None if name == "vendor" and not text else text


def typed(name: str, value: str | date | None) -> str:
    """Return what a field holds as IssueRow.editable has it."""
    if isinstance(value, date):
        return value.isoformat()
    return one_line(value or "") if name in VENDOR_FIELDS else value or ""
