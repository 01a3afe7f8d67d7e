"""The tabular controller."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from neurosym.errors import CheckpointError
from neurosym.options import (
    Features,
    FeatureSpec,
    OptionNetwork,
    QTable,
    TableConfig,
    load_table,
    save_checkpoint,
    save_table,
    weights_digest,
)

SPEC = FeatureSpec(rows=20, width=2, dense=0, actions=3)
GAMMA = 0.9


def states(*rows: tuple[int, int]) -> Features:
    return Features(np.array(rows, dtype=np.int32).reshape(-1, 2), np.zeros((len(rows), 0), np.float32))


def corridor(length: int, slip: float = 0.0, steps: int = 4000, seed: int = 0, **settings: float) -> QTable:
    """A table that has practised in a corridor: action 1 goes right, 2 left, and the right end is the subgoal."""
    rng = np.random.default_rng(seed)
    table = QTable(SPEC, TableConfig(gamma=GAMMA, **settings), epsilon=0.1)  # type: ignore[arg-type]
    place = 1
    for _ in range(steps):
        action = int(table.act(states((place, 0)), rng)[0])
        moved = 0 if rng.random() < slip else (0, 1, -1)[action]
        after = min(max(place + moved, 1), length)
        done = float(after == length)
        one = np.array([action]), np.array([done]), np.array([0.0 if done else GAMMA])
        table.learn(states((place, 0)), *one, states((after, 0)))
        place = 1 if done else after
    return table


def test_values_are_the_discounted_chance_of_success() -> None:
    table = corridor(6)
    for place in range(1, 6):
        assert table.efforts((states((place, 0)).sparse, np.zeros((1, 0), np.float32)))[0] == pytest.approx(
            6 - place
        )
    table.epsilon = 0.0
    assert (
        table.act(states(*[(place, 0) for place in range(1, 6)]), np.random.default_rng(0)).tolist()
        == [1] * 5
    )


def test_chance_of_failure_counts_as_delay() -> None:
    """Each step comes off with chance p: v = p (gamma v' ) + (1 - p) gamma v."""
    p = 0.6
    table = corridor(3, slip=1 - p, steps=40_000, decay=0.85)
    last = p / (1 - (1 - p) * GAMMA)
    first = p * GAMMA * last / (1 - (1 - p) * GAMMA)
    expected = [1 + np.log(value) / np.log(GAMMA) for value in (first, last)]
    found = table.efforts((states((1, 0), (2, 0)).sparse, np.zeros((2, 0), np.float32)))
    assert found == pytest.approx(expected, abs=0.35)


def test_what_was_never_tried_is_thought_the_best() -> None:
    table = QTable(SPEC, TableConfig(gamma=GAMMA))
    nothing = states((1, 0))
    table.learn(nothing, np.array([0]), np.array([0.0]), np.array([0.0]), nothing)
    drawn = {int(table.act(nothing, np.random.default_rng(seed))[0]) for seed in range(30)}
    assert drawn == {1, 2}
    assert table.efforts((states((7, 7)).sparse, np.zeros((1, 0), np.float32))).tolist() == [1.0]


def test_epsilon_is_the_share_of_chance() -> None:
    table = QTable(SPEC, epsilon=0.3)
    many = states(*[(1, 0)] * 6000)
    table.learn(states((1, 0)), np.array([1]), np.array([0.0]), np.array([0.0]), states((1, 0)))
    table.learn(states((1, 0)), np.array([2]), np.array([0.0]), np.array([0.0]), states((1, 0)))
    actions = table.act(many, np.random.default_rng(1))
    assert np.bincount(actions, minlength=3) / 6000 == pytest.approx([0.8, 0.1, 0.1], abs=0.02)


def test_it_grows_and_keeps_what_it_knows() -> None:
    spec = FeatureSpec(rows=3000, width=1, dense=0, actions=2)
    table = QTable(spec)
    for row in range(1, 2000):
        one = Features(np.array([[row]], np.int32), np.zeros((1, 0), np.float32))
        table.learn(one, np.array([1]), np.array([row / 2000]), np.array([0.0]), one)
    keys, values, visits = table.tables()
    assert len(table) == len(keys) == 1999
    assert values[:, 1] == pytest.approx(keys[:, 0] / 2000)
    assert visits.sum() == 1999


def test_it_knows_where_it_learned_and_not_what_it_was_asked() -> None:
    table = corridor(4)
    table.act(states((9, 0)), np.random.default_rng(0))
    assert [table.knows(states((place, 0)).sparse) for place in (1, 3, 4, 9)] == [True, True, False, False]


def test_only_a_learning_table_remembers() -> None:
    table = QTable(SPEC)
    table.remember("(go a b)", 3.0)
    assert table.remembered == {}
    table.learning = True
    table.remember("(go a b)", 3.0)
    assert table.remembered == {"(go a b)": 3.0}


def test_numbers_are_no_states() -> None:
    with pytest.raises(ValueError, match="discrete features alone, and 2 of these are numbers"):
        QTable(FeatureSpec(rows=3, width=1, dense=2, actions=2))


@pytest.mark.parametrize(
    "wrong",
    [{"gamma": 1.0}, {"gamma": 0.0}, {"learning_rate": 0.0}, {"decay": 1.1}, {"epsilon": -0.1}, {"goals": 0},
     {"interruption": -1.0}],
)  # fmt: skip
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TableConfig(**wrong)  # type: ignore[arg-type]


def test_a_table_is_saved_and_loaded(tmp_path: Path) -> None:
    table = corridor(5)
    table.remembered = {"(walk end)": 4.0}
    save_table(tmp_path, table, {"frames": 4000})
    found, meta = load_table(tmp_path, SPEC)
    assert meta == {"frames": 4000}
    assert (found.config, found.remembered, len(found)) == (table.config, table.remembered, len(table))
    for mine, theirs in zip(table.tables(), found.tables(), strict=True):
        assert np.array_equal(mine, theirs)
    assert len(weights_digest(tmp_path)) == 64


def test_a_table_for_other_features_is_refused(tmp_path: Path) -> None:
    save_table(tmp_path, corridor(4))
    with pytest.raises(CheckpointError, match="made for other features: actions 3 instead of 4"):
        load_table(tmp_path, FeatureSpec(rows=20, width=2, dense=0, actions=4))


def test_a_network_is_no_table(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, OptionNetwork(SPEC, (4,), seed=0))
    with pytest.raises(CheckpointError, match="config is missing"):
        load_table(tmp_path)


def test_a_damaged_table_is_refused_in_one_line(tmp_path: Path) -> None:
    save_table(tmp_path, corridor(4))
    (path,) = tmp_path.glob("table-*.safetensors")
    path.write_bytes(path.read_bytes()[:-3] + b"abc")
    with pytest.raises(CheckpointError, match="corrupt or changed"):
        load_table(tmp_path)
