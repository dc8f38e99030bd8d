"""What can be asked for on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Command = Callable[[argparse.Namespace], int]

_Number = TypeVar("_Number", int, float)


def parse(argv: Sequence[str]) -> tuple[Command, argparse.Namespace]:
    """The command to run, and its options.

    Raises:
        SystemExit: a usage error or ``--help``, which argparse has printed.
    """
    parser = _parser()
    options, rest = parser.parse_known_args(argv)
    if options.command is None:
        parser.print_help()
        raise SystemExit(2)
    if options.command == "compare":
        options.components, options.pytest_args = _split(rest)
        return _compare, options
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if options.command == "selftest":
        return _selftest, options
    return _baselines, options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pytest-fastllm",
        description="Keep true what a benchmark says about a Python and a Rust implementation.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    compare = commands.add_parser(
        "compare",
        help="measure the bundled suite",
        usage="pytest-fastllm compare [-h] [--iterations N] [COMPONENT ...] [pytest arguments ...]",
        description="Measure the bundled components, all of them or those named. Everything from the first "
        "option that is not --iterations on is handed to pytest.",
        allow_abbrev=False,
    )
    compare.add_argument("--iterations", metavar="N", type=int, help="fix the number of pairs")
    _add_selftest(
        commands.add_parser("selftest", help="this machine's false alarms and smallest visible change")
    )
    _add_baselines(commands.add_parser("baselines", help="update, show, check or prune the stored bounds"))
    return parser


def _add_selftest(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Compare work whose truth is known, the way a row of a run is compared, and tell how often the verdict "
        "was wrong and what was seen. Ends with 1 if there was a false alarm."
    )
    parser.add_argument(
        "--seconds", metavar="S", type=_seconds, default=120.0, help="how long (default: 120)"
    )
    parser.add_argument(
        "--load", metavar="N", type=_load, default=0, help="keep N processes busy meanwhile (default: 0)"
    )


def _seconds(text: str) -> float:
    return _number(float, text, 1, 86_400, "seconds")


def _load(text: str) -> int:
    return _number(int, text, 0, 256, "processes")


def _number(kind: Callable[[str], _Number], text: str, low: int, high: int, unit: str) -> _Number:
    try:
        number = kind(text)
    except ValueError:
        number = None
    if number is None or not low <= number <= high:
        raise argparse.ArgumentTypeError(f"expected {low} to {high} {unit}, found {text!r}")
    return number


def _add_baselines(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    update = _action(
        actions, "update", "write bounds from results files, of one or more runs and machines", "+"
    )
    update.add_argument(
        "--only", metavar="MODES", help="some of create,fix,trim: missing, violated, looser than needed"
    )
    update.add_argument(
        "--any",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="keep up the portable bounds for machines without an entry of their own (default: yes)",
    )
    update.add_argument("--reason", metavar="TEXT", help="why, stored in every entry that changes")
    show = _action(actions, "show", "print the stored bounds", None)
    show.add_argument("--json", action="store_true", help="as the file itself has them")
    check = _action(actions, "check", "judge stored results again without measuring", "+")
    check.add_argument("--strict", action="store_true", help="only `within` is fine")
    prune = _action(actions, "prune", "drop entries that no row of these whole runs uses", "+")
    for writer in (update, prune):
        writer.add_argument("--dry-run", action="store_true", help="print what would change, write nothing")


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str, files: str | None
) -> argparse.ArgumentParser:
    action = actions.add_parser(
        name, help=text, description=f"{text[0].upper()}{text[1:]}.", allow_abbrev=False
    )
    if files:
        action.add_argument("results", metavar="RESULTS.json", nargs=files, type=Path)
    action.add_argument(
        "--baselines",
        metavar="PATH",
        type=Path,
        help="the baselines file (default: baselines.json here or in the project's top folder)",
    )
    return action


def _split(rest: Sequence[str]) -> tuple[list[str], list[str]]:
    """Leading plain words are components; from the first option on all is pytest's, in order."""
    words = list(rest)
    first = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    pytest_args = words[first:]
    return words[:first], pytest_args[1:] if pytest_args[:1] == ["--"] else pytest_args


def _compare(options: argparse.Namespace) -> int:
    from .compare import compare

    return compare(options.components, options.iterations, options.pytest_args)


def _selftest(options: argparse.Namespace) -> int:
    from .selftest import selftest

    return selftest(options.seconds, options.load)


def _baselines(options: argparse.Namespace) -> int:
    from . import baselines

    return baselines.ACTIONS[options.action](options)
