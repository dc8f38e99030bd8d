"""What a fresh interpreter is asked to do; it travels as a small JSON file named in the environment."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DataError
from ..model import Side

if TYPE_CHECKING:
    from collections.abc import Mapping

JOB_VARIABLE = "PYTEST_FASTLLM_JOB"


class Task(str, Enum):
    """Why the interpreter was started."""

    MEASURE = "measure"
    CONFIRM = "confirm"
    MEMORY = "memory"


@dataclass(frozen=True)
class Job:
    """One child's work.

    Args:
        task: measure all rows, confirm failing ones, or measure one side's memory.
        output: where it writes its result.
        comparisons: number of comparisons that the parent collected, which the error rates are shared over.
        side: for memory, the side to put in place.
        samples: whether its rows keep their raw samples.
        profile: for a confirmation, the sides of which a profile is wanted, by ``component/workload``.
    """

    task: Task
    output: Path
    comparisons: int
    side: Side | None = None
    samples: bool = False
    profile: Mapping[str, tuple[Side, ...]] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write the file that `read_job` reads in the child."""
        data = asdict(self)
        data["output"] = str(self.output)
        path.write_text(json.dumps(data), encoding="utf-8")


def read_job() -> Job | None:
    """This process's job, or None where it is nobody's child.

    Raises:
        DataError: the environment names a file that is not a job.
    """
    name = os.environ.get(JOB_VARIABLE)
    if name is None:
        return None
    try:
        data = json.loads(Path(name).read_text(encoding="utf-8"))
        return Job(
            task=Task(data["task"]),
            output=Path(data["output"]),
            comparisons=int(data["comparisons"]),
            side=Side(data["side"]) if data["side"] is not None else None,
            samples=bool(data["samples"]),
            profile={key: tuple(map(Side, sides)) for key, sides in data["profile"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{JOB_VARIABLE}={name} does not name a job ({type(error).__name__}: {error}); this variable is set "
            "for child processes only: unset it"
        ) from error
