"""Driving a workload from N threads that live for the whole comparison."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Any

from ..errors import WorkloadError
from .background import Background
from .executors import call_once
from .loops import time_calls_ns
from .run_delay import RunDelay
from .spill import SpillOver

if TYPE_CHECKING:
    from .steps import CallOnce, TimeCalls

# Each thread's share of a sample. Under the GIL a thread runs for a switch interval (5 ms) at a time: of less to do, it
# would be done before another has its turn. Of more, samples last so long that a row has time for too few of them.
THREADED_SAMPLE_S = 5e-3
_JOIN_S = 5.0


class _Outcome:
    """What one thread measured in one sample."""

    def __init__(self, start_ns: int, end_ns: int, cpu_ns: int, error: BaseException | None) -> None:
        self.start_ns = start_ns
        self.end_ns = end_ns
        self.cpu_ns = cpu_ns
        self.error = error


class ThreadsExecutor:
    """Calls from N threads at the same time, released together by a barrier.

    The time of a sample is from the first thread's start to the last one's end, over all operations of all
    threads. A single call, for the check of equality, is made in the calling thread.

    Args:
        threads: how many.
    """

    sample_s = THREADED_SAMPLE_S

    def __init__(self, threads: int) -> None:
        """Start the threads; `close` ends them."""
        self.spill_over = SpillOver()
        # Waiting for each other is part of what is measured here, so nothing is taken out.
        self.run_delay = RunDelay()
        self._barrier = threading.Barrier(threads)
        self._inboxes: list[queue.SimpleQueue[TimeCalls | None]] = []
        self._outcomes: queue.SimpleQueue[_Outcome] = queue.SimpleQueue()
        self._threads = []
        for number in range(threads):
            inbox: queue.SimpleQueue[TimeCalls | None] = queue.SimpleQueue()
            thread = threading.Thread(
                target=self._work, args=(inbox,), name=f"fastllm-workload-{number}", daemon=True
            )
            self._inboxes.append(inbox)
            self._threads.append(thread)
            thread.start()
        self.background = Background(own=self._threads)

    def _work(self, inbox: queue.SimpleQueue[TimeCalls | None]) -> None:
        while (step := inbox.get()) is not None:
            error: BaseException | None = None
            start_ns = end_ns = cpu_ns = 0
            try:
                self._barrier.wait()
                cpu_ns = time.thread_time_ns()
                start_ns = time.perf_counter_ns()
                time_calls_ns(step.function, step.args, step.kwargs, step.calls, step.raises)
                end_ns = time.perf_counter_ns()
                cpu_ns = time.thread_time_ns() - cpu_ns
            except BaseException as raised:  # handed over to the thread that measures
                error = raised
            self._outcomes.put(_Outcome(start_ns, end_ns, cpu_ns, error))

    def call(self, step: CallOnce) -> Any:
        """The value of one call, made in this thread."""
        return call_once(step, self.background)

    def time_ns(self, step: TimeCalls) -> float:
        """Wall nanoseconds per operation, over the operations of all threads."""
        own_ns, process_ns = time.thread_time_ns(), time.process_time_ns()
        for inbox in self._inboxes:
            inbox.put(step)
        outcomes = [self._outcomes.get() for _ in self._threads]
        process_ns = time.process_time_ns() - process_ns
        own_ns = time.thread_time_ns() - own_ns
        failed = next((outcome.error for outcome in outcomes if outcome.error is not None), None)
        if failed is not None:
            raise failed
        measured_ns = own_ns + sum(outcome.cpu_ns for outcome in outcomes)
        self.spill_over.add(process_ns, measured_ns)
        self.background.after_sample(process_ns, measured_ns)
        span_ns = max(o.end_ns for o in outcomes) - min(o.start_ns for o in outcomes)
        return span_ns / (step.calls * len(self._threads))

    def close(self) -> None:
        """End the threads.

        Raises:
            WorkloadError: one of them is still in the workload.
        """
        for inbox in self._inboxes:
            inbox.put(None)
        deadline_s = time.monotonic() + _JOIN_S
        for thread in self._threads:
            thread.join(max(0.0, deadline_s - time.monotonic()))
        stuck = [thread.name for thread in self._threads if thread.is_alive()]
        if stuck:
            raise WorkloadError(
                f"{', '.join(stuck)} did not come back from the workload; it hangs or deadlocks"
            )
