"""What the login page has the browser fetch ahead."""

from pathlib import Path

from streamlit import file_util

from dashboard.web.streamlit_assets import prefetched, with_imports


def test_what_is_imported_is_found_to_the_end(tmp_path: Path) -> None:
    (tmp_path / "a.1.js").write_text('import{x}from"./b.2.js";import"./c.3.js";import("./later.js")')
    (tmp_path / "b.2.js").write_text('export*from"./a.1.js"')
    (tmp_path / "c.3.js").write_text('import"./gone.js";')
    (tmp_path / "later.js").write_text("")
    assert with_imports(tmp_path, ["a.1.js"]) == ["a.1.js", "b.2.js", "c.3.js"]


def test_every_path_leads_to_a_file_and_the_icons_are_among_them() -> None:
    folder = Path(file_util.get_static_dir())
    paths = [path.removeprefix("/") for path in prefetched()]
    assert [path for path in paths if not (folder / path).is_file()] == []
    assert any("MaterialSymbols" in path for path in paths)
    for piece in ("/Html.", "/StreamlitMarkdown.", "/TextInput.", "/index."):
        assert any(piece in path for path in paths), piece
