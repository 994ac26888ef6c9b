"""An inventory changes only as a whole, and survives on disk."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.inventory import InventoryAssembly, StoredInventory
from core.contract.messages import InventoryChunk, PolledPrinter


def printer(number: int, host: str = "192.0.2.1") -> PolledPrinter:
    return PolledPrinter(printer_id=f"p{number}", host=host)


def chunks(revision: str, printers: list[PolledPrinter], size: int) -> list[InventoryChunk]:
    parts = [printers[at : at + size] for at in range(0, len(printers), size)] or [[]]
    return [
        InventoryChunk(site="main", revision=revision, chunk=number, chunks=len(parts), printers=tuple(part))
        for number, part in enumerate(parts)
    ]


@given(st.integers(0, 40), st.integers(1, 9), st.randoms())
def test_chunks_in_any_order_and_repeated_give_the_whole(
    count: int, size: int, chance: random.Random
) -> None:
    printers = [printer(number) for number in range(count)]
    coming = chunks("a", printers, size)
    last = coming.pop(chance.randrange(len(coming)))
    coming = [*coming, *coming]
    chance.shuffle(coming)
    assembly = InventoryAssembly("main")
    assert [assembly.add(chunk) for chunk in coming] == [None] * len(coming)
    assert assembly.add(last) == tuple(printers)


def test_chunks_of_two_revisions_are_never_mixed() -> None:
    old, new = [printer(n, "192.0.2.1") for n in range(4)], [printer(n, "192.0.2.2") for n in range(4)]
    assembly = InventoryAssembly("main")
    old_chunks, new_chunks = chunks("old", old, 2), chunks("new", new, 2)
    assert assembly.add(old_chunks[0]) is None
    assert assembly.add(new_chunks[1]) is None
    assert assembly.add(new_chunks[0]) == tuple(new)
    assert assembly.add(old_chunks[1]) is None, "what was left of the old revision is forgotten"


def test_a_revision_that_comes_back_is_used_again() -> None:
    assembly = InventoryAssembly("main")
    one, two = chunks("one", [printer(1)], 5), chunks("two", [printer(2)], 5)
    assert [assembly.add(chunk) for chunk in (*one, *two, *one)] == [
        (printer(1),),
        (printer(2),),
        (printer(1),),
    ]


def test_an_empty_revision_that_is_complete_is_an_inventory() -> None:
    assert InventoryAssembly("main").add(chunks("none", [], 5)[0]) == ()


@pytest.mark.parametrize("change", [{"site": "other"}, {"chunks": 0}, {"chunks": -1}, {"chunks": 10**9}])
def test_what_is_not_for_us_or_nonsense_is_passed_over(change: dict[str, object]) -> None:
    [chunk] = chunks("a", [printer(1)], 5)
    assert InventoryAssembly("main").add(chunk.model_copy(update=change)) is None


@pytest.mark.parametrize("number", [2, 7, -1])
def test_a_chunk_beyond_the_number_of_chunks_completes_nothing(number: int) -> None:
    first, second = chunks("a", [printer(1), printer(2)], 1)
    assembly = InventoryAssembly("main")
    assert assembly.add(first) is None
    assert assembly.add(second.model_copy(update={"chunk": number})) is None
    assert assembly.add(second) == (printer(1), printer(2))


def test_revisions_without_end_take_no_room() -> None:
    assembly = InventoryAssembly("main")
    for number in range(100):
        assembly.add(chunks(str(number), [printer(1), printer(2)], 1)[0])
    assert len(assembly._revisions) < 10


def test_the_last_inventory_is_found_on_disk(tmp_path: Path) -> None:
    file = StoredInventory(tmp_path, "main")
    assert file.read() is None
    file.write([printer(1), printer(2)])
    assert StoredInventory(tmp_path, "main").read() == (printer(1), printer(2))
    assert StoredInventory(tmp_path, "other").read() is None
    file.write([])
    assert file.read() == ()


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1}', b'[{"host": 1}]', b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_no_inventory(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    file = StoredInventory(tmp_path, "main")
    file.write([printer(1)])
    file.path.write_bytes(content)
    assert file.read() is None
    assert str(file.path) in caplog.text


def test_a_disk_that_refuses_is_said_and_survived(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "collector").write_text("a file where the folder should be")
    StoredInventory(tmp_path, "main").write([printer(1)])
    assert "cannot be written" in caplog.text
