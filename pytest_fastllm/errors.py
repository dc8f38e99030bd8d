"""Every error that this package raises on purpose.

A message says what was expected, what was found and what to do next.
"""

from __future__ import annotations


class FastllmError(Exception):
    """Base of all errors below."""


class UsageError(FastllmError):
    """The plugin was asked for something that it cannot do as asked."""


class DataError(UsageError):
    """A baselines or results file is not what it should be; the file was left as it was."""


class WorkloadError(FastllmError):
    """A comparison broke: the verdict of its row is ``error``."""


class SwitchError(WorkloadError):
    """The switch did not take, so both samples would have come from one side."""


class TimingRefused(WorkloadError):
    """Timing here would give wrong numbers; says why and what to do."""
