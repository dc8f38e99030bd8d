"""What the `accelerated` fixture of one test does its work through."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from ..errors import UsageError
from ..model import Metric, Side, Verdict
from ..toggle.dotted import why_not_installed
from ..workload import Workload
from .memory_comparison import compare_memory
from .speed_comparison import SpeedComparison

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..component import Component
    from .collection import ComparedTest
    from .item_rows import ItemRows
    from .session import Session


class ItemRun:
    """One visit to a test: the test's own words completed by its marker and component, and what it switched.

    Args:
        session: the run.
        item: the test.
        test: what is known of it from the collection.
        rows: where its outcome is kept.
    """

    def __init__(self, session: Session, item: pytest.Item, test: ComparedTest, rows: ItemRows) -> None:
        """Nothing is compared yet."""
        self._session = session
        self._item = item
        self._test = test
        self._rows = rows
        self._at_end: list[Callable[[], None]] = []

    def require_available(self) -> None:
        """Skip the test where its component cannot be compared here; fail it under strict."""
        component = self._test.declared
        if component is None:
            return
        reason = component.why_unavailable() or why_not_installed(
            (component.reference, component.accelerated, *component.patch)
        )
        if reason is None:
            return
        self._rows.record(Metric.SPEEDUP, Verdict.UNAVAILABLE, reason)
        if self._session.config.strict:
            pytest.fail(f"{self._rows.label}: unavailable: {reason} (--fastllm-strict)", pytrace=False)
        pytest.skip(f"{self._rows.label}: unavailable: {reason}")

    def require_component(self) -> Component:
        """The component of the test's marker.

        Raises:
            UsageError: the test names none.
        """
        if self._test.declared is None:
            raise UsageError(
                f'{self._item.nodeid} names no component; add @pytest.mark.fastllm("name"), or compare two '
                "callables with accelerated.versus(reference, accelerated, ...)"
            )
        return self._test.declared

    def at_end(self, action: Callable[[], None]) -> None:
        """Have ``action`` run when the test is over."""
        self._at_end.append(action)

    def finish(self) -> None:
        """Put back whatever the test switched, the last first, and account for what it started."""
        with ExitStack() as stack:  # goes on to the next one where one of them raises
            for action in self._at_end:
                stack.callback(action)
            self._at_end.clear()
        self._rows.cut_short("the comparison was cut short and came to no result")

    def workload(
        self,
        functions: Mapping[Side, Callable[..., Any]],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        *,
        equal: Callable[[Any, Any], bool] | None = None,
        state: Callable[[], Any] | None = None,
        raises: tuple[type[BaseException], ...] = (),
        pairs: int | None = None,
        **more: Any,
    ) -> Workload:
        """A workload with what the call leaves open taken from the marker, then from the component."""
        marker, component = self._test.marker, self._test.declared
        return Workload(
            functions=functions,
            args=args,
            kwargs=kwargs,
            equal=equal or marker.equal or (component.equal if component else None),
            state=state or marker.state or (component.state if component else None),
            raises=raises or marker.raises,
            pairs=pairs or self._session.config.iterations,
            keep_gc=marker.gc == "keep",
            threads=marker.threads,
            **more,
        )

    def compare(self, workload: Workload, *, versus: bool = False) -> Any:
        """Compare speed outside of a running loop; with ``versus`` nothing is switched."""
        return self._speed(workload, versus=versus).run()

    async def compare_async(self, workload: Workload) -> Any:
        """Compare speed in the running loop."""
        return await self._speed(workload, versus=False).run_in_loop()

    def _speed(self, workload: Workload, *, versus: bool) -> SpeedComparison:
        component = None if versus else self._test.declared
        return SpeedComparison(self._session, self._item, self._test.marker, self._rows, component, workload)

    def compare_memory(
        self, build: Callable[[int], object], keys: int | None, warmup: Any, instances: tuple[int, ...]
    ) -> None:
        """Compare memory: here both sides build once; helper interpreters measure when all tests are over."""
        self._rows.start(Metric.MEMORY_RATIO)
        component = self.require_component()
        keys = keys or self._test.marker.memory
        compare_memory(self._session, self._item, self._rows, component, build, keys, warmup, instances)
