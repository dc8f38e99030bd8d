"""pytest's entry point: hooks that only call the session.

Every pytest run of everybody who installed the package loads this module, so it imports next to nothing:
the session, and with it the rest, comes in when a test uses the fixture or the user asks for a comparison.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from . import config as options
from .errors import FastllmError, UsageError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from .fixture import Accelerated
    from .run.item_rows import ItemRows
    from .run.second_pass import SecondPass
    from .run.session import Session

_SESSION: pytest.StashKey[Session] = pytest.StashKey()
_ROWS: pytest.StashKey[ItemRows] = pytest.StashKey()
_SECOND_PASS: pytest.StashKey[SecondPass] = pytest.StashKey()
_MISTAKE: pytest.StashKey[str] = pytest.StashKey()


@contextmanager
def _usage_errors() -> Iterator[None]:
    try:
        yield
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error


def _session(config: pytest.Config) -> Session:
    if _SESSION not in config.stash:
        from .run.session import Session

        config.stash[_SESSION] = Session(options.read_config(config), config)
    return config.stash[_SESSION]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options and ini keys."""
    options.add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hook by which conftests declare components."""
    from . import hookspec

    pluginmanager.add_hookspecs(hookspec)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker; check the options, and in a measuring run everything that can be checked now."""
    config.addinivalue_line(
        "markers",
        "fastllm(component=None, *, workload, threads, tasks, equal, state, raises, memory, sweep, gc): "
        "compare the two sides of a component through the `accelerated` fixture",
    )
    with _usage_errors():
        if options.read_config(config).compare:
            _session(config)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Check markers and names before anything is deselected, so that all comparisons are counted."""
    uses = any(
        "accelerated" in getattr(i, "fixturenames", ()) or i.get_closest_marker("fastllm") for i in items
    )
    if not uses and _SESSION not in config.stash:
        return
    try:
        with _usage_errors():
            others = _session(config).collected(items)
    except pytest.UsageError as error:
        if not hasattr(config, "workerinput"):
            raise
        # xdist loses what a worker raises here.
        config.stash[_MISTAKE] = getattr(config, "workeroutput")["fastllm_mistake"] = str(error)  # noqa: B009
        return
    if others:
        config.hook.pytest_deselected(items=others)
        unwanted = set(others)
        items[:] = [item for item in items if item not in unwanted]


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Refuse a measuring run in which nothing could be timed; settle at the end what had to wait."""
    config = session.config
    measuring = _SESSION in config.stash and _session(config).config.compare and not config.option.collectonly
    if not measuring:
        return (yield)
    from .run.protocol import Protocol
    from .run.second_pass import SecondPass

    if session.items:
        with _usage_errors():
            _session(config).refuse_timing()
    protocol = Protocol(_session(config))
    second_pass = SecondPass(_session(config), protocol)
    config.stash[_SECOND_PASS] = second_pass
    try:
        return (yield)
    except (KeyboardInterrupt, pytest.exit.Exception):
        second_pass.abandon()
        raise
    finally:
        try:
            second_pass.run()
        finally:
            protocol.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a measured item, whose report may have to wait for its verdict."""
    second_pass = item.config.stash.get(_SECOND_PASS, None)
    if second_pass is None:
        return None
    second_pass.protocol.run(item, nextitem)
    if item.config.getoption("maxfail") or item.config.getoption("stepwise", False):
        second_pass.confirm_now()  # the first failure stops the run, so this cannot wait until all have run
    return True


def pytest_runtest_setup(item: pytest.Item) -> None:
    """In a worker of xdist, tell of a usage error where it is heard."""
    if _MISTAKE in item.config.stash:
        pytest.fail(item.config.stash[_MISTAKE], pytrace=False)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear of a usage error from a worker of xdist."""
    mistake = getattr(node, "workeroutput", {}).get("fastllm_mistake")
    if mistake is not None:
        node.config.stash[_MISTAKE] = mistake


@pytest.fixture
def accelerated(request: pytest.FixtureRequest) -> Iterator[Accelerated]:
    """Compare the two sides of a component: same answers, then speed and memory inside stored bounds."""
    from .fixture import Accelerated

    run, rows = _session(request.config).visit(request.node)
    request.node.stash[_ROWS] = rows
    run.require_available()
    try:
        yield Accelerated(run)
    finally:
        run.finish()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, None]:
    """Fail the item itself where its row fails, once the test's own body has passed."""
    broken: FastllmError | None = None
    try:
        yield
    except FastllmError as error:
        broken = error
    rows = item.stash.get(_ROWS, None)
    if broken is not None:  # failed out here, or pytest would show the error as the cause of itself
        if rows is not None:
            rows.cut_short(str(broken))
        pytest.fail(f"{rows.label}: error: {broken}" if rows is not None else str(broken), pytrace=False)
    if rows is None or rows.pending:
        return
    failures = _session(item.config).judging.failures(rows.rows.values())
    if failures is not None:
        pytest.fail(failures, pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note the rows on the report of the call."""
    report = yield
    rows = item.stash.get(_ROWS, None)
    if rows is not None and rows.rows and not rows.pending:
        from .report.status import add_properties, annotate

        if report.when == "call":
            annotate(report, list(rows.rows.values()))
        elif report.when == "teardown":
            add_properties(report, list(rows.rows.values()))
    return report


def pytest_report_teststatus(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, Any] | None:
    """Give each verdict its own status word."""
    verdict = getattr(report, "fastllm_verdict", None)
    if verdict is None:
        return None
    from .report.status import status

    return status(verdict, report.outcome)


def pytest_report_header(config: pytest.Config) -> list[str] | None:
    """Say where a measuring run takes its bounds from."""
    return _session(config).header() if _SESSION in config.stash else None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the files that were asked for."""
    if _MISTAKE in session.config.stash:  # alone, pytest would have ended with it
        session.exitstatus = pytest.ExitCode.USAGE_ERROR
    if _SESSION in session.config.stash:
        outcome = _session(session.config).outcome
        ran = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        outcome.write(ran=ran and not session.config.option.collectonly)
        if outcome.failed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """Print the table and the advice."""
    if _SESSION in config.stash:
        found_none = exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED
        _session(config).summarize(terminalreporter, found_none=found_none)
