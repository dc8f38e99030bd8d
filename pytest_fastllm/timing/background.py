"""Work that a sample leaves behind, waited for before the next sample so that no side pays for the other's.

Nobody can list all executors, logging workers and queues of a process, so this asks for none of them. It looks at
what shows of each: where every other thread and task stands, which is its stack. A worker that waits for work
always comes back to the same place, and places of rest are learned: whoever stands still until the longest wait
is over rests there. A thread that was woken and has not had its turn, and one that Python does not know (of a
Rust or C library), show by their state, or where the system does not tell it by the process's CPU time.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from .thread_states import others_run

if TYPE_CHECKING:
    from collections.abc import Container, Hashable, Iterator, Sequence
    from types import FrameType

    Place = tuple[tuple[int, int], ...]

BACKGROUND = "background"
LONGEST_WAIT_S = 0.05
# A thread that was just woken has its turn within this time.
FIRST_PAUSE_S = 100e-6
_LONGEST_PAUSE_S = 2e-3
_WAITED_IN_VAIN = 3
_ALERT_SAMPLES = 16
_QUIET_NS = 20_000  # waking up and going back to sleep
_WOKEN_NS = 5_000
# Of a sample this long a look at everybody (some microseconds for each) is a small part.
_LONG_SAMPLE_NS = 1_000_000
_QUIET_SHARE = 0.1
_AT_MOST = 0.02


def threads_standing(own: Container[int | None] = ()) -> dict[Hashable, Place]:
    """Where all threads but this one and ``own`` stand, by their idents."""
    here = threading.get_ident()
    frames = sys._current_frames()
    return {ident: _stack(frame) for ident, frame in frames.items() if ident != here and ident not in own}


def tasks_standing() -> dict[Hashable, Place]:
    """Where all tasks of the running loop but the current one stand."""
    here = asyncio.current_task()
    return {task: _awaiting(task.get_coro()) for task in asyncio.all_tasks() if task is not here}


def _stack(frame: FrameType | None) -> Place:
    place = []
    while frame is not None:
        place.append((id(frame.f_code), frame.f_lasti))
        frame = frame.f_back
    return tuple(place)


def _awaiting(awaited: Any) -> Place:
    place = []
    while (frame := getattr(awaited, "cr_frame", None)) is not None:
        place.append((id(frame.f_code), frame.f_lasti))
        awaited = awaited.cr_await
    return tuple(place)


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _others_ns() -> int:
    return time.process_time_ns() - time.thread_time_ns()


class Background:
    """Waits until everybody whom a sample left at work rests, each time for 50 ms at the most.

    Args:
        own: threads that are measured, and rest between samples.
    """

    def __init__(self, own: Sequence[threading.Thread] = ()) -> None:
        """Whoever is there already is not the workload's, and rests where it stands."""
        self._own = {thread.ident for thread in own}
        self._own_native = {thread.native_id for thread in own}
        self._rests = set(self._standing(tasks=_in_loop()).values())
        self._in_vain: Counter[Hashable] = Counter()
        self._alert = 0
        self._tasks = 0
        self._threads = 0
        self._work_ns = 0
        self._measured_ns = 0

    def after_call(self) -> None:
        """Wait after a single untimed call."""
        for pause_s in self.pauses(others_ns=0, first=True):
            time.sleep(pause_s)

    def after_sample(self, process_ns: int, measured_ns: int) -> None:
        """Wait after a sample.

        Args:
            process_ns, measured_ns: CPU time of the process and of the measured threads during the sample.
        """
        self._measured_ns += measured_ns
        for pause_s in self.pauses(process_ns - measured_ns, look=measured_ns > _LONG_SAMPLE_NS):
            time.sleep(pause_s)

    async def after_awaited_call(self) -> None:
        """Wait after a single untimed call in the running loop."""
        for pause_s in self.pauses(others_ns=0, first=True, tasks=True):
            await asyncio.sleep(pause_s)

    async def after_awaited_sample(self, process_ns: int, measured_ns: int) -> None:
        """Wait after a sample in the running loop."""
        self._measured_ns += measured_ns
        for pause_s in self.pauses(process_ns - measured_ns, tasks=True):
            await asyncio.sleep(pause_s)

    def pauses(
        self, others_ns: int, *, look: bool = True, first: bool = False, tasks: bool = False
    ) -> Iterator[float]:
        """The pauses to make, in seconds, until everybody rests.

        Args:
            others_ns: CPU time of other threads during the sample.
            look: whether to look at everybody even where nothing hints at work.
            first: whether to give everybody a chance to show even where nobody seems to be at work.
            tasks: whether the tasks of the running loop count too.
        """
        woken = self._alert > 0 or others_ns > _WOKEN_NS
        if not (woken or look or tasks):
            return
        standing = self._standing(tasks)
        at_work = self._restless(standing)
        woken = woken or (first and bool(standing))
        # A task at rest may have been called; it then moves in the loop's next round.
        if not (at_work or woken or any(not isinstance(worker, int) for worker in standing)):
            return
        still_since_s = {worker: (standing[worker], time.monotonic()) for worker in at_work}
        seen = set(at_work)
        deadline_s = time.monotonic() + LONGEST_WAIT_S
        begun_ns = last_ns = _others_ns()
        pause_s = FIRST_PAUSE_S if woken else 0.0
        while True:
            paused_s = time.monotonic()
            yield pause_s
            now_s, now_ns = time.monotonic(), _others_ns()
            used_ns, last_ns = now_ns - last_ns, now_ns
            # First, for a thread that was woken stands where it rested until it has its turn.
            busy = self._busy(used_ns, now_s - paused_s)
            standing = self._standing(tasks)
            at_work = self._restless(standing)
            seen |= at_work
            for worker in at_work:
                if still_since_s.get(worker, ((), 0.0))[0] != standing[worker]:
                    still_since_s[worker] = standing[worker], now_s
            if not at_work and not busy:
                break
            if now_s > deadline_s:
                self._learn({worker: still_since_s[worker] for worker in at_work}, now_s)
                break
            pause_s = min(max(2 * pause_s, FIRST_PAUSE_S), _LONGEST_PAUSE_S)
        self._count(seen, last_ns - begun_ns)

    def _busy(self, used_ns: int, pause_s: float) -> bool:
        if self._in_vain[None] >= _WAITED_IN_VAIN:
            return False
        run = others_run(self._own_native)
        return used_ns > max(_QUIET_NS, _QUIET_SHARE * pause_s * 1e9) if run is None else run

    def _standing(self, tasks: bool) -> dict[Hashable, Place]:
        return threads_standing(self._own) | (tasks_standing() if tasks else {})

    def _restless(self, standing: dict[Hashable, Place]) -> set[Hashable]:
        return {
            worker
            for worker, place in standing.items()
            if place not in self._rests and self._in_vain[worker] < _WAITED_IN_VAIN
        }

    def _learn(self, still_since_s: dict[Hashable, tuple[Place, float]], now_s: float) -> None:
        for worker, (place, since_s) in still_since_s.items():
            if now_s - since_s > LONGEST_WAIT_S / 2:
                self._rests.add(place)
            else:  # always at work: waited for a few times, not after every sample
                self._in_vain[worker] += 1
        if not still_since_s or any(self._in_vain[worker] for worker in still_since_s):
            self._in_vain[None] += 1  # and so is the processor

    def _count(self, seen: set[Hashable], work_ns: int) -> None:
        threads = sum(isinstance(worker, int) for worker in seen)
        self._tasks += len(seen) - threads
        if threads or work_ns > _QUIET_NS:
            self._threads += 1
            self._alert = _ALERT_SAMPLES
        else:
            self._alert = max(0, self._alert - 1)
        if self._measured_ns:  # samples have begun
            self._work_ns += work_ns

    @property
    def share(self) -> float:
        """CPU time of other threads after samples relative to that of the samples."""
        return max(0.0, self._work_ns / self._measured_ns) if self._measured_ns else 0.0

    @property
    def figures(self) -> dict[str, float]:
        """How often tasks and threads were found at work after a call or sample, and how much they did."""
        if not self._tasks and not self._threads:
            return {}
        return {
            "background_tasks": float(self._tasks),
            "background_threads": float(self._threads),
            "background_work": self.share,
        }

    @property
    def warnings(self) -> tuple[str, ...]:
        """``background`` where more than 2 % of the samples' work was done after them, in neither side's time."""
        return (BACKGROUND,) if self.share > _AT_MOST else ()
