"""Options and ini keys, read once into one frozen value. The command line wins over the ini file."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

UPDATE_MODES = ("create", "fix", "trim")


@dataclass(frozen=True)
class Config:
    """What the user asked for; times are in seconds."""

    compare: bool = False
    strict: bool = False
    baselines: Path | None = None
    iterations: int | None = None
    max_seconds: float = 5.0
    max_run_seconds: float | None = None
    processes: int | None = None
    profile: bool = False
    update: frozenset[str] = frozenset()
    json: Path | None = None
    json_samples: bool = False


@dataclass(frozen=True)
class _Option:
    name: str
    help: str
    parse: Callable[[str], Any] | None = None  # None: a flag
    metavar: str | None = None
    ini: bool = True

    @property
    def flag(self) -> str:
        return "--fastllm-" + self.name.replace("_", "-")

    @property
    def key(self) -> str:
        return f"fastllm_{self.name}"


def _path(text: str) -> Path:
    if not text.strip():
        raise ValueError("expected a path")
    return Path(text)


def _count(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise ValueError("expected a whole number above 0")
    return number


def _iterations(text: str) -> int:
    number = _count(text)
    if number < 4:
        raise ValueError("expected at least 4: fewer pairs have no interval")
    return number


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise ValueError("expected a number of seconds above 0")
    return number


def _modes(text: str) -> frozenset[str]:
    modes = frozenset(part.strip() for part in text.split(",") if part.strip())
    if not modes or not modes <= set(UPDATE_MODES):
        raise ValueError(f"expected some of {','.join(UPDATE_MODES)}")
    return modes


def _truth(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in ("1", "true", "yes", "on"):
        return True
    if lowered in ("0", "false", "no", "off", ""):
        return False
    raise ValueError("expected true or false")


_OPTIONS = (
    _Option("compare", "run only the tests that use the `accelerated` fixture; measure and judge them"),
    _Option("strict", "fail also on inconclusive, unjudged and unavailable rows"),
    _Option("baselines", "the file with the bounds (default: baselines.json in rootdir)", _path, "PATH"),
    _Option("iterations", "fix the number of pairs (default: the stopping rule decides)", _iterations, "N"),
    _Option("max_seconds", "time budget of one comparison in seconds (default: 5)", _seconds, "S"),
    _Option("max_run_seconds", "time budget of the whole run in seconds (default: none)", _seconds, "S"),
    _Option(
        "processes", "measure every row in K fresh interpreters (default: 1; 5 with update)", _count, "K"
    ),
    _Option("profile", "keep a profile of the side that moved, where a row fails"),
    _Option("update", "write bounds from this run's figures into the baselines file", ini=False),
    _Option("update_only", "with --fastllm-update: some of create,fix,trim", _modes, "MODES", ini=False),
    _Option("json", "write the results file", _path, "PATH", ini=False),
    _Option("json_samples", "keep the raw samples in the results file", ini=False),
)


def add_options(parser: pytest.Parser) -> None:
    """Declare every option, and its ini key where it has one. Defaults are None so that the ini takes effect."""
    group = parser.getgroup("fastllm", "performance regression tests of accelerated components")
    for option in _OPTIONS:
        if option.parse is None:
            group.addoption(option.flag, dest=option.key, action="store_true", default=None, help=option.help)
        else:
            group.addoption(
                option.flag, dest=option.key, metavar=option.metavar, default=None, help=option.help
            )
        if option.ini:
            parser.addini(option.key, option.help, default=None)


def _value(config: pytest.Config, option: _Option) -> Any:
    given, source, base = config.getoption(option.key), option.flag, None
    if given is None and option.ini:
        given, source, base = config.getini(option.key), f"the ini key {option.key}", config.inipath
    if given is None or isinstance(given, bool):
        return given
    try:
        value = (option.parse or _truth)(str(given))
    except ValueError as error:
        raise UsageError(f"{source}={given!r}: {error}") from None
    # A path in a file is meant from where the file lies, not from where pytest was started.
    return base.parent / value if base is not None and isinstance(value, Path) else value


def _refuse_moved_root(config: pytest.Config, option: _Option) -> None:
    """Where pytest has taken a path of ours for that of a test, the project's ini file and bounds are out of sight.

    pytest looks for the root before it knows the options of plugins: an existing path that stands on its own is
    then a place to collect from. With another root all rows would be unjudged, and a gate asleep.
    """
    given = config.getoption(option.key)
    if given is None or config.getoption("rootdir") or config.getoption("inifilename"):
        return
    arguments = config.invocation_params.args
    here, path = config.invocation_params.dir.resolve(), Path(given).resolve()
    is_ours = config.inipath is not None and config.rootpath in (here, *here.parents)
    stands_alone = any(pair == (option.flag, given) for pair in pairwise(arguments))
    if stands_alone and not is_ours and here not in path.parents and config.rootpath in path.parents:
        raise UsageError(
            f"{option.flag} {given}: pytest took the path for a test's and made {config.rootpath} the root, away from "
            f"the project's settings and bounds; write {option.flag}={given}"
        )


def read_config(config: pytest.Config) -> Config:
    """The options of this run.

    Raises:
        UsageError: a value is malformed, options do not fit together, or a path has moved the root.
    """
    for option in _OPTIONS:
        if option.parse is _path:
            _refuse_moved_root(config, option)
    values = {option.name: _value(config, option) for option in _OPTIONS}
    only = values.pop("update_only")
    if only and not values["update"]:
        raise UsageError("--fastllm-update-only narrows an update; add --fastllm-update")
    values["update"] = (only or frozenset(UPDATE_MODES)) if values["update"] else frozenset()
    known = {field.name for field in fields(Config)}
    result = Config(**{name: value for name, value in values.items() if name in known and value is not None})
    if not result.compare:
        for name in ("update", "json", "json_samples"):
            if getattr(result, name):
                raise UsageError(
                    f"--fastllm-{name.replace('_', '-')} needs measured figures; add --fastllm-compare"
                )
    if result.json_samples and result.json is None:
        raise UsageError("--fastllm-json-samples keeps samples in the results file; add --fastllm-json PATH")
    return result
