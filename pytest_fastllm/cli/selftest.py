"""``pytest-fastllm selftest``."""

from __future__ import annotations


def selftest(seconds: float, load: int) -> int:
    """Run it and print its report.

    Raises:
        UsageError: timing would be wrong here.
    """
    from ..selftest.run import selftest as run

    return run(seconds, load, lambda line: print(line, flush=True))
