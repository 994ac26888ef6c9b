"""HTML of the dashboard stands in its templates: escaped by Jinja2, all of them used, and none in Python."""

import ast
import re
from pathlib import Path

from dashboard.ui.templates import environment, render, template_folders
from tests.paths import ROOT

TAG = re.compile(r"</?[a-z!][\w-]*(?:[\s/>]|$)", re.IGNORECASE)
READS_HTML = {
    "dashboard/web/gate/headers.py",  # finds the scripts in Streamlit's own page, to allow them
    "dashboard/web/routes/first_page.py",  # finds its title, to put our own head there
}
PRINTED_AS_IT_IS = {
    "ui/style.html.j2",  # our own style sheets: a style element knows no escapes
    "labels/sheets.html.j2",  # the SVG that segno makes of an address
}


def python_files() -> dict[str, str]:
    return {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in ROOT.glob("dashboard/**/*.py")
    }


def templates() -> dict[str, str]:
    return {
        f"{name}/{path.name}": path.read_text("utf-8")
        for name, folder in template_folders().items()
        for path in sorted(folder.iterdir())
    }


def texts(source: str) -> list[str]:
    """The strings in a module, without those that only say what something is."""
    tree = ast.parse(source)
    said = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
    ]


def test_no_python_of_the_dashboard_holds_html() -> None:
    found = {
        name for name, source in python_files().items() if any(TAG.search(text) for text in texts(source))
    }
    assert found == READS_HTML


def test_html_in_python_is_seen() -> None:
    found = {text for text in texts('a = f"<p>{b}</p>"\nc = "<br>"\n') if TAG.search(text)}
    assert found == {"<p>", "</p>", "<br>"}
    assert not [text for text in texts('"""<p> in a docstring."""\na = "1 < 2 <= 3"\n') if TAG.search(text)]


def test_every_template_is_used_and_every_one_that_is_used_is_there() -> None:
    in_python = "\n".join(python_files().values())
    rendered = re.findall(r'(?:render|_drawn_once|web_page)[(,]\s*"([\w/]+)"', in_python)
    used = {f"{name}.html.j2" for name in rendered} | set(re.findall(r'"([\w/]+\.html\.j2)"', in_python))
    for source in templates().values():
        used |= set(re.findall(r'{% (?:extends|include|from) "([\w/.]+)"', source))
    assert used == set(templates())


def test_every_template_compiles() -> None:
    for name in templates():
        environment().get_template(name)


def test_what_is_not_escaped_is_named_here() -> None:
    marked = re.compile(r"\|\s*safe\b|autoescape|\bMarkup\b")
    assert {name for name, source in templates().items() if marked.search(source)} == PRINTED_AS_IT_IS
    by_python = {
        name for name, source in python_files().items() if re.search(r"mark_safe|\bMarkup\b", source)
    }
    assert by_python == {"dashboard/ui/templates.py"}


def test_whatever_a_template_prints_is_cleaned_cut_and_escaped() -> None:
    made = environment().from_string("{{ text }}|{{ text | up_to(5) }}|{{ nothing }}|{{ number }}")
    printed = made.render(text="<b>\x00" + "x" * 400, nothing=None, number=5)
    whole, short, nothing, number = printed.split("|")
    assert whole == "&lt;b&gt; " + "x" * 295 + "…"
    assert (short, nothing, number) == ("&lt;b&gt;…", "", "5")


def test_the_templates_stand_beside_what_they_draw() -> None:
    outside = {
        path.relative_to(ROOT).as_posix()
        for path in Path(ROOT / "dashboard").rglob("*.j2")
        if path.parent not in set(template_folders().values())
    }
    assert outside == set()
    assert render("ui/note", sentence="<i>", small=False) == '<p class="quiet">&lt;i&gt;</p>'
