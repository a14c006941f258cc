"""Joins the tests: a home of its own for each, and one loud line that names what was missing."""

import itertools
import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.needs import missing_of

settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI") == "true":
    settings.load_profile("ci")

_skipped: dict[str, int] = {}
"""What was missing, and how many tests were skipped for it."""

_homes = itertools.count()
"""Numbers homes without looking through the folder, which is slow with thousands of tests."""


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a home without a configuration, so that this machine's own cannot decide it."""
    home = tmp_path_factory.mktemp(f"home-{next(_homes)}", numbered=False)
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("COCKPIT_CONFIG", "ALERTMANAGER_URL", "PROMETHEUS_URL", "NO_COLOR", "TZ"):
        monkeypatch.delenv(name, raising=False)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of real servers in one worker: they share ports' ranges and a quiet machine."""
    for item in items:
        if item.get_closest_marker("real") and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("real"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what a skipped test was missing."""
    _note(report.longrepr if report.skipped else None)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Note what a skipped module was missing."""
    _note(report.longrepr if report.skipped else None)


def _note(longrepr: object) -> None:
    if isinstance(longrepr, tuple):
        for name in missing_of(str(longrepr[2])):
            _skipped[name] = _skipped.get(name, 0) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run where everything must be there and something was not."""
    if _skipped and os.environ.get("CI") == "true" and not hasattr(session.config, "workerinput"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one loud line what was missing, so that nobody takes a skipped test for a passed one."""
    if not _skipped:
        return
    said = ", ".join(f"{name} ({count} tests)" for name, count in sorted(_skipped.items()))
    serious = os.environ.get("CI") == "true"
    terminalreporter.write_line(
        f"{'ERROR: ' if serious else ''}NOT EVERYTHING WAS TESTED, missing on this machine: {said}",
        red=serious,
        yellow=not serious,
        bold=True,
    )


@pytest.fixture
def repository() -> Path:
    """Return the checkout's folder."""
    return Path(__file__).resolve().parent.parent
