"""Files that appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from neurosym.errors import NeurosymError
from neurosym.files import replace_file, write_whole


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_takes_the_place_of_the_one_before(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "told.txt"
    for said in (b"once", b"again"):
        replace_file(path, said, durable=durable)
        assert path.read_bytes() == said
    assert list(tmp_path.iterdir()) == [path]


def test_others_may_read_it_as_any_file_of_this_user(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_whole(tmp_path / "told", b"")
    assert (tmp_path / "told").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_what_was_there_stands_where_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_whole(tmp_path / "told", b"before")

    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(NeurosymError, match=f"cannot write {path}: No space left on device"):
        write_whole(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path], "and no draft is left"
