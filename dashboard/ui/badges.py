"""Small pieces of HTML that say how something is: a word, a tone and a shape, never a colour alone."""

from datetime import datetime

from core.domain.units import ago
from core.domain.wording import ISSUE_STATUSES, word
from dashboard.ui.text import in_html
from dashboard.ui.wording import StateStyle, health_look, state_look

_STATUS_LOOKS = {
    "open": ("warning", "triangle"),
    "in_progress": ("info", "diamond"),
    "waiting": ("stale", "ring"),
    "resolved": ("ok", "circle"),
    "closed": ("quiet", "square"),
}


def badge(label: str, tone: str, shape: str) -> str:
    """A word on its tone, after its shape."""
    return f'<span class="badge tone-{tone}">{_shape(shape)}{in_html(label)}</span>'


def look_badge(look: StateStyle) -> str:
    """The badge of a look."""
    return badge(look.label, look.tone, look.shape)


def health_badge(health: str) -> str:
    """How a printer or a flag is."""
    return look_badge(health_look(health))


def state_badge(state: str) -> str:
    """What a printer is doing."""
    return look_badge(state_look(state))


def status_badge(status: str) -> str:
    """Where an issue stands."""
    tone, shape = _STATUS_LOOKS.get(status, ("quiet", "ring"))
    return badge(word(ISSUE_STATUSES, status), tone, shape)


def headline_box(health: str, sentence: str, *paragraphs: str) -> str:
    """The one sentence at the top of a page, and what follows from it; all of it text."""
    look = health_look(health)
    said = f'<span class="unseen">{in_html(look.label)}: </span>{in_html(sentence)}'
    below = "".join(f"<p>{in_html(text)}</p>" for text in paragraphs if text)
    return (
        f'<div class="headline tone-{look.tone}" role="status"><div class="what">{_shape(look.shape)}'
        f"<span>{said}</span></div>{below}</div>"
    )


def relative(at: datetime | None, now: datetime) -> str:
    """ "5 min ago", with the exact time for who points at it or has it read aloud."""
    if at is None:
        return '<span class="quiet">never</span>'
    exact = f"{at:%Y-%m-%d %H:%M} UTC"
    return f'<time datetime="{at.isoformat()}" title="{exact}" class="nowrap">{ago(at, now)}</time>'


def _shape(shape: str) -> str:
    return f'<i class="shape {shape}" aria-hidden="true"></i>'
