"""The outermost edge: what a failure of ours, a broken pipe and ctrl+c look like."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cockpit.cli import alerts as alerts_command
from cockpit.cli.options import Options
from cockpit.locations import log_file
from tests.unit.cli.running import run


def test_error_of_ours_is_one_line_and_its_trace_is_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected error exits 1 with one line that names the log; the trace is there and on no terminal."""

    def fail(_: Options) -> int:
        secret = "hunter2"
        raise RuntimeError("it went wrong") from ValueError(len(secret))

    monkeypatch.setattr(alerts_command, "run", fail)
    result = run("alerts")
    assert result.code == 1
    assert str(log_file()) in result.error
    assert "Traceback" not in result.err
    trace = log_file().read_text()
    assert "it went wrong" in trace
    assert "Traceback" in trace
    assert "hunter2" not in trace.replace('secret = "hunter2"', "")
    assert log_file().stat().st_mode & 0o777 == 0o600
    assert log_file().parent.stat().st_mode & 0o777 == 0o700


def test_log_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state folder that cannot be made is no reason to fail."""
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    assert run("info", "--json").code == 0


def test_ctrl_c_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted command says nothing and exits 130."""

    def interrupt(_: Options) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(alerts_command, "run", interrupt)
    result = run("alerts")
    assert (result.code, result.out, result.err) == (130, "", "")


def test_reader_that_leaves_is_no_error(repository: Path) -> None:
    """A pipe whose reader is gone ends the command quietly."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "cockpit", "info"], cwd=repository, stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert done.stderr == b""
    assert done.returncode == 0


def test_screen_needs_a_terminal() -> None:
    """Without a terminal the screen does not open, and the commands that do the same are named."""
    result = run()
    assert result.code == 2
    assert "cockpit drill" in result.error
    assert "cockpit alerts" in result.error
    assert run("--json").code == 2
