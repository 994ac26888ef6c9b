"""The fields of an issue: edited, saved; and what is said when somebody else was faster.

The fields are no form: what is typed is known here at once, so that it can be kept beside what others did.
What a field holds is its default, too: the browser may draw it only after a refresh (ui/query_choice.py).
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.domain.wording import CATEGORIES, PRIORITIES
from core.storage.issues import EDITABLE, IssueEdit, IssueRow
from dashboard.features.issues import actions
from dashboard.features.issues.issue_queries import OthersIssue
from dashboard.features.issues.merging import Merge
from dashboard.features.issues.vendor_fields import NOTHING, VendorFields, shown, typed
from dashboard.features.issues.wording import FIELDS, actor, change_words, field_value
from dashboard.features.shared.outcomes import forget_outcome, perform
from dashboard.page_context import PageContext
from dashboard.ui.text import in_markdown
from dashboard.ui.word_select import word_select

AREA = "issue"


def seen_row(issue_id: int) -> IssueRow | None:
    """Return the row that the fields of an issue were filled from; None where they are not yet."""
    row: IssueRow | None = st.session_state.get(f"issue-{issue_id}-seen")
    return row


class Editor:
    """The fields of one issue in this browser tab."""

    def __init__(
        self, context: PageContext, row: IssueRow, people: Mapping[str, str], vendors: Sequence[str]
    ) -> None:
        self._context = context
        self._people = people
        self._vendors = vendors
        self._id = row.id
        self._first = row
        self._vendor_fields = VendorFields(self._key, context.today)
        if self._key("seen") not in st.session_state:
            self._begin(row)

    @property
    def seen(self) -> IssueRow:
        """The row this edit began with."""
        return seen_row(self._id) or self._first

    @property
    def mine(self) -> dict[str, str]:
        """What the fields hold."""
        seen = self.seen.editable()
        return {
            name: typed(name, st.session_state[key]) if (key := self._key(name)) in st.session_state else was
            for name, was in seen.items()
        }

    def draw(self, theirs: OthersIssue | None) -> None:
        """Draw the fields and their button; above them what others did since."""
        self._keep_fields()
        contest = theirs if theirs is not None and not self._follow(theirs) else None
        if contest is not None:
            self._tell(contest)
        elif news := st.session_state.get(self._key("news")):
            st.info(news, icon=":material/group:")
        self._select("status", actions.CHOSEN_STATUSES)
        self._select("assignee", {"": "Nobody", **self._people})
        self._select("priority", PRIORITIES)
        self._select("category", CATEGORIES)
        st.text_input(
            FIELDS["title"],
            st.session_state[self._key("title")],
            key=self._key("title"),
            max_chars=actions.LONGEST_TITLE,
            persist_state="page",
        )
        self._vendor_fields.draw(self.seen, self._vendors, self._end_vendor)
        unsaved = self.mine != self.seen.editable()
        st.button(
            "Save",
            key=self._key("save"),
            type="primary",
            disabled=not unsaved or contest is not None,
            help="Somebody else changed this issue: settle that above first" if contest else None,
            on_click=self._save,
        )

    def save_with(self, wanted: IssueEdit, comment: actions.Comment = actions.NO_COMMENT) -> bool:
        """Save some fields at once, with a comment; False where that failed, which is said then."""
        seen = self.seen
        done = perform(AREA, self._context, actions.change, seen, wanted, comment=comment)
        if done is None:
            return False
        after = getattr(done.steps[0], "after", seen) if done.steps else seen
        merged = (
            Merge(seen.editable(), after.editable(), self.mine).together
            if wanted.keys() != set(EDITABLE)
            else None
        )
        self._begin(after, merged)
        return True

    def _decide(self, row: IssueRow, values: IssueEdit | None = None) -> None:
        forget_outcome(AREA)
        self._begin(row, values)

    def _save(self) -> None:
        self.save_with(self.mine)

    def _end_vendor(self) -> None:
        self._begin(self.seen, {**self.mine, **NOTHING})
        self.save_with(NOTHING)

    def _begin(self, row: IssueRow, values: IssueEdit | None = None) -> None:
        st.session_state.pop(self._key("news"), None)
        st.session_state[self._key("seen")] = row
        for name in EDITABLE:
            st.session_state[self._key(name)] = shown(name, (values or row.editable())[name])

    def _keep_fields(self) -> None:
        """Keep the fields: Streamlit forgets a field that was not drawn for a run.

        What it held is what was seen.
        """
        for name, value in self.seen.editable().items():
            st.session_state.setdefault(self._key(name), shown(name, value))

    def _select(self, name: str, words: Mapping[str, str]) -> None:
        value = st.session_state[self._key(name)]
        # What was stored by an older version, or for an account that is gone, stays until it is changed.
        old = f"{value} (has no account)" if name == "assignee" else field_value(name, value, self._people)
        labels = words if value in words else {value: old, **words}
        word_select(FIELDS[name], labels, value, key=self._key(name))

    def _follow(self, theirs: OthersIssue) -> bool:
        """Let the fields follow the changes of others where nothing was touched here, and say so."""
        merge = Merge(self.seen.editable(), theirs.row.editable(), self.mine)
        if merge.touched:
            return False
        news = self._news(theirs, merge) if set(theirs.actors) != {self._context.viewer.name} else ""
        self._begin(theirs.row)
        st.session_state[self._key("news")] = news
        return True

    def _tell(self, theirs: OthersIssue) -> None:
        merge = Merge(self.seen.editable(), theirs.row.editable(), self.mine)
        own = [f"- {self._own_words(merge, name)}" for name in merge.touched]
        lines = [self._news(theirs, merge), "\nNothing of yours is lost. You have not saved yet:", *own]
        st.warning("\n".join(lines), icon=":material/group:")
        label = "Save mine over theirs" if merge.contested else "Keep both"
        with st.container(horizontal=True):
            st.button(label, key=self._key("mine"), on_click=self._decide, args=(theirs.row, merge.together))
            words = "Discard mine, keep theirs"
            st.button(words, key=self._key("theirs"), on_click=self._decide, args=(theirs.row,))

    def _news(self, theirs: OthersIssue, merge: Merge) -> str:
        names = ", ".join(in_markdown(actor(name, self._people)) for name in theirs.actors) or "Somebody"
        changes = (change_words(name, *theirs.changes[name], self._people) for name in merge.theirs)
        listed = (f"- {in_markdown(change)}" for change in changes)
        return "\n".join((f"**{names} changed this issue while you had it open:**", *listed))

    def _own_words(self, merge: Merge, name: str) -> str:
        words = in_markdown(f"{FIELDS[name]}: {field_value(name, merge.mine[name], self._people)}")
        return f"{words} (you both changed this)" if name in merge.contested else words

    def _key(self, what: str) -> str:
        return f"issue-{self._id}-{what}"
