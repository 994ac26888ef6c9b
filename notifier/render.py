"""The notifier's own mails to words: their templates stand here, the frame of all mails in core/mails."""

from functools import partial
from typing import Final

from core.mails import render as mails

render: Final = partial(mails.render, package="notifier")
"""Render notifier/templates/NAME.txt.j2 and NAME.html.j2."""
