"""Where results were measured, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_fastllm.model import Results


def environment_lines(results: Results) -> list[str]:
    """One line for each interpreter on each processor, with all versions that its rows depend on.

    Rows with threads have an environment of their own, which differs in nothing that stands here.
    """
    machines: dict[str, set[str]] = {}
    for environment in results.environments.values():
        machine = f"{environment.python} on {environment.cpu}"
        packages = machines.setdefault(machine, set())
        packages |= {
            f"{name.replace('_', '-')} {version}"
            for name, version in environment.packages.items()
            if name != "python"
        }
    return [", ".join([machine, *sorted(packages)]) for machine, packages in machines.items()]
