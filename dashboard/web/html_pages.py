"""The pages that are no Streamlit pages: a frame for the login and for what cannot be shown."""

import html
from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--page:#f4f6f8;--card:#fff;--text:#1b2430;--quiet:#55606e;--line:#8a95a3;
--accent:#0b5cab;--on-accent:#fff;--bad:#a4161a;--bad-page:#fdecec}
@media(prefers-color-scheme:dark){:root{--page:#10151b;--card:#1a2129;--text:#e8edf2;--quiet:#a9b4c0;
--line:#6b7785;--accent:#6cb2f7;--on-accent:#08131f;--bad:#ffb4ab;--bad-page:#3b1618}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--page);
color:var(--text);font:1rem/1.5 "Source Sans","Source Sans 3",system-ui,sans-serif}
main{width:100%;max-width:25rem;background:var(--card);padding:2.25rem 2rem;border-radius:1rem;
box-shadow:0 1px 2px #0002,0 12px 40px #0001}
.mark{display:block;width:3rem;height:3rem;margin-bottom:1rem;color:var(--accent)}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .25rem}
p{margin:.25rem 0 1rem;color:var(--quiet)}
label{display:block;font-weight:600;margin:1rem 0 .35rem}
input{width:100%;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);
border-radius:.5rem;padding:.6rem .75rem}
button,.button{display:block;width:100%;margin-top:1.5rem;padding:.7rem 1rem;font:inherit;font-weight:600;
text-align:center;text-decoration:none;border:1px solid var(--accent);border-radius:.5rem;cursor:pointer;
background:var(--accent);color:var(--on-accent)}
.second{background:transparent;color:var(--accent);margin-top:.75rem}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.message{margin:1rem 0 0;padding:.7rem .9rem;border-radius:.5rem;background:var(--bad-page);color:var(--bad);
border-left:4px solid var(--bad)}
.or{display:flex;align-items:center;gap:.75rem;margin:1.25rem 0 0;color:var(--quiet);font-size:.9rem}
.or::before,.or::after{content:"";flex:1;border-top:1px solid var(--line);opacity:.5}
.foot{margin:1.5rem 0 0;font-size:.9rem}
"""
_MARK: Final = (
    '<svg class="mark" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.7" '
    'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M6 9V3h12v6"/>'
    '<path d="M6 18H4a2 2 0 0 1-2-2v-5a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2h-2"/>'
    '<path d="M6 14h12v7H6z"/><path d="M18 12h.01"/></svg>'
)


def frame(title: str, body: str, head: str = "") -> str:
    """A whole page; `body` and `head` are HTML, `title` is text."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(title)}</title>"
        '<link rel="icon" href="/favicon.png">'
        f"<style>{STYLE}</style>{head}</head><body><main>{_MARK}{body}</main></body></html>"
    )


def notice(sentence: str) -> str:
    """A page that says one thing, and leads back."""
    body = (
        f'<h1>Printers</h1><p role="alert">{html.escape(sentence)}</p>'
        '<a class="button" href="/">To the printers</a>'
    )
    return frame("Printers", body)
