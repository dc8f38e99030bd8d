"""``pytest-fastllm compare``: the bundled suite from the installed package."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

SUITE = "pytest_fastllm.suite"
_PREFIX = "test_"
# This very command has imported the package before pytest could rewrite its asserts; the file says that nothing
# hangs on it.
_INI = "compare.ini"


def bundled_components() -> dict[str, list[str]]:
    """The bundled components by name, each with its modules in the suite. Imports none of them.

    A module whose name goes on after a component's, as in ``test_token_counter_memory``, is that component's.
    """
    names = sorted(
        file.stem.removeprefix(_PREFIX) for folder in _folders() for file in folder.glob(f"{_PREFIX}*.py")
    )
    modules: dict[str, list[str]] = {}
    for name in names:  # a component's own module comes before those whose names go on
        component = next((known for known in modules if name.startswith(f"{known}_")), name)
        modules.setdefault(component, []).append(f"{SUITE}.{_PREFIX}{name}")
    return modules


def _folders() -> list[Path]:
    spec = find_spec(SUITE)
    return [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []


def pytest_arguments(
    components: Sequence[str], iterations: int | None, pytest_args: Sequence[str]
) -> list[str]:
    """The command line for pytest.

    Args:
        components: names; none: the whole suite.
        iterations: the number of pairs; None: the stopping rule decides.
        pytest_args: handed on as they are.

    Raises:
        UsageError: an unknown component.
    """
    known = bundled_components()
    unknown = [name for name in components if name not in known]
    if unknown:
        raise UsageError(
            f"compare: expected bundled components ({', '.join(known) or 'none is installed'}), "
            f"found {', '.join(map(repr, unknown))}; pytest's own arguments start with the first option"
        )
    targets = [module for name in dict.fromkeys(components) for module in known[name]] or [SUITE]
    # The current project's settings (addopts, warnings as errors, another plugin's) are for its own tests, and would
    # refuse, falsify or end the run. Its folder stays the root: that is where its baselines.json lies.
    own = [argument for folder in _folders() for argument in ("-c", str(folder / _INI))]
    arguments = [*own, "--rootdir", str(Path.cwd()), "--pyargs", *targets, "--fastllm-compare"]
    if iterations is not None:
        arguments.append(f"--fastllm-iterations={iterations}")
    return [*arguments, *pytest_args]


def compare(components: Sequence[str], iterations: int | None, pytest_args: Sequence[str]) -> int:
    """Run the bundled suite.

    Returns:
        pytest's own exit status.

    Raises:
        UsageError: an unknown component.
    """
    arguments = pytest_arguments(components, iterations, pytest_args)
    import pytest

    return int(pytest.main(arguments))
