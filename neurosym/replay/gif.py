"""The episode as an animated GIF: the world, what is seen and believed, and the words."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from neurosym.errors import NeurosymError

if TYPE_CHECKING:
    from neurosym.replay.recorder import Episode, Moment

__all__ = ["render_gif"]

WORLD, SIDE, GAP, LINE = 416, 202, 12, 22  # px
HOLD_S = 1.5  # how long an episode's last picture stays
INK, SOFT, PAPER, ACCENT = (236, 239, 246), (150, 160, 180), (17, 21, 31), (255, 191, 92)
GOOD, BAD = (96, 211, 148), (255, 122, 122)


def render_gif(episodes: Sequence[Episode], fps: float) -> bytes:
    """All steps of all episodes at `fps` pictures a second, with one palette for the whole film.

    Raises:
        NeurosymError: there is no step to show, or `fps` is not within 0.1 to 50.
    """
    if not any(episode.moments for episode in episodes):
        raise NeurosymError("nothing was recorded, so there is no GIF to write")
    if not 0.1 <= fps <= 50:
        raise NeurosymError(f"a GIF shows 0.1 to 50 pictures a second, not {fps}")
    palette = _palette(episodes)
    pictures = (picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in _all(episodes))
    out = io.BytesIO()
    next(pictures_iter := iter(pictures)).save(
        out,
        "GIF",
        save_all=True,
        append_images=pictures_iter,
        duration=list(_durations(episodes, fps)),
        loop=0,
        optimize=True,
        disposal=1,
    )
    return out.getvalue()


def _all(episodes: Sequence[Episode]) -> Iterator[Image.Image]:
    for episode in episodes:
        for step in range(len(episode.moments)):
            yield _draw(episode, step)


def _durations(episodes: Sequence[Episode], fps: float) -> Iterator[int]:
    """Milliseconds for each picture."""
    for episode in episodes:
        count = len(episode.moments)
        yield from (round(1000 * HOLD_S) if step == count - 1 else round(1000 / fps) for step in range(count))


def _palette(episodes: Sequence[Episode]) -> Image.Image:
    """A palette of 256 colours that suits pictures from the beginning, the middle and the end."""
    samples = [
        _draw(episode, step)
        for episode in episodes[:4]
        for step in {0, len(episode.moments) // 2, len(episode.moments) - 1}
        if episode.moments
    ]
    width, height = samples[0].size
    strip = Image.new("RGB", (width, height * len(samples)))
    for place, sample in enumerate(samples):
        strip.paste(sample, (0, place * height))
    return strip.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


def _draw(episode: Episode, step: int) -> Image.Image:
    side = any(len(film.kept) for name, film in episode.films.items() if name != "world")
    width = WORLD + 2 * GAP + (SIDE + GAP if side else 0)
    canvas = Image.new("RGB", (width, WORLD + 2 * GAP + 4 * LINE + GAP), PAPER)
    _place(canvas, episode, "world", step, (GAP, GAP, WORLD))
    if side:
        _place(canvas, episode, "view", step, (WORLD + 2 * GAP, GAP, SIDE))
        _place(canvas, episode, "belief", step, (WORLD + 2 * GAP, 2 * GAP + SIDE, SIDE))
    _caption(ImageDraw.Draw(canvas), episode, step, WORLD + 2 * GAP)
    return canvas


def _place(canvas: Image.Image, episode: Episode, pane: str, step: int, box: tuple[int, int, int]) -> None:
    left, top, side = box
    frame = episode.films[pane].frame(step)
    if frame is None:
        return
    picture = Image.fromarray(frame)
    scale = side / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    picture = picture.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.NEAREST)
    canvas.paste(picture, (left + (side - size[0]) // 2, top + (side - size[1]) // 2))


def _caption(draw: ImageDraw.ImageDraw, episode: Episode, step: int, top: int) -> None:
    moment = episode.moments[step]
    lines = [
        (f"“{episode.mission}”" if episode.mission else episode.task, SOFT),
        (moment.instruction or "no instruction", ACCENT) if moment.action else _verdict(episode),
        (_plan_line(moment), INK),
        (_step_line(episode, step), SOFT),
    ]
    columns = 66 if draw.im.size[0] > WORLD + 2 * GAP else 44
    for row, (text, ink) in enumerate(lines):
        draw.text((GAP, top + row * LINE), textwrap.shorten(text, columns), fill=ink, font=_font())


def _verdict(episode: Episode) -> tuple[str, tuple[int, int, int]]:
    outcome = episode.outcome
    if outcome is None:
        return "unfinished", SOFT
    if outcome.success:
        return f"done in {outcome.steps} steps", GOOD
    return f"failed after {outcome.steps} steps: {outcome.cause.replace('_', ' ')}", BAD


def _plan_line(moment: Moment) -> str:
    count = len(moment.plan)
    if not count:
        return "no plan"
    if moment.plan_step >= count:
        return f"plan done, {count} of {count}"
    return f"plan {moment.plan_step + 1} of {count}: {moment.plan[moment.plan_step]}"


def _step_line(episode: Episode, step: int) -> str:
    kinds = " · ".join(kind for kind, _ in episode.moments[step].events)
    return f"step {step} of {len(episode.moments) - 1}" + (f" · {kinds}" if kinds else "")


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(15)
