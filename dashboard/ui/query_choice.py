"""One choice of several, kept in the address of the page by its code, so that a view can be shared.

Not bound by Streamlit's own `bind`: that would put the labels into the address.
"""

from collections.abc import Mapping
from typing import Final, Literal

import streamlit as st

_ADDRESS: Final = "-in-address"


def choice(  # noqa: PLR0913 (a widget's options, most of them by name)
    name: str,
    label: str,
    options: Mapping[str, str],
    *,
    as_: Literal["select", "segments"] = "select",
    hide_label: bool = False,
    width: int | Literal["stretch"] = "stretch",
) -> str:
    """Return the code that is chosen of `options` (code -> label).

    The first is the default, not in the address.
    """
    default, key = next(iter(options)), f"choice-{name}"
    given = st.query_params.get(name, default)
    given = given if given in options else default
    if st.session_state.get(name + _ADDRESS) != given or st.session_state.get(key) not in options:
        st.session_state[key] = given  # opened by a link, or by the browser's back
    shown: Literal["collapsed", "visible"] = "collapsed" if hide_label else "visible"
    if as_ == "select":
        st.selectbox(
            label,
            list(options),
            format_func=options.__getitem__,
            key=key,
            label_visibility=shown,
            width=width,
        )
    else:
        st.segmented_control(
            label,
            list(options),
            format_func=options.__getitem__,
            key=key,
            required=True,
            label_visibility=shown,
        )
    chosen = str(st.session_state.get(key) or default)
    _keep(name, chosen, default, given)
    return chosen


def _keep(name: str, chosen: str, default: str, given: str) -> None:
    if chosen != given:
        if chosen == default:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = chosen
    st.session_state[name + _ADDRESS] = chosen
