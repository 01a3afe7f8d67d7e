import json
import os

import numpy as np
import pytest
from PIL import Image

from neurosym.errors import NeurosymError
from neurosym.replay import Recorder
from neurosym.replay.film import PictureEncoder

THREE_MB = 3_000_000


def one_step(recorder, world, view=None, belief=None, **changes):
    words = {"plan": [], "plan_step": 0, "instruction": "", "action": "", "reward": 0.0, "events": []}
    recorder.add(world, view, belief, **{**words, **changes})


def test_five_hundred_steps_of_a_big_world_stay_exact_and_under_three_megabytes(tmp_path, read_page, walk):
    recorder = Recorder("walk")
    pictures = walk(recorder, cells=25, steps=500)
    path = recorder.save(tmp_path / "walk.html")
    assert path.stat().st_size < THREE_MB
    page = read_page(path)
    for step in (0, 1, 250, 499, 500):
        for name, expected in zip(("world", "view", "belief"), pictures[step], strict=True):
            np.testing.assert_array_equal(page.frame(0, name, step), expected, f"{name} at step {step}")


def test_every_frame_of_every_episode_comes_back_pixel_for_pixel(read_page, walk):
    recorder = Recorder("walks")
    episodes = [walk(recorder, cells=cells, steps=20, seed=cells) for cells in (8, 5)]
    page = read_page(recorder.page())
    for number, pictures in enumerate(episodes):
        for step, three in enumerate(pictures):
            for name, expected in zip(("world", "view", "belief"), three, strict=True):
                np.testing.assert_array_equal(page.frame(number, name, step), expected)


@pytest.mark.parametrize("shape", [(37, 53), (1, 1), (84, 84), (210, 160)])
def test_frames_of_any_size_come_back_exactly_when_they_are_drawn(read_page, shape):
    frames = [np.full((*shape, 3), shade, np.uint8) for shade in (0, 90, 255)]
    frames[1][: shape[0] // 2, :, 0] = 200
    recorder = Recorder("odd sizes")
    recorder.begin("odd", 0, "")
    for frame in frames:
        one_step(recorder, frame)
    page = read_page(recorder.page())
    for step, frame in enumerate(frames):
        np.testing.assert_array_equal(page.frame(0, "world", step), frame)


def test_a_belief_may_be_missing_and_may_grow(read_page):
    beliefs = [None, *(np.full((8 * size, 8, 3), 10 * size, np.uint8) for size in (1, 2, 3)), None]
    recorder = Recorder("growing")
    recorder.begin("growing", 0, "")
    for belief in beliefs:
        one_step(recorder, np.zeros((16, 16, 3), np.uint8), belief=belief)
    page = read_page(recorder.page())
    for step, belief in enumerate(beliefs):
        found = page.frame(0, "belief", step)
        assert (found is None) == (belief is None)
        if belief is not None:
            np.testing.assert_array_equal(found, belief)
    assert page.record["episodes"][0]["panes"]["view"] == []


def test_frames_without_tiles_become_pictures_and_the_page_stays_under_its_bound(tmp_path, read_page):
    rng = np.random.default_rng(0)
    recorder = Recorder("noise")
    recorder.begin("noise", 0, "")
    ramp = np.linspace(0, 200, 160)[None, :, None] * np.ones((120, 1, 3))
    for step in range(500):
        noise = rng.integers(0, 40, (120, 160, 3))
        photograph = np.roll(ramp, 3 * step, axis=1).astype(np.uint8) + noise.astype(np.uint8)
        one_step(recorder, photograph, photograph[:60, :60], photograph)
    path = recorder.save(tmp_path / "noise.html")
    assert path.stat().st_size < THREE_MB
    assert recorder.episodes[0].films["world"].frame(7) is not None
    page = read_page(path)
    shown = page.frame(0, "world", 499).astype(float)
    assert np.abs(shown - photograph).mean() < 25
    assert {segment["kind"] for segment in page.record["episodes"][0]["panes"]["world"]} == {"pictures"}


def test_drawn_frames_whose_tiles_never_repeat_become_pictures(read_page):
    rng = np.random.default_rng(0)
    recorder = Recorder("smooth")
    recorder.begin("smooth", 0, "")
    for _ in range(40):
        coarse = rng.integers(0, 255, (40, 40, 3), np.uint8)
        one_step(recorder, coarse.repeat(8, 0).repeat(8, 1))
    text = recorder.page()
    assert len(text) < 40 * 2300 * 4 / 3 + 100_000
    assert read_page(text).record["episodes"][0]["panes"]["world"][0]["kind"] == "pictures"


def test_the_words_of_each_step_are_kept(read_page):
    recorder = Recorder("words", {"version": "1.2"})
    recorder.begin("task-v0", 7, "open it")
    blank = np.zeros((8, 8, 3), np.uint8)
    first = {"plan": ["(a x)"], "instruction": "do a", "action": "left", "events": [("plan", "one step")]}
    one_step(recorder, blank, **first)
    one_step(recorder, blank, plan=["(b y)"], instruction="do b", reward=0.5, events=[("replan", "again")])
    recorder.end(False, 1, 0.5, "time_limit")
    record = read_page(recorder.page()).record
    episode = record["episodes"][0]
    assert record["meta"] == {"version": "1.2"}
    assert [episode["plans"][number] for number in episode["plan"]] == [["(a x)"], ["(b y)"]]
    assert [episode["words"][number] for number in episode["instruction"]] == ["do a", "do b"]
    assert [episode["words"][number] for number in episode["action"]] == ["left", ""]
    assert episode["events"] == [[0, "plan", "one step"], [1, "replan", "again"]]
    assert episode["outcome"] == {"success": False, "steps": 1, "total": 0.5, "cause": "time_limit"}


def test_a_step_outside_an_episode_is_refused():
    with pytest.raises(RuntimeError, match="begin an episode"):
        one_step(Recorder("none"), np.zeros((8, 8, 3), np.uint8))


@pytest.mark.parametrize("wrong", [np.zeros((8, 8), "u1"), np.zeros((8, 8, 3)), np.zeros((0, 8, 3), "u1")])
def test_a_picture_of_the_wrong_kind_is_refused(wrong):
    recorder = Recorder("wrong")
    recorder.begin("wrong", 0, "")
    with pytest.raises(ValueError, match="uint8"):
        one_step(recorder, wrong)


def test_saving_to_a_missing_folder_is_one_clear_line_and_leaves_nothing(tmp_path, walk):
    recorder = Recorder("lost")
    walk(recorder, cells=4, steps=2)
    with pytest.raises(NeurosymError, match=r"cannot write .*page\.html: No such file"):
        recorder.save(tmp_path / "nowhere" / "page.html")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_save_keeps_the_old_page(tmp_path, walk, monkeypatch):
    target = tmp_path / "page.html"
    target.write_text("old")
    recorder = Recorder("interrupted")
    walk(recorder, cells=4, steps=2)

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(NeurosymError, match="No space left"):
        recorder.save(target)
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert target.read_text() == "old"


def test_the_gif_holds_every_step_and_the_colours_of_the_world(tmp_path, walk):
    recorder = Recorder("moving")
    pictures = walk(recorder, cells=6, steps=11)
    path = recorder.save_gif(tmp_path / "walk.gif", fps=10)
    with Image.open(path) as film:
        assert film.n_frames == 12
        assert film.info["duration"] == 100
        film.seek(5)
        shown = np.asarray(film.convert("RGB"))[12:428, 12:428]
    world = np.asarray(Image.fromarray(pictures[5][0]).resize((416, 416), Image.Resampling.NEAREST))
    assert np.abs(shown.astype(int) - world).mean() < 6
    assert path.stat().st_size < 400_000


def test_a_gif_of_nothing_or_at_no_speed_is_refused(tmp_path, walk):
    recorder = Recorder("nothing")
    with pytest.raises(NeurosymError, match="nothing was recorded"):
        recorder.save_gif(tmp_path / "none.gif")
    walk(recorder, cells=4, steps=1)
    with pytest.raises(NeurosymError, match="pictures a second"):
        recorder.save_gif(tmp_path / "none.gif", fps=0)


def test_the_record_is_plain_json(walk):
    recorder = Recorder("json")
    walk(recorder, cells=4, steps=1)
    text = recorder.page().split('id="recording">')[1].split("</script>")[0]
    assert json.loads(text)["format"] == 1


def test_a_film_may_turn_from_a_drawing_to_a_photograph_and_back(read_page):
    rng = np.random.default_rng(0)
    drawn = np.full((96, 96, 3), 70, np.uint8)
    photograph = rng.integers(0, 255, (96, 96, 3), np.uint8)
    recorder = Recorder("mixed")
    recorder.begin("mixed", 0, "")
    for frame in (drawn, photograph, drawn):
        one_step(recorder, frame)
    page = read_page(recorder.page())
    kinds = [segment["kind"] for segment in page.record["episodes"][0]["panes"]["world"]]
    assert kinds == ["tiles", "pictures", "tiles"]
    np.testing.assert_array_equal(page.frame(0, "world", 2), drawn)
    assert page.frame(0, "world", 1).shape == photograph.shape


def test_tiles_that_were_given_up_leave_no_trace_in_the_sheets(read_page):
    rng = np.random.default_rng(0)
    recorder = Recorder("after a smooth film")
    recorder.begin("smooth", 0, "")
    for _ in range(30):
        one_step(recorder, rng.integers(0, 255, (40, 40, 3), np.uint8).repeat(8, 0).repeat(8, 1))
    recorder.end(False, 29, 0.0)
    recorder.begin("drawn", 0, "")
    two = [np.full((64, 64, 3), shade, np.uint8) for shade in (20, 220)]
    for frame in two:
        one_step(recorder, frame)
    text = recorder.page()
    page = read_page(text)
    assert page.record["episodes"][0]["panes"]["world"][0]["kind"] == "pictures"
    np.testing.assert_array_equal(page.frame(1, "world", 1), two[1])
    assert sum(len(sheet["png"]) for sheet in page.record["sheets"]) < 2_000


def test_a_full_sheet_falls_back_to_pictures(read_page, walk, monkeypatch):
    monkeypatch.setattr("neurosym.replay.tiles.MOST_TILES", 3)
    recorder = Recorder("full")
    walk(recorder, cells=5, steps=3)
    segment = read_page(recorder.page()).record["episodes"][0]["panes"]["world"][0]
    assert segment["kind"] == "pictures"


@pytest.mark.parametrize("noise", [0, 255])
def test_a_picture_never_takes_more_bytes_than_its_limit(noise):
    rng = np.random.default_rng(1)
    encoder = PictureEncoder(limit=700)
    frames = [rng.integers(0, noise + 1, (480, 640, 3), np.uint8) for _ in range(3)]
    assert max(len(encoder.encode(frame)) for frame in frames) <= 700


def test_frames_of_the_same_bytes_and_another_shape_are_told_apart(read_page):
    recorder = Recorder("turned")
    recorder.begin("turned", 0, "")
    shapes = [(8, 16, 3), (16, 8, 3)]
    for shape in shapes:
        one_step(recorder, np.full(shape, 50, np.uint8))
    page = read_page(recorder.page())
    assert [page.frame(0, "world", step).shape for step in (0, 1)] == shapes
