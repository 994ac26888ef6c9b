"""Draw what is around every page: the menu of the viewer's role, the sign-out, and failures as sentences."""

from collections.abc import Callable
from functools import partial
from time import time_ns
from typing import Any, Final
from urllib.parse import urlencode

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError
from streamlit.runtime.scriptrunner import RerunException

from core.domain.permissions import Permission
from core.runtime.wall_clock import utc_now
from dashboard.access_log import record_refused_right
from dashboard.app_context import AppContext, current_app
from dashboard.features.shared.cached import locked_lately
from dashboard.features.shared.outcomes import forget_outcomes
from dashboard.page_context import PageContext
from dashboard.pages import PAGES, PageSpec, first_path
from dashboard.ui.client import client_address
from dashboard.ui.empty import nothing
from dashboard.ui.failures import show_failure
from dashboard.ui.templates import render
from dashboard.ui.theme import style
from dashboard.viewer import ANONYMOUS, Forbidden, Viewer
from dashboard.web.gate.access import portal_is_open
from dashboard.web.gate.gate import SESSION_HEADER
from dashboard.web.sign_in.sessions import find_session

_ACCOUNT: Final = "account"
_AT: Final = "at"


def draw() -> None:
    """Run the page once, and mark its end, however it ended: navigate.js waits for it."""
    viewer = None
    try:
        viewer = _draw()
    except RerunException:  # the run that follows has its own
        raise
    except BaseException:
        _mark_drawn(viewer)
        raise
    _mark_drawn(viewer)


def _mark_drawn(viewer: Viewer | None) -> None:
    open_to = [spec.path for spec in PAGES if viewer is not None and _is_open(spec, viewer)]
    with st.sidebar:
        st.html(render("ui/drawn", run=time_ns(), pages=open_to))


def _draw() -> Viewer | None:
    """Draw everything; the session is looked up anew each time. Return who looks, where that is known."""
    st.set_page_config(page_title="Printers", layout="wide")
    st.html(style("dark" if st.context.theme.type == "dark" else "light"))
    app_context = current_app()
    try:
        viewer = _who_looks(app_context)
    except Exception as error:  # without the database nobody is known: that is all there is to show
        show_failure(error)
        return None
    if viewer.is_anonymous and not portal_is_open(app_context.settings.dashboard, client_address()):
        st.info("Your session has ended. Sign in again to go on.")
        return None
    pages = _pages(PageContext(viewer, app_context))
    chosen = st.navigation(_menu(viewer, pages), position="sidebar", expanded=True)
    st.set_page_config(page_title=_tab_title(chosen.url_path, app_context))
    organization = app_context.settings.organization
    with st.sidebar:
        if organization.logo or organization.organization_name:
            st.html(render("ui/organization", organization=organization))
        if not viewer.is_restricted:
            st.html(render("ui/search_button"))
        if viewer.may(Permission.MANAGE_USERS) and not viewer.is_restricted:
            _tell_lock_outs(app_context)
        _foot(viewer, pages, chosen.url_path)
    _forget_elsewhere(chosen.url_path)
    chosen.run()
    return viewer


def _forget_elsewhere(path: str) -> None:
    """Drop outcomes of other pages: they are shown where the action was done."""
    at = (path, st.query_params.get("id", ""))
    if st.session_state.get(_AT, at) != at:
        forget_outcomes()
    st.session_state[_AT] = at


def _who_looks(app_context: AppContext) -> Viewer:
    token_hash = st.context.headers.get(SESSION_HEADER)
    if not token_hash:
        return ANONYMOUS
    settings = app_context.settings.dashboard
    return find_session(app_context.engine, token_hash, settings, utc_now(), renew=True) or ANONYMOUS


def _pages(context: PageContext) -> dict[str, Any]:
    """Return all pages by path: one that is not for this viewer says so instead of not being there."""
    pages: dict[str, Any] = {}
    for spec in PAGES:
        closed = context.viewer.is_restricted and spec.path != _ACCOUNT
        pages[spec.path] = st.Page(
            partial(_lead_to, _ACCOUNT, pages) if closed else partial(_draw_page, spec, context),
            # Not as `icon`: the browser would fetch it from the internet, for its tab.
            title=f":material/{spec.icon}: {spec.title}",
            url_path=spec.path,
            visibility="visible" if _is_listed(spec, context.viewer) else "hidden",
        )
    return pages


def _is_listed(spec: PageSpec, viewer: Viewer) -> bool:
    return not spec.hidden and viewer.may(spec.permission) and not viewer.is_restricted


def _is_open(spec: PageSpec, viewer: Viewer) -> bool:
    return viewer.may(spec.permission) and (spec.path == _ACCOUNT or not viewer.is_restricted)


def _draw_page(spec: PageSpec, context: PageContext) -> None:
    try:
        spec.draw(context)
    except Exception as error:  # a page that fails leaves the menu and a sentence
        if isinstance(error, Forbidden):
            record_refused_right(context.engine, context.viewer, f"/{spec.path}", now=utc_now())
            nothing(str(error), link=("Where you can go on", "/"))
            return
        show_failure(error)


def _menu(viewer: Viewer, pages: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the pages by section; the first one, at `/`, leads on to where this viewer begins."""
    begin: Callable[[], None] = partial(_lead_to, first_path(viewer), pages)
    home = st.Page(begin, title="Start", url_path="start", default=True, visibility="hidden")
    menu: dict[str, list[Any]] = {"": [home]}
    for spec in PAGES:
        section = spec.section if _is_listed(spec, viewer) else ""
        menu.setdefault(section, []).append(pages[spec.path])
    return menu


def _tab_title(path: str, app_context: AppContext) -> str:
    whose = app_context.settings.organization.organization_name or "Printers"
    return next((f"{spec.title} · {whose}" for spec in PAGES if spec.path == path), whose)


def _lead_to(path: str, pages: dict[str, Any]) -> None:
    st.switch_page(pages[path])


def _tell_lock_outs(app_context: AppContext) -> None:
    """Show locked accounts on every page of an administrator, so that repeated attacks are seen."""
    try:
        names = locked_lately(app_context)
    except SQLAlchemyError:  # the page itself says that the database is away
        return
    if names:
        what = f"{names[0]} was" if len(names) == 1 else f"{len(names)} accounts were"
        st.html(render("ui/locked_out", what=what))


def _foot(viewer: Viewer, pages: dict[str, Any], path: str) -> None:
    """The wall view, who is signed in, and how to change that."""
    if viewer.may(Permission.SEE_PRINTERS) and not viewer.is_restricted:
        st.html(render("ui/wall_link"))
    if viewer.is_anonymous:
        asked = urlencode(st.query_params.to_dict())
        here = f"/{path}?{asked}" if asked else f"/{path}"
        st.html(render("ui/sign_in", path=here))
        return
    st.page_link(pages[_ACCOUNT], label=f"{viewer.full_name or viewer.name}")
    st.html(render("ui/sign_out", csrf=viewer.csrf))
