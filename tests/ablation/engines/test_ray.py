"""Cells on a Ray cluster of two nodes, one of which is killed half-way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from neurosym.ablation.engines.local import LocalEngine
from neurosym.ablation.engines.ray_tasks import RayEngine
from neurosym.ablation.grid import play_cells
from neurosym.ablation.records import CellRecord
from neurosym.ablation.store import Store
from neurosym.errors import NeurosymError
from tests.ablation import players
from tests.ablation.engines.conftest import order

pytest.importorskip("ray", reason="Ray is not installed")
pytestmark = [
    # Ray leaves sockets, pipes and processes to the garbage collector, and warns of its own defaults.
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ROOT = Path(__file__).parents[3]
ORDERS = [order(seed) for seed in range(6)]
Diary = Callable[[], list[str]]


@pytest.fixture
def cluster(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head with one core, on this machine's loopback."""
    import ray
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    cluster = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    yield cluster
    ray.shutdown()
    cluster.shutdown()


NODE = {"num_cpus": 1, "object_store_memory": 80_000_000}


def played(
    engine: Any, folder: Path, player: Any, heed: Callable[[list[CellRecord]], None] = id
) -> list[CellRecord]:
    """All cells, by their keys; `heed` is told of those that are done whenever there is news."""
    cells: list[CellRecord] = []
    with Store(folder, {}, {}) as store, closing(play_cells(store, ORDERS, player, engine, 2)) as stream:
        for news in stream:
            if isinstance(news, CellRecord):
                cells.append(news)
            heed(cells)
    return sorted(cells, key=lambda cell: cell.key)


def test_a_node_is_killed_half_way(cluster: Any, tmp_path: Path, diary: Diary) -> None:
    node = cluster.add_node(**NODE)
    cluster.wait_for_nodes()

    def kill_half_way(done: list[CellRecord]) -> None:
        waiting = [line for line in diary() if line.startswith("waits")]
        if (
            len(done) == 3 and len(waiting) == 5 and not players.gate().exists()
        ):  # a cell waits on either node
            cluster.remove_node(node, allow_graceful=False)
            players.gate().touch()

    cells = played(RayEngine(cluster.address), tmp_path / "ray", players.play_when_told, kill_half_way)
    assert len([line for line in diary() if line.startswith("waits")]) == 7, (
        "the cell on that node began again"
    )
    assert [cell.status for cell in cells] == ["done"] * 6
    assert cells == played(LocalEngine(), tmp_path / "local", players.play), "the same numbers as here"
    page = tmp_path / "ray" / ORDERS[5].key.folder / "replays" / "success.html"
    assert page.read_text() == str(ORDERS[5].key), "other files come back too"


def test_a_cluster_of_this_machine_alone(
    tmp_path: Path, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    cells = played(RayEngine(), tmp_path / "ray", players.stumble)
    assert [cell.status for cell in cells] == ["failed", *["done"] * 5]
    assert not ray.is_initialized()


def test_there_is_no_cluster(tmp_path: Path) -> None:
    with pytest.raises(NeurosymError, match=r"no Ray cluster at 127\.0\.0\.1:1"):
        played(RayEngine("127.0.0.1:1"), tmp_path, players.play)
