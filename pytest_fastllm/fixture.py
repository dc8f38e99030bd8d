"""The `accelerated` fixture: what a test calls."""

from __future__ import annotations

import inspect
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from .errors import UsageError
from .model import Side
from .toggle.switch import switch_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from .run.item_run import ItemRun
    from .workload import Workload


class SideInPlace:
    """One side, in place since `Accelerated.on` or `Accelerated.off` was called.

    Used with ``with``, what was there before comes back at the end of the block; otherwise at the end of the
    test.
    """

    def __init__(self, stack: ExitStack) -> None:
        """``stack`` puts back what was there."""
        self._stack = stack

    def __enter__(self) -> SideInPlace:
        """The side is in place already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put back what was there."""
        self._stack.close()


class Accelerated:
    """Compares the two sides of the test's component; see the methods.

    Without ``--fastllm-compare`` each comparison calls both sides once and compares the answers. With it the
    sides are measured as well, and the test fails if the ratio leaves its bounds.
    """

    def __init__(self, run: ItemRun) -> None:
        """``run`` is this test's part of the session."""
        self._run = run

    def __call__(self, func: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call ``func`` with the component toggled each way.

        Args:
            func: called once for the check and many times for the measurement; a coroutine function is
                awaited in a loop of its own.
            args, kwargs: passed on; each side has its own copy of the plain data in them.

        Returns:
            What the accelerated side answered.

        Raises:
            Exception: what both sides raised, if they raised the same.
        """
        return self._run.compare(self._toggled(func, args, kwargs))

    def pedantic(
        self,
        func: Callable[..., Any],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        setup: Callable[[], Any] | None = None,
        teardown: Callable[..., Any] | None = None,
        equal: Callable[[Any, Any], bool] | None = None,
        state: Callable[[], Any] | None = None,
        raises: type[BaseException] | tuple[type[BaseException], ...] = (),
        iterations: int | None = None,
        rounds: int | None = None,
    ) -> Any:
        """Like a plain call, with fresh state for each sample.

        Args:
            func: what to call.
            args, kwargs: its arguments, where ``setup`` returns none.
            setup: runs untimed before each sample with that side in place; may return ``(args, kwargs)``. What
                it draws from ``random`` is new for every pair and the same for both sides of it.
            teardown: runs untimed after each sample with the arguments of the call.
            equal: rule of equality of two answers; without it, same type and ``==``.
            state: returns the visible state after a call, which is compared too.
            raises: exceptions that are the workload's point; they are timed like an answer.
            iterations: calls in one sample; without it 1 with ``setup``, else calibrated.
            rounds: number of pairs; without it the stopping rule decides.

        Returns:
            What the accelerated side answered.
        """
        workload = self._toggled(
            func,
            args,
            kwargs or {},
            setup=setup,
            teardown=teardown,
            equal=equal,
            state=state,
            raises=raises if isinstance(raises, tuple) else (raises,),
            calls=_count("iterations", iterations, 1),
            pairs=_count("rounds", rounds, 4),
        )
        return self._run.compare(workload)

    def versus(
        self,
        reference: Callable[..., Any],
        accelerated: Callable[..., Any],
        /,
        *args: Any,
        equal: Callable[[Any, Any], bool] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Compare two callables side by side; nothing is patched.

        Args:
            reference, accelerated: called with the same arguments.
            args, kwargs: passed on; each side has its own copy of the plain data in them.
            equal: rule of equality of two answers; without it, same type and ``==``.

        Returns:
            What ``accelerated`` answered.
        """
        _require_callable(reference)
        _require_callable(accelerated)
        functions = {Side.REFERENCE: reference, Side.ACCELERATED: accelerated}
        return self._run.compare(self._run.workload(functions, args, kwargs, equal=equal), versus=True)

    async def acall(self, func: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Like a plain call of a coroutine function, awaited in the running loop.

        Args:
            func: a coroutine function, or a function that returns an awaitable.
            args, kwargs: passed on; each side has its own copy of the plain data in them.

        Returns:
            What the accelerated side answered.
        """
        return await self._run.compare_async(self._toggled(func, args, kwargs))

    def memory(
        self,
        build: Callable[[int], object],
        *,
        keys: int | None = None,
        warmup: Callable[[], object] | None = None,
        instances: tuple[int, ...] = (),
    ) -> None:
        """Compare resident bytes per key of the component's two sides, as the operating system counts them.

        Without ``--fastllm-compare`` each side builds one key. With it one helper interpreter per side runs
        the memory tests of the whole run when all other tests are over, and measures in forked children.

        Args:
            build: ``build(keys)`` returns one instance that holds ``keys`` keys and makes them itself.
            keys: the key count that the result is stated for; without it the marker's ``memory=``.
            warmup: called once before the first instance; its cost belongs to the fixed cost.
            instances: how many instances are alive at each reading, rising; without it a first child of each side
                finds them, which takes a sixth of the time. 4 MiB from the first reading to the last are enough.
        """
        self._run.compare_memory(build, keys, warmup, instances)

    def on(self) -> SideInPlace:
        """Put the accelerated side in place, until the end of a ``with`` block or of the test."""
        return self._in_place(Side.ACCELERATED)

    def off(self) -> SideInPlace:
        """Put the reference in place, until the end of a ``with`` block or of the test."""
        return self._in_place(Side.REFERENCE)

    def _in_place(self, side: Side) -> SideInPlace:
        component = self._run.require_component()
        stack = ExitStack()
        switch = stack.enter_context(switch_for(component))
        self._run.at_end(stack.close)
        switch.select(side)
        return SideInPlace(stack)

    def _toggled(
        self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], **more: Any
    ) -> Workload:
        self._run.require_component()
        _require_callable(func)
        return self._run.workload(dict.fromkeys(Side, func), args, kwargs, **more)


def is_async(function: Callable[..., Any]) -> bool:
    """Whether calling ``function`` gives something to await."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004  # an object whose __call__ is a coroutine function
    )


def _require_callable(function: object) -> None:
    if not callable(function):
        raise UsageError(
            f"accelerated(...) got {function!r}; pass the function and its arguments, not the result of a call"
        )


def _count(name: str, value: int | None, least: int) -> int | None:
    given: object = value
    if given is None or (isinstance(given, int) and not isinstance(given, bool) and given >= least):
        return value
    raise UsageError(f"accelerated.pedantic({name}={value!r}): expected a whole number of at least {least}")
