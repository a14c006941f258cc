"""Putting systems, wires, setup and map together, live or from a recording."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cockpit.assembly import open_live, open_recorded, open_recording
from cockpit.config import ConfigError, Context, SystemSpec
from cockpit.kinds import find_kind, known_kinds
from cockpit.model.reading import Topic
from cockpit.systems.recording import Call, Recording, header_of

AT = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)

AM = SystemSpec("am-eu", "alertmanager", place="c.toml: contexts.x.systems.am-eu", urls=("http://a:1", "http://b:1"))


def _spec(kind: str, **extra: object) -> SystemSpec:
    return SystemSpec("it", kind, place="c.toml: contexts.x.systems.it", urls=("http://a:1",), extra=extra)


def _recording(context: Context, map_text: str | None = None) -> Recording:
    call = Call(AT, AT, "am-eu", "http://a:1", "GET", "/api/v2/alerts", status=200, body=b"[]")
    return Recording(header_of(context, AT - timedelta(minutes=10), map_text=map_text), [call])


def test_every_kind_is_what_it_says() -> None:
    """Each kind has its module's name, topics, a cadence for each of them, and a wire."""
    assert {"alertmanager", "git"} <= set(known_kinds())
    for name in known_kinds():
        kind = find_kind(_spec(name))
        assert name == kind.KIND
        assert kind.TOPICS
        assert kind.WIRE in {"http", "process", "command"}
        assert all(seconds > 0 for seconds in kind.CADENCE.values())


@pytest.mark.parametrize(
    "kind", ["alertmanger", "base", "http", "recording", "../config", "os.path", "nothing_like_it"]
)
def test_unknown_kind_names_those_that_there_are(kind: str) -> None:
    """A kind that is none, also where a module has that name, is refused with the known ones."""
    with pytest.raises(ConfigError) as caught:
        find_kind(_spec(kind))
    assert caught.value.place == "c.toml: contexts.x.systems.it"
    assert "alertmanager" in caught.value.remedy
    assert "git" in caught.value.remedy


@pytest.mark.parametrize(("key", "meant"), [("tokn", "token"), ("repositries", "repositories")])
def test_unknown_key_of_a_kind_names_the_nearest(key: str, meant: str) -> None:
    """A key that neither all systems nor this kind know is refused with the nearest of both."""
    with pytest.raises(ConfigError) as caught:
        find_kind(_spec("git", **{key: 1}))
    assert caught.value.place == f"c.toml: contexts.x.systems.it.{key}"
    assert caught.value.remedy == f"did you mean {meant}?"


def test_system_without_an_address_is_refused() -> None:
    """A system that is asked over HTTP needs an address."""
    context = Context("x", systems=(SystemSpec("alertmanager", "alertmanager", place="here"),))
    with pytest.raises(ConfigError, match="here: has no address; add url"):
        open_live(context, config_folder=None)


def test_live_assembly_expects_what_is_configured() -> None:
    """The setup names every system with topics, addresses and labels, and takes the context's words over."""
    context = Context("x", map="checkout", window=timedelta(hours=2), systems=(AM,), severities={"sev1": "P2"})
    assembly = open_live(context, config_folder=None)
    (expected,) = assembly.setup.systems
    assert (expected.name, expected.kind, expected.urls) == ("am-eu", "alertmanager", AM.urls)
    assert Topic.ALERTS in expected.topics
    assert assembly.setup.window == timedelta(hours=2)
    assert assembly.setup.severities == {"sev1": "P2"}
    assert "payment" in assembly.map.services
    assert assembly.problems == ()
    assert assembly.map_text is not None


def test_map_that_is_nowhere_is_refused() -> None:
    """A configured map has to be found."""
    with pytest.raises(ConfigError, match="nope"):
        open_live(Context("x", map="nope", systems=(AM,)), config_folder=None)


def test_map_with_errors_opens_all_the_same(tmp_path: Path) -> None:
    """A map with mistakes is used as far as it is right, and its problems are kept."""
    (tmp_path / "m.yaml").write_text("map: m\nservices:\n  a: {team: t, calls: [nobody]}\nteams: {t: {}}\n")
    assembly = open_live(Context("x", map="m", systems=(AM,)), config_folder=tmp_path)
    assert set(assembly.map.services) == {"a"}
    assert any(problem.rule == "unknown-service" for problem in assembly.problems)


def test_recording_is_assembled_like_the_live_systems() -> None:
    """A recording has the context's systems, its map, and a clock that starts where it is told and ends with it."""
    map_text = "map: m\nservices:\n  a: {team: t}\nteams: {t: {}}\n"
    context = Context("x", production=True, systems=(AM,))
    start = AT - timedelta(minutes=1)
    assembly = open_recording(_recording(context, map_text), at=start, speed=0)
    assert [system.name for system in assembly.systems] == ["am-eu"]
    assert set(assembly.map.services) == {"a"}
    assert assembly.context.production
    assert assembly.context.read_only
    assert assembly.clock.now() == start
    assert assembly.recording is not None


def test_another_map_may_stand_over_the_recorded_one() -> None:
    """`--map` replaces the recording's map."""
    assembly = open_recording(_recording(Context("x", systems=(AM,))), at=AT, map_name="checkout")
    assert "payment" in assembly.map.services


def test_recording_of_an_unknown_kind_is_refused() -> None:
    """A recording that names a kind which this version does not have says so."""
    context = Context("x", systems=(SystemSpec("future", "future"),))
    with pytest.raises(ConfigError, match="no kind of system"):
        open_recording(_recording(context), at=AT)


def test_file_is_made_only_when_all_is_right(tmp_path: Path) -> None:
    """A mistake in the configuration leaves no file behind."""
    path = tmp_path / "r.jsonl"
    with pytest.raises(ConfigError):
        open_recorded(Context("x", systems=(_spec("nonsense"),)), path, config_folder=None)
    with pytest.raises(ConfigError):
        open_recorded(Context("x", systems=(SystemSpec("a", "alertmanager"),)), path, config_folder=None)
    assert not path.exists()
