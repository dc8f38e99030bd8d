"""``pytest-fastllm baselines update | show | check | prune``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..baselines import (
    ALL_MODES,
    PORTABLE,
    Baselines,
    RowName,
    dump_baselines,
    load_baselines,
    parse_modes,
    prune,
    update_file,
    write_baselines,
)
from ..baselines.diff import diff, range_text
from ..errors import DataError
from ..files import check_writable
from ..judge import rejudge
from ..results import load_results
from .locate import default_baselines

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from pathlib import Path

    from ..model import Row


def _update(options: Namespace) -> int:
    path = _path(options)
    modes = ALL_MODES if options.only is None else parse_modes(options.only)
    runs = [load_results(each) for each in options.results]
    if not options.dry_run:
        check_writable(path)
    update = update_file(
        path, runs, modes=modes, portable=options.any, reason=options.reason, dry_run=options.dry_run
    )
    _print_changes(path, update.changes, dry_run=options.dry_run)
    for line in update.skipped:
        print(f"! {line}", file=sys.stderr)
    return 0


def _show(options: Namespace) -> int:
    baselines = _existing(_path(options))
    print(dump_baselines(baselines) if options.json else _table(baselines), end="")
    return 0


def _check(options: Namespace) -> int:
    path = _path(options)
    baselines = _existing(path)
    rows = [rejudge(row, baselines) for each in options.results for row in _measured(each)]
    failing = [row for row in rows if _fails(row, strict=options.strict)]
    for row in rows:
        print(_verdict_line(row))
    print(f"{len(rows)} {'row' if len(rows) == 1 else 'rows'} judged by {path}, {len(failing)} not accepted")
    return 1 if failing else 0


def _measured(path: Path) -> Sequence[Row]:
    # Also beside other files: the machine that wrote this one has not been judged.
    rows = load_results(path).rows
    if not rows:
        raise DataError(
            f"{path}: expected measured rows, found none, which proves nothing; "
            "write results with pytest --fastllm-compare --fastllm-json=PATH"
        )
    return rows


def _prune(options: Namespace) -> int:
    path = _path(options)
    old = _existing(path)
    pruned = prune(old, [load_results(each) for each in options.results])
    changes = diff(old, pruned.baselines)
    if changes and not options.dry_run:
        write_baselines(path, pruned.baselines)
    _print_changes(path, changes, dry_run=options.dry_run)
    for environment, name in pruned.missing:
        print(f"! {_place(environment, name)}: no bound applies; write one with baselines update")
    return 0


ACTIONS = {"update": _update, "show": _show, "check": _check, "prune": _prune}


def _path(options: Namespace) -> Path:
    path: Path = options.baselines or default_baselines()
    return path


def _existing(path: Path) -> Baselines:
    # Judging by a file that is not there would accept everything.
    if not (path.exists() or path.is_symlink()):
        raise DataError(
            f"{path}: expected a baselines file, found none; name it with --baselines, or write one with "
            "pytest-fastllm baselines update RESULTS.json"
        )
    return load_baselines(path)


def _print_changes(path: Path, changes: Sequence[str], *, dry_run: bool) -> None:
    for line in changes:
        print(line)
    if not changes:
        print(f"{path}: nothing to change")
    else:
        print(f"{path}: {len(changes)} {'would change' if dry_run else 'changed'}")


def _fails(row: Row, *, strict: bool) -> bool:
    return row.verdict.fails or (strict and row.verdict.fails_under_strict)


def _verdict_line(row: Row) -> str:
    line = f"{row.verdict.value:<12} {_place(row.environment, RowName(row.key, row.metric))}"
    return f"{line}: {row.message}" if row.message else line


def _place(environment: str, name: RowName) -> str:
    return f"{name.key} {name.metric.value} in {environment}"


def _table(baselines: Baselines) -> str:
    from tabulate import tabulate

    parts = []
    for environment, stored in sorted(baselines.environments.items()):
        title = environment
        if environment != PORTABLE:
            title += "".join(
                f" · {stored.description[part]}"
                for part in ("cpu", "python", "platform")
                if part in stored.description
            )
        rows = [
            (name.key, name.metric.value, range_text(entry.bound), f"{entry.estimate:.4g}", entry.date)
            for name, entry in sorted(stored.entries.items())
        ]
        headers = ("workload", "metric", "bound", "estimate", "date")
        parts.append(f"{title}\n{tabulate(rows, headers=headers, disable_numparse=True)}\n")
    return "\n".join(parts) or "no baselines\n"
