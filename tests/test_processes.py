"""Jobs in other processes: all are done, errors come back, and no process outlives whoever wanted it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from neurosym import processes
from neurosym.processes import cores, in_processes

REPOSITORY = Path(__file__).parents[1]


def test_every_job_is_done_by_so_many_processes() -> None:
    outcomes = [outcome for outcome in in_processes([os.getpid] * 6, 2) if outcome is not None]
    assert sorted(number for number, _ in outcomes) == [0, 1, 2, 3, 4, 5]
    assert len({pid for _, pid in outcomes} | {os.getpid()}) == 3, (
        "two processes, and neither of them is this one"
    )


def test_what_is_prepared_comes_before_the_jobs(tmp_path: Path) -> None:
    jobs = [partial(os.path.exists, tmp_path / "made")]
    outcomes = in_processes(jobs, 1, prepare=partial(os.mkdir, tmp_path / "made"))
    assert [outcome for outcome in outcomes if outcome] == [(0, True)]


def test_no_jobs_need_no_process() -> None:
    assert list(in_processes([], 2)) == []


def test_a_process_is_needed() -> None:
    with pytest.raises(ValueError, match="at least one process is needed, got 0"):
        next(in_processes([os.getpid], 0))


def do_both(jobs: list[Any]) -> tuple[int, list[Any]]:
    return os.getpid(), list(in_processes(jobs, 2))


def test_a_process_that_may_start_none_does_its_jobs_itself(tmp_path: Path) -> None:
    jobs = [os.getpid, partial(os.path.exists, tmp_path)]
    (outcome,) = (one for one in in_processes([partial(do_both, jobs)], 1) if one)
    pid, found = outcome[1]
    assert pid != os.getpid()
    assert found == [(0, pid), (1, True)]


def test_an_error_comes_back() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_processes([partial(divmod, 1, 0)], 1))


def test_a_process_that_ends_by_itself_is_missed() -> None:
    with pytest.raises(RuntimeError, match="ended before its job was done, exit code 3"):
        list(in_processes([partial(os._exit, 3)], 1))


def test_a_script_that_would_run_itself_again_is_told_so(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import os\nfrom neurosym.processes import in_processes\nlist(in_processes([os.getpid], 1))\n"
    )
    paths = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([sys.executable, script], env=paths, capture_output=True, text=True, timeout=60)
    said = done.stderr.splitlines()
    assert 'put what the script does under `if __name__ == "__main__":`' in said[0]
    assert said[1].startswith("Traceback"), "of the script itself, and of nothing else"
    assert said[-1] == "RuntimeError: a process ended before its job was done, exit code 1"
    assert done.stderr.count("Traceback") == 1


def test_a_listener_hears_something_while_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "HEARTBEAT_SECONDS", 0.01)
    outcomes = list(in_processes([partial(time.sleep, 0.2)], 1))
    assert outcomes[-1] == (0, None)
    assert set(outcomes[:-1]) == {None}


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_closing_ends_the_processes_at_once() -> None:
    jobs = [os.getpid, partial(time.sleep, 60)]
    with closing(in_processes(jobs, 1)) as outcomes:
        pid = next(outcome for outcome in outcomes if outcome)[1]
        assert alive(pid)
    assert not alive(pid)


UNTIDY = r"""
import pathlib, time
(folder / "busy").touch()
try:
    time.sleep(60)
finally:
    (folder / "busy").unlink()
"""


def test_a_job_that_is_ended_can_tidy_up(tmp_path: Path) -> None:
    with closing(in_processes([partial(exec, UNTIDY, {"folder": tmp_path})], 1)) as outcomes:
        while not (tmp_path / "busy").exists():
            assert next(outcomes) is None
    assert not (tmp_path / "busy").exists()


SCRIPT = r"""
import os, signal, sys, time
from neurosym.processes import in_processes

signal.signal(signal.SIGINT, signal.default_int_handler)  # who starts the tests in the background has it ignored

def work():
    os.write(1, f"{os.getpid()}\n".encode())
    time.sleep(float(sys.argv[1]))

if __name__ == "__main__":
    print("started", flush=True)
    try:
        for _ in in_processes([work] * 2, 2):
            pass
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


def script(folder: Path, seconds: float) -> subprocess.Popen[str]:
    """Two processes that tell their ids and sleep; all in a process group of their own, like a terminal's."""
    (folder / "script.py").write_text(SCRIPT)
    return subprocess.Popen(
        [sys.executable, folder / "script.py", str(seconds)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def lines(running: subprocess.Popen[str], count: int) -> list[str]:
    assert running.stdout is not None
    return [running.stdout.readline().strip() for _ in range(count)]


def gone(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups here")
@pytest.mark.parametrize(("printed", "delay"), [(1, 0.04), (1, 0.06), (1, 0.08), (1, 0.1), (3, 0.0)])
def test_ctrl_c_ends_everything_without_a_word(tmp_path: Path, printed: int, delay: float) -> None:
    """While the processes start, which they do for longer than a tenth of a second, and while they work."""
    with script(tmp_path, 60) as running:
        pids = lines(running, printed)[1:]
        time.sleep(delay)
        os.killpg(running.pid, signal.SIGINT)
        out, err = running.communicate(timeout=10)
    assert out.splitlines()[-1:] == ["interrupted"]
    assert err == ""
    assert not any(alive(int(pid)) for pid in pids)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_processes_end_with_their_parent(tmp_path: Path) -> None:
    """Even a parent that had no time to say goodbye: they end when the job in hand is done."""
    with script(tmp_path, 0.5) as running:
        pids = [int(pid) for pid in lines(running, 3)[1:]]
        running.kill()
        assert all(gone(pid, 10) for pid in pids)
        assert running.communicate(timeout=10)[1] == ""


def test_there_is_a_core() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
