"""From films to what the page holds: tile sheets, and for each film its segments.

A film whose tiles repeat is stored exactly. One whose tiles do not would break the bound on the page's size
and is stored as small WebP pictures instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from neurosym.replay.film import Film, PictureEncoder, Run
from neurosym.replay.tiles import COLUMNS, SAMPLE, Indices, Sheet, choose_tile, pack_indices, text_of

__all__ = ["Sheets", "encode_film"]

FREE = 48_000  # bytes a film may take before its pictures are preferred, however short it is

Segment = dict[str, Any]


class Sheets:
    """The tile sheets of one page, one for each tile size in use, shared by every film."""

    def __init__(self) -> None:
        self._sheets: dict[int, Sheet] = {}

    def of(self, tile: int) -> Sheet:
        return self._sheets.setdefault(tile, Sheet(tile))

    def record(self) -> list[dict[str, Any]]:
        """What the page is told: tile size, tiles in a row, and the sheet as base64 PNG."""
        return [
            {"tile": sheet.tile, "columns": COLUMNS, "png": text_of(sheet.png())}
            for sheet in self._sheets.values()
            if len(sheet)
        ]


def encode_film(film: Film, sheets: Sheets) -> list[Segment]:
    """The segments of a film. The sheets grow by the tiles that are new."""
    exact = [run for run in film.runs() if run.exact]
    tiled = _tiled(film, exact, sheets) if exact else {}
    encoder = PictureEncoder(film.limit)
    return [tiled[run.first] if run.first in tiled else _pictured(film, run, encoder) for run in film.runs()]


def _tiled(film: Film, runs: list[Run], sheets: Sheets) -> dict[int, Segment]:
    """Segments by first step, or nothing when tiles would cost more than pictures may."""
    sheet = sheets.of(choose_tile(_sample(film)))
    before = len(sheet)
    segments, spent = {}, 0
    allowed = FREE + film.limit * len(film)
    for run in runs:
        frames = _indices(film, run, sheet)
        if frames is None:
            sheet.forget(before)
            return {}
        data = pack_indices(frames)
        spent += len(data)
        segments[run.first] = _segment(run, kind="tiles", tile=sheet.tile, data=text_of(data))
    if spent + len(sheet.png(before)) > allowed:
        sheet.forget(before)
        return {}
    return segments


def _sample(film: Film) -> list[Any]:
    drawn = [kept for kept in film.kept if kept.exact]
    return [kept.pixels() for kept in drawn[:: -(-len(drawn) // SAMPLE)]]


def _indices(film: Film, run: Run, sheet: Sheet) -> list[Indices] | None:
    found: dict[int, Indices] = {}
    for index in run.indices:
        if index not in found:
            indices = sheet.indices(film.kept[index].pixels())
            if indices is None:
                return None
            found[index] = indices
    return [found[index] for index in run.indices]


def _pictured(film: Film, run: Run, encoder: PictureEncoder) -> Segment:
    places: dict[int, int] = {}
    for index in run.indices:
        places.setdefault(index, len(places))
    images = [text_of(data) for data in _pictures(film, list(places), encoder)]
    return _segment(run, kind="pictures", images=images, frames=[places[index] for index in run.indices])


def _pictures(film: Film, indices: list[int], encoder: PictureEncoder) -> Iterator[bytes]:
    for index in indices:
        kept = film.kept[index]
        yield encoder.encode(kept.pixels()) if kept.exact else kept.data[0]


def _segment(run: Run, **content: Any) -> Segment:
    return {
        "first": run.first,
        "count": len(run.indices),
        "height": run.height,
        "width": run.width,
        **content,
    }
