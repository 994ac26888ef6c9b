"""Importing without searching for garbage."""

import gc
import importlib
import sys
from pathlib import Path

import pytest

from core.runtime.importing import importing


@pytest.fixture(params=[True, False])
def searched(request: pytest.FixtureRequest) -> bool:
    """Whether garbage is searched for before."""
    return bool(request.param)


def test_nothing_is_searched_meanwhile_and_afterwards_it_is_as_before(searched: bool) -> None:
    if not searched:
        gc.disable()
    try:
        with importing():
            assert not gc.isenabled()
        assert gc.isenabled() == searched
        with pytest.raises(ImportError), importing():
            raise ImportError("it is not installed")
        assert gc.isenabled() == searched
    finally:
        gc.enable()


def test_what_was_imported_is_left_out_of_later_searches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "imported_here.py").write_text("KEPT = [[] for _ in range(1000)]\n", encoding="utf-8")
    with importing():
        pass
    before = gc.get_freeze_count()
    with importing():
        importlib.import_module("imported_here")
    try:
        assert gc.get_freeze_count() > before + 1000
    finally:
        del sys.modules["imported_here"]
