"""What a task's environment returns, read, and numbers brought to one measure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from neurosym.ablation.cell import play_cell
from neurosym.ablation.methods.view import MOST_DEVIATIONS, View, Whitening
from neurosym.ablation.records import CellKey, CellOrder
from neurosym.domain import load_domain
from neurosym.errors import DomainError
from tests.worlds import ALLEY


class Showing(gymnasium.Env[Any, Any]):
    def __init__(self, space: spaces.Space[Any]) -> None:
        self.observation_space = space


def viewed(monkeypatch: pytest.MonkeyPatch, space: spaces.Space[Any]) -> View:
    monkeypatch.setattr(ALLEY, "make_env", lambda _: Showing(space))
    return View(ALLEY, "Alley-v0")


MIXED = spaces.Dict(
    {
        "mission": spaces.Text(9),
        "which": spaces.Discrete(3, start=5),
        "lamps": spaces.MultiBinary((2, 2)),
        "heat": spaces.Box(-1, 1, (2,)),
        "pair": spaces.MultiDiscrete([4, 2]),
        "image": spaces.Box(0, 255, (1, 2), np.uint8),
    }
)


def test_each_choice_has_rows_of_its_own_and_numbers_stay_what_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view = viewed(monkeypatch, MIXED)
    seen = [MIXED.sample() for _ in range(200)]
    batch = {key: np.stack([one[key] for one in seen]) for key in MIXED.spaces if key != "mission"}
    rows, numbers = view.choices(batch), view.numbers(batch)
    assert (rows.dtype, rows.shape, numbers.shape) == (np.int32, (200, view.width), (200, view.dense))
    assert (view.rows, view.width, view.dense) == (1 + 3 + 8 + 6, 7, 4)
    said = [set(column) for column in rows.T.tolist()]
    assert set().union(*said) == set(range(1, view.rows)), "each row is said by somebody"
    assert sum(map(len, said)) == view.rows - 1, "and by one entry alone"
    for number, one in zip(numbers, seen, strict=True):
        assert sorted(number) == pytest.approx(sorted([*one["heat"], *one["image"].reshape(-1)]))


def test_a_view_of_numbers_alone_names_the_row_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    view = viewed(monkeypatch, spaces.Box(-9, 9, (3,)))
    batch = {"observation": np.ones((4, 3)), "mission": ["go"] * 4}
    assert view.choices(batch).tolist() == [[0]] * 4
    assert view.numbers(batch).shape == (4, 3)


def test_a_view_of_choices_alone_has_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    view = viewed(monkeypatch, spaces.Discrete(7))
    batch = {"observation": np.arange(7)}
    assert view.choices(batch)[:, 0].tolist() == list(range(1, 8))
    assert view.numbers(batch).shape == (7, 0)
    assert Whitening(0)(view.numbers(batch)).shape == (7, 0)


def test_observations_that_a_domain_keeps_whole_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    space = spaces.Dict({"which": spaces.Tuple([spaces.Discrete(3), spaces.Box(0, 9, (2,))])})
    view = viewed(monkeypatch, space)
    batch = {"observation": [{"which": (2, np.array([7.0, 1.0]))}, {"which": (0, np.array([0.0, 5.0]))}]}
    assert view.choices(batch).tolist() == [[3], [1]]
    assert view.numbers(batch).tolist() == [[7, 1], [0, 5]]


def test_every_state_of_taxi_looks_like_itself() -> None:
    """500 of them; a policy that is told the raw view has to tell them apart."""
    domain = load_domain("taxi")
    view = View(domain, next(task.id for task in domain.tasks() if task.available))
    batch = domain.stack(list(range(500)))
    assert len(np.unique(view.choices(batch))) == 500


@pytest.mark.parametrize("name", ["flat-raw", "flat-raw-recurrent", "flat-count", "flat-rnd"])
@pytest.mark.parametrize("domain", ["taxi", "frozenlake", "officeworld"])
def test_the_raw_view_of_other_domains_is_learned_from(domain: str, name: str, tmp_path: Path) -> None:
    task = next(task.id for task in load_domain(domain).tasks() if task.available)
    record = play_cell(CellOrder(CellKey(name, task, 0), domain, frames=1, points=1, episodes=1), tmp_path)
    assert (record.status, record.reason) == ("done", "")
    assert not any(episode.error for episode in record.episodes)


def test_a_choice_that_is_not_of_its_space_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    view = viewed(monkeypatch, spaces.Dict({"which": spaces.Discrete(3)}))
    with pytest.raises(DomainError, match=r"Alley-v0: its observation\['which'\] is not of its space"):
        view.choices({"which": np.array([3])})


def test_a_space_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DomainError, match="Alley-v0: its observation is a Text space: Box, Discrete"):
        viewed(monkeypatch, spaces.Text(9))


def test_whitened_numbers_have_mean_0_and_deviation_1() -> None:
    rng, whitening = np.random.default_rng(0), Whitening(2)
    numbers = rng.normal([5, -100], [0.1, 30], (5_000, 2))
    for part in np.array_split(numbers, 7):
        whitening.count(part)
    told = whitening(numbers)
    assert told.dtype == np.float32
    np.testing.assert_allclose(told.mean(0), 0, atol=1e-3)
    np.testing.assert_allclose(told.std(0), 1, atol=1e-3)


def test_what_never_varies_is_nothing_and_what_is_far_off_is_cut() -> None:
    whitening = Whitening(1)
    for _ in range(1_000):
        whitening.count(np.full((8, 1), 10.0))
    assert abs(whitening(np.array([[10.0]]))[0, 0]) < 1e-3
    assert whitening(np.array([[11.0]]))[0, 0] == MOST_DEVIATIONS
