"""One choice of several, kept in the address of the page by its code, so that a view can be shared.

Not bound by Streamlit's own `bind`: that would put the labels into the address.
"""

from collections.abc import Mapping
from typing import Final, Literal

import streamlit as st

from dashboard.ui.templates import render

_ADDRESS: Final = "-in-address"


def choice(  # noqa: PLR0913 (a widget's options, most of them by name)
    name: str,
    label: str,
    options: Mapping[str, str],
    *,
    as_: Literal["select", "segments"] = "select",
    counts: Mapping[str, int] | None = None,
    hide_label: bool = False,
    width: int | Literal["stretch"] = "stretch",
) -> str:
    """Return the code that is chosen of `options` (code -> label).

    The first is the default, not in the address. `counts` (code -> how many it would show) stand beside the
    labels of segments, and are no part of them: by its label the browser tells which one was chosen, and a
    click on one whose count had changed meanwhile would be of none.
    """
    codes = list(options)
    given = st.query_params.get(name, codes[0])
    given = given if given in options else codes[0]
    key = f"choice-{name}"
    if is_news(name, (given,)) or st.session_state.get(key) not in options:
        st.session_state[key] = given
    # The value set here reaches the browser once. Where the widget is drawn only after the next refresh (its
    # code came late), it begins with its default: with the first option the choice would be lost.
    begins_with = str(st.session_state[key])
    shown: Literal["collapsed", "visible"] = "collapsed" if hide_label else "visible"
    if as_ == "select":
        st.selectbox(
            label,
            codes,
            index=codes.index(begins_with),
            format_func=options.__getitem__,
            key=key,
            label_visibility=shown,
            width=width,
        )
    else:
        if counts is not None:
            st.html(render("ui/counts", key=key, counts=[counts.get(code) for code in codes]))
        st.segmented_control(
            label,
            codes,
            default=begins_with,
            format_func=options.__getitem__,
            key=key,
            required=True,
            label_visibility=shown,
        )
    chosen = str(st.session_state.get(key) or codes[0])
    keep_in_address(name, (chosen,), default=(codes[0],))
    return chosen


def is_news(name: str, given: tuple[str, ...]) -> bool:
    """Return whether the address gives other codes than were last seen or kept there.

    So it does where the page was opened by a link, or by the browser's back: then the widget follows it.
    """
    seen = st.session_state.get(name + _ADDRESS)
    st.session_state[name + _ADDRESS] = given
    return bool(seen != given)


def keep_in_address(name: str, codes: tuple[str, ...], *, default: tuple[str, ...] = ()) -> None:
    """Keep what is chosen in the address, where that has changed; the default is not in it."""
    if not is_news(name, codes):
        return
    if codes == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = codes
