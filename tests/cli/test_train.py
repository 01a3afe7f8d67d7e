from __future__ import annotations

import json
import os
import signal
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from neurosym.cli.rundiary import RunDiary, forget_after
from tests.cli.conftest import Run, World


@dataclass(frozen=True)
class Event:
    frames: int
    total_frames: int
    seconds: float
    metrics: dict[str, float]
    status: str = ""
    prepared: tuple[int, int] = (0, 0)


class Gym:
    """Stands in for the training: four events, and a note of whether it was put in order at the end."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}
        self.tidied = False
        self.prepared = (3, 7)
        self.interrupt_at = 0  # the event before which Ctrl-C comes; -1 while levels are made

    def train(self, domain: Any, tasks: Any, **options: Any) -> Iterator[Event]:
        self.asked = {"domain": domain.name, "tasks": list(tasks), **options}
        options["out"].mkdir(parents=True, exist_ok=True)
        (options["out"] / "config.json").write_text("{}")
        total = options["frames"]
        if self.interrupt_at == -1:
            os.kill(os.getpid(), signal.SIGINT)
        yield Event(0, total, 0.0, {}, status="levels of Walk-v0", prepared=self.prepared)
        try:
            for number in range(1, 5):
                if number == self.interrupt_at:
                    os.kill(os.getpid(), signal.SIGINT)
                metrics = {"success_rate": number / 4, "loss": float("nan"), "planning_share": 0.125}
                yield Event(number * total // 4, total, number * 0.5, metrics)
        finally:
            self.tidied = True


@pytest.fixture
def gym(monkeypatch: pytest.MonkeyPatch) -> Gym:
    gym = Gym()
    monkeypatch.setitem(
        sys.modules,
        "neurosym.training",
        SimpleNamespace(train=gym.train, TrainingEvent=Event, TrainingConfig=SimpleNamespace),
    )
    return gym


def test_a_run_is_written_down(run: Run, walk: World, gym: Gym, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "run"
    settings = ("--seed", 3, "--device", "cpu", "--snapshots", 100, 200)
    said = run("train", "walk", "--frames", 400, "--out", out, *settings, "--json")
    assert said.code == 0
    expected = {"domain": "walk", "tasks": ["Walk-v0"], "frames": 400, "out": out, "resume": False, "seed": 3}
    expected["device"] = "cpu"
    assert set(gym.asked.pop("provenance")) == {"version", "commit", "command"}
    assert gym.asked.pop("config") == SimpleNamespace(snapshots=(100, 200), controller="typed")
    assert gym.asked == expected
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert [line["frames"] for line in lines] == [100, 200, 300, 400]
    assert lines[-1]["success_rate"] == 1.0
    assert list(out.glob("events.out.tfevents.*"))
    assert said.record["frames"] == 400
    assert said.record["metrics"] == {"success_rate": 1.0, "loss": None, "planning_share": 0.125}
    assert not said.record["interrupted"]
    assert "100.0% solved" in said.err


def test_options_may_be_told_what_to_do_in_words(run: Run, walk: World, gym: Gym, tmp_path: Path) -> None:
    run("train", "walk", "--frames", 400, "--out", tmp_path / "run", "--controller", "text")
    assert gym.asked["config"].controller == "text"


def test_a_device_that_is_not_here_leaves_nothing_behind(
    run: Run, walk: World, gym: Gym, tmp_path: Path
) -> None:
    said = run("train", "walk", "--device", "cuda:77", "--out", tmp_path / "run")
    assert said.code == 1
    assert "cuda:77" in said.err
    assert said.err.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_two_things_are_shown_one_after_the_other(run: Run, walk: World, gym: Gym, tmp_path: Path) -> None:
    gym.prepared = (7, 7)
    said = run("train", "walk", "--frames", 400, "--out", tmp_path / "run", "--json")
    assert said.err.splitlines() == [
        "preparing: 7 of 7, levels of Walk-v0",
        "training: 400 of 400, 100.0% solved, 12% planning",
    ]


def test_tensorboard_can_read_it(run: Run, walk: World, gym: Gym, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run("train", "walk", "--frames", 400, "--out", tmp_path / "run")
    board = EventAccumulator(str(tmp_path / "run"))
    board.Reload()
    points = [(point.step, point.value) for point in board.Scalars("success_rate")]
    assert points == [(100, 0.25), (200, 0.5), (300, 0.75), (400, 1.0)]


def test_weights_and_biases_can_read_it(
    run: Run, walk: World, gym: Gym, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("wandb", reason="Weights & Biases is not here")
    from wandb.proto.wandb_internal_pb2 import Record

    monkeypatch.delenv("WANDB_MODE", raising=False)
    assert run("train", "walk", "--frames", 400, "--out", tmp_path / "run", "--wandb", "walks").code == 0
    (written,) = (tmp_path / "run" / "wandb").glob("offline-run-*/run-*.wandb")
    records = [Record.FromString(data) for data in log_entries(written.read_bytes())]
    assert [r.history.step.num for r in records if r.HasField("history")] == [100, 200, 300, 400]


def log_entries(data: bytes) -> Iterator[bytes]:
    """Those of a log as LevelDB writes them, in blocks of 32 KiB, behind a header of 7 bytes.

    Each piece has a checksum, a length and a kind: 1 is a whole entry; 2, 3 and 4 begin one, go on with it and end it.
    """
    place, entry = 7, b""
    while place + 7 <= len(data):
        left = -place % 32768
        if 0 < left < 7:  # too little for a piece: padding
            place += left
            continue
        length, kind = struct.unpack_from("<HB", data, place + 4)
        entry += data[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):
            yield entry
            entry = b""


def test_weights_and_biases_may_be_missing(
    run: Run, walk: World, gym: Gym, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    said = run("train", "walk", "--out", tmp_path / "run", "--wandb", "walks")
    assert said.code == 1
    assert 'pip install "neurosym-rl[wandb]"' in said.complaint


def test_ctrl_c_keeps_what_was_learned(run: Run, walk: World, gym: Gym, tmp_path: Path) -> None:
    gym.interrupt_at = 2
    before = signal.getsignal(signal.SIGINT)
    said = run("train", "Walk-v1", "--frames", 400, "--out", tmp_path / "run", "--json")
    assert said.code == 130
    assert gym.tidied
    assert said.record["interrupted"]
    assert said.record["frames"] == 200
    assert f"neurosym train Walk-v1 --frames 400 --out {tmp_path / 'run'} --json --resume" in said.complaint
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_before_there_is_anything_to_keep(run: Run, walk: World, gym: Gym, tmp_path: Path) -> None:
    gym.interrupt_at = -1
    said = run("train", "walk", "--frames", 400, "--out", tmp_path)
    assert said.code == 130
    assert "nothing was learned yet" in said.err


def test_resume_goes_on(run: Run, walk: World, gym: Gym, tmp_path: Path) -> None:
    gym.interrupt_at = 2
    run("train", "walk", "--frames", 400, "--out", tmp_path)
    gym.interrupt_at = 0
    said = run("train", "walk", "--frames", 400, "--out", tmp_path, "--resume")
    assert said.code == 0
    assert gym.asked["resume"]
    frames = [json.loads(line)["frames"] for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert frames == [100, 200, 300, 400]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name at least one task"),
        (["wolk"], "nearest: walk"),
        (["walk", "--frames", "0"], "--frames must be at least 1"),
        (["walk", "--resume"], "there is no run to resume"),
    ],
)
def test_bad_usage(run: Run, walk: World, gym: Gym, tmp_path: Path, arguments: list[str], words: str) -> None:
    said = run("train", *arguments, "--out", tmp_path)
    assert said.code == 2
    assert words in said.complaint
    assert gym.asked == {}


def test_a_run_is_not_written_over(run: Run, walk: World, gym: Gym, tmp_path: Path) -> None:
    run("train", "walk", "--frames", 4, "--out", tmp_path)
    said = run("train", "walk", "--frames", 4, "--out", tmp_path)
    assert said.code == 2
    assert "holds a run already" in said.complaint


def test_a_folder_that_cannot_be_made(run: Run, walk: World, gym: Gym, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = run("train", "walk", "--out", tmp_path / "file" / "run")
    assert said.code == 1
    assert "Not a directory" in said.complaint


def test_forgetting_drops_what_came_later_and_what_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"frames": 1}\n{"frames": 2}\n{"frames": 3}\n{"fra')
    forget_after(path, 3)
    assert path.read_text() == '{"frames": 1}\n{"frames": 2}\n'


def test_the_diary_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    with RunDiary(tmp_path) as diary:
        diary.write(Event(5, 10, 1.0, {"loss": 0.5}))  # type: ignore[arg-type]
        assert json.loads((tmp_path / "metrics.jsonl").read_text()) == {
            "frames": 5,
            "seconds": 1.0,
            "loss": 0.5,
        }
