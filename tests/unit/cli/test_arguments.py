"""What a command line may say, and how its mistakes are told."""

import pytest

from cockpit.cli.arguments import parse
from cockpit.cli.options import Usage
from tests.unit.cli.running import run


@pytest.mark.parametrize(
    ("argv", "place", "remedy"),
    [
        (["alrts"], "arguments", "did you mean alerts?"),
        (["map", "chck"], "map", "did you mean check?"),
        (["map"], "map", "cockpit map --help"),
        (["drill", "--tex"], "arguments", "did you mean --text?"),
        (["drill", "--text", "--markdown"], "drill", "cockpit drill --help"),
        (["record"], "record", "cockpit record --help"),
        (["alerts", "--at", "14:12"], "--at", "--demo or --recording"),
        (["demo", "--alertmanager", "http://a"], "--alertmanager, --prometheus", "leave the recording"),
        (["drill", "--demo", "--recording", "x"], "--recording", "one of them"),
        (["record", "x", "--demo"], "record", "leave --demo"),
        (["alerts", "--speed", "4"], "--speed", "--help"),
        (["alerts", "--prometheu=http://a"], "arguments", "did you mean --prometheus?"),
    ],
)
def test_mistake_is_one_line_with_place_and_remedy(argv: list[str], place: str, remedy: str) -> None:
    """Wrong usage exits 2 with one line that names the place, and the nearest word where there is one."""
    result = run(*argv)
    assert result.code == 2
    assert result.out == ""
    assert result.error.startswith(f"cockpit: {place}: ")
    assert remedy in result.error


def test_flags_may_stand_before_or_behind_the_command() -> None:
    """Common flags are the same wherever they stand."""
    before = parse(["--json", "--alertmanager", "http://a", "--context", "x", "alerts"])
    behind = parse(["alerts", "--json", "--alertmanager", "http://a", "--context", "x"])
    assert before == behind
    assert behind.json
    assert parse(["alerts", "--alertmanager", "a", "--alertmanager", "b"]).alertmanagers == ["a", "b"]


def test_nothing_means_the_screen() -> None:
    """Without a command the screen is meant, on the demo with `--demo`."""
    assert parse([]).command is None
    assert parse(["--demo"]).playing
    assert parse(["replay", "x"]).played_file == "x"


def test_words_are_not_guessed() -> None:
    """A flag must be written out, so that a script keeps its meaning when flags are added."""
    with pytest.raises(Usage):
        parse(["alerts", "--js"])


def test_help_and_version_need_nothing() -> None:
    """Help names every command, version is one line; both exit 0."""
    helped = run("--help")
    assert helped.code == 0
    for command in ("demo", "alerts", "changes", "drill", "map", "doctor", "init", "record", "replay", "info"):
        assert command in helped.out
    assert run("--version").out.startswith("cockpit ")
    for code in ("0 done", "1 failed or not found", "2 wrong usage or configuration", "3 a system"):
        assert code in helped.out
    assert run("drill", "--help").code == 0


@pytest.mark.parametrize(
    ("argv", "not_for_it"),
    [
        (("demo",), "--prometheus"),
        (("replay",), "--demo"),
        (("init",), "--recording"),
        (("record",), "--at"),
        (("info",), "--demo"),
    ],
)
def test_help_names_only_what_goes_with_a_command(argv: tuple[str, ...], not_for_it: str) -> None:
    """Flags that a command refuses are not offered by its help."""
    helped = run(*argv, "--help").out
    assert not_for_it not in helped
    assert "--json" in helped
