"""Every planning engine by its name: the embedded one, and whatever unified-planning knows and finds installed.

Importing `neurosym.planning` calls `register`, so that
`unified_planning.shortcuts.OneshotPlanner(name="neurosym")` works for anyone. unified-planning's model takes
more than a second to import; where nobody has asked for it yet, the engine is put into each environment at
the moment that one is made.
"""

from __future__ import annotations

import functools
import gc
import importlib
import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from neurosym.errors import EngineError, PlanningError, UnknownNameError
from neurosym.planning.interop import plan_from_unified_planning, to_unified_planning
from neurosym.planning.search import EmbeddedPlanner, Planner
from neurosym.symbols import PlanResult, PlanStatus, Problem

__all__ = ["ENGINE_NAME", "EngineStatus", "UnifiedPlanner", "engines", "planner", "register"]

ENGINE_NAME = "neurosym"

# The planners that unified-planning 1.3 lists, and the distribution that brings each.
_DISTRIBUTIONS = {
    "fast-downward": "up-fast-downward",
    "fast-downward-opt": "up-fast-downward",
    "symk": "up-symk",
    "symk-opt": "up-symk",
    "pyperplan": "up-pyperplan",
    "pyperplan-opt": "up-pyperplan",
    "enhsp": "up-enhsp",
    "enhsp-opt": "up-enhsp",
    "enhsp-any": "up-enhsp",
    "tamer": "up-tamer",
    "lpg": "up-lpg",
    "fmap": "up-fmap",
    "aries": "up-aries",
}


class EngineStatus(NamedTuple):
    """One line of the list of engines.

    Attributes:
        reason: why it is missing; empty when it is available.
    """

    name: str
    available: bool
    reason: str


def planner(name: str, **options: Any) -> Planner:
    """The engine called `name`, with the options of its own.

    Raises:
        UnknownNameError: nobody knows this name.
        EngineError: the engine is known but not installed.
    """
    if name == ENGINE_NAME:
        return EmbeddedPlanner(**options)
    if name in _installed():
        return UnifiedPlanner(name, options)
    if name in _DISTRIBUTIONS:
        raise EngineError(f"the engine {name} is not available: {_why_missing(name)}")
    raise UnknownNameError("engine", name, {ENGINE_NAME, *_DISTRIBUTIONS, *_installed()})


def engines() -> list[EngineStatus]:
    """The embedded engine, then every other known one by name; imports unified-planning in full."""
    installed = _installed()
    rows = [EngineStatus(ENGINE_NAME, True, "")]
    for name in sorted({*_DISTRIBUTIONS, *installed} - {ENGINE_NAME}):
        rows.append(EngineStatus(name, name in installed, "" if name in installed else _why_missing(name)))
    return rows


def _installed() -> list[str]:
    from unified_planning.environment import get_environment

    factory = get_environment().factory
    return [name for name in factory.engines if "[" not in name and factory.engine(name).is_oneshot_planner()]


def _why_missing(name: str) -> str:
    from unified_planning.engines.factory import DEFAULT_ENGINES

    hint = f"pip install {_DISTRIBUTIONS[name]}"
    module = DEFAULT_ENGINES[name][0] if name in DEFAULT_ENGINES else _DISTRIBUTIONS[name].replace("-", "_")
    try:
        importlib.import_module(module)
    except Exception as error:  # an engine may fail to import for any reason of its own
        return f"{' '.join(str(error).split())} ({hint})"
    return f"unified-planning does not list it ({hint})"


def register() -> None:
    """Make the embedded planner known to unified-planning, now and in every environment made later."""
    from unified_planning import environment

    kind = environment.Environment
    if getattr(kind.__init__, "_adds_neurosym", False):
        return
    original = kind.__init__

    @functools.wraps(original)
    def initialise(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        _add_engine(self)

    initialise._adds_neurosym = True  # type: ignore[attr-defined]
    kind.__init__ = initialise  # type: ignore[method-assign]
    if environment.GLOBAL_ENVIRONMENT is not None:
        _add_engine(environment.GLOBAL_ENVIRONMENT)


def _add_engine(environment: Any) -> None:
    if ENGINE_NAME not in environment.factory.engines:
        environment.factory.add_engine(ENGINE_NAME, "neurosym.planning.up_engine", "NeurosymEngine")


class UnifiedPlanner:
    """A unified-planning engine behind this package's interface.

    Args:
        name: as unified-planning calls it, such as "fast-downward".
        options: the engine's own parameters.

    A time limit is passed on. An engine that runs in this process and does not know time limits, as
    pyperplan, is interrupted by an alarm where the platform has one and this is the main thread; elsewhere
    it is late.
    """

    def __init__(self, name: str, options: dict[str, Any] | None = None) -> None:
        self.name, self._options = name, options or {}

    def plan(self, problem: Problem, *, time_limit_s: float) -> PlanResult:
        """The engine's answer.

        Raises:
            EngineError: the engine cannot handle this kind of problem, or failed.
        """
        start = time.perf_counter()
        try:
            with _quiet(), _alarm(time_limit_s) as alarm:
                return self._result(self._solve(problem, time_limit_s), problem, start)
        except _TimeUpError:
            return self._answer(PlanStatus.TIMED_OUT, start, f"no plan within {time_limit_s:g} s")
        except PlanningError:
            raise
        except Exception as error:  # engines raise what they like
            if alarm.rang:
                return self._answer(PlanStatus.TIMED_OUT, start, f"no plan within {time_limit_s:g} s")
            raise EngineError(
                f"{self.name} failed: {' '.join(str(error).split()) or type(error).__name__}"
            ) from error

    def _solve(self, problem: Problem, time_limit_s: float) -> Any:
        up_problem = to_unified_planning(problem)
        factory = up_problem.environment.factory
        with factory.OneshotPlanner(name=self.name, params=self._options) as engine:
            unsupported = up_problem.kind.features - type(engine).supported_kind().features
            if unsupported:
                raise EngineError(f"{self.name} does not support {', '.join(sorted(unsupported)).lower()}")
            try:
                return engine.solve(up_problem, timeout=time_limit_s)
            except _TimeUpError:
                _kill(getattr(engine, "_process", None))
                raise

    def _result(self, answer: Any, problem: Problem, start: float) -> PlanResult:
        status = _STATUSES.get(answer.status.name, PlanStatus.GAVE_UP)
        if status is PlanStatus.SOLVED and answer.plan is not None:
            plan = plan_from_unified_planning(answer.plan, problem)
            return PlanResult(status, plan, time.perf_counter() - start, self.name)
        said = answer.status.name.lower().replace("_", " ")
        return self._answer(
            PlanStatus.GAVE_UP if status is PlanStatus.SOLVED else status, start, f"it said: {said}"
        )

    def _answer(self, status: PlanStatus, start: float, reason: str) -> PlanResult:
        return PlanResult(status, None, time.perf_counter() - start, self.name, reason)


_STATUSES = {
    "SOLVED_SATISFICING": PlanStatus.SOLVED,
    "SOLVED_OPTIMALLY": PlanStatus.SOLVED,
    "UNSOLVABLE_PROVEN": PlanStatus.UNSOLVABLE,
    "TIMEOUT": PlanStatus.TIMED_OUT,
}


@contextmanager
def _quiet() -> Iterator[None]:
    """No credits on standard output, no warnings about limits an engine does not know."""
    from unified_planning.environment import get_environment

    environment = get_environment()
    stream, environment.credits_stream = environment.credits_stream, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        environment.credits_stream = stream


def _kill(process: Any) -> None:
    """End a planner that unified-planning started in a session of its own, and what that started."""
    if process is not None and process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


class _TimeUpError(Exception):
    """The alarm rang."""


class _Alarm:
    rang = False

    def ring(self, *_: object) -> None:
        self.rang = True
        raise _TimeUpError


@contextmanager
def _alarm(seconds: float) -> Iterator[_Alarm]:
    """Interrupt after `seconds` and a little, so that an engine with a clock of its own is faster.

    A timer that somebody else has set goes on afterwards; where it would ring first it is left alone. The
    garbage collector rests meanwhile: what an alarm raises inside one of its callbacks would be lost.
    """
    alarm, own = _Alarm(), 1.1 * seconds + 0.2
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield alarm
        return
    other, start = signal.getitimer(signal.ITIMER_REAL)[0], time.perf_counter()
    if not 0 < seconds < 1e8 or 0 < other < own:
        yield alarm
        return
    previous = signal.signal(signal.SIGALRM, alarm.ring)
    collects = gc.isenabled()
    gc.disable()
    signal.setitimer(signal.ITIMER_REAL, own)
    try:
        yield alarm
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if other:
            signal.setitimer(signal.ITIMER_REAL, max(0.001, other - (time.perf_counter() - start)))
        if collects:
            gc.enable()
