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
# This very command has imported the package before pytest could rewrite its asserts; nothing hangs on it.
_QUIET = ("-W", "ignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning")


def bundled_components() -> dict[str, str]:
    """The bundled components by name, each with its module in the suite. Imports none of them."""
    spec = find_spec(SUITE)
    folders = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    files = sorted(file for folder in folders for file in folder.glob(f"{_PREFIX}*.py"))
    return {file.stem.removeprefix(_PREFIX): f"{SUITE}.{file.stem}" for file in files}


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
    targets = [known[name] for name in dict.fromkeys(components)] or [SUITE]
    # The current project's addopts (--cov, -n, --doctest-modules) are for its own tests, and would refuse
    # or falsify timing.
    arguments = ["-o", "addopts=", *_QUIET, "--pyargs", *targets, "--fastllm-compare"]
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
