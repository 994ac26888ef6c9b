""".env.example: every setting once, with its default and a comment."""

from pathlib import Path

import pytest

from core.runtime.settings import load
from core.runtime.settings_doc import BLOCKS, comments, env_example
from tests.paths import ROOT


def test_every_setting_has_a_comment_of_one_line() -> None:
    for block in BLOCKS:
        texts = comments(block)
        assert set(block.model_fields) - set(texts) - {"data_dir"} == set(), block


def test_the_file_in_the_project_is_the_generated_one() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == env_example()


def test_a_copy_as_env_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [load(block) for block in BLOCKS]
    (tmp_path / ".env").write_text(env_example(), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert [load(block) for block in BLOCKS] == before
