"""What a context may say, and how its mistakes are told."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.assembly import open_live
from cockpit.config import DEFAULT_DIM, DEFAULT_HEARTBEAT, ConfigError, Context, Me
from cockpit.config.files import Document
from cockpit.config.load import read_config
from cockpit.config.zones import person_zone
from tests.unit.config.helpers import loaded, refused

_KEYS = [field.name for field in fields(Context) if field.name not in {"name", "source", "tried"}]


def test_example_of_the_formats_is_read(tmp_path: Path) -> None:
    """The configuration that the documents show is read to the letter."""
    (tmp_path / ".config" / "cockpit").mkdir(parents=True)
    secret = tmp_path / ".config" / "cockpit" / "pagerduty"
    secret.write_text("x", "utf-8")
    secret.chmod(0o600)
    config = loaded(
        tmp_path,
        """
        context = "prod"
        [contexts.prod]
        map = "checkout"
        production = true
        read_only = true
        window = "4h"
        timezone = "Europe/Berlin"
        me = {name = "first responder", teams = ["team-payments"]}
        heartbeat = ['alertname="Watchdog"']
        dim = ['alertname="InfoInhibitor"', 'severity=~"none|info"']
        [contexts.prod.systems.alertmanager]
        urls = ["http://am-0:9093", "http://am-1:9093"]
        labels = {cluster = "eu-1"}
        [contexts.prod.systems.am-us]
        kind = "alertmanager"
        urls = ["http://am-us:9093"]
        [contexts.prod.systems.prometheus]
        url = "http://prometheus:9090"
        changes = [{query = "max by (service, version) (app_build_info)", version = "version"}]
        [contexts.prod.systems.git]
        repositories = [
          {path = "/srv/git/payment-service", service = "payment", ref = "main", tags = "v*", kind = "deploy", fetch = "2m"}
        ]
        [contexts.prod.systems.pagerduty]
        token = {file = "~/.config/cockpit/pagerduty"}
        from = "oncall@example.com"
        write = true
        """,
    )
    context = config.chosen
    assert context.production
    assert context.window == timedelta(hours=4)
    assert context.timezone == "Europe/Berlin"
    assert context.me == Me("first responder", ("team-payments",))
    assert [(spec.name, spec.kind) for spec in context.systems] == [
        ("alertmanager", "alertmanager"),
        ("am-us", "alertmanager"),
        ("prometheus", "prometheus"),
        ("git", "git"),
        ("pagerduty", "pagerduty"),
    ]
    first, _, prometheus, git, pagerduty = context.systems
    assert first.urls == ("http://am-0:9093", "http://am-1:9093")
    assert first.labels == {"cluster": "eu-1"}
    assert prometheus.extra == {
        "changes": [{"query": "max by (service, version) (app_build_info)", "version": "version"}]
    }
    assert set(git.extra) == {"repositories"}
    assert git.place == f"{tmp_path}/.config/cockpit/config.toml: contexts.prod.systems.git"
    assert pagerduty.extra == {"from": "oncall@example.com"}
    assert pagerduty.write
    assert pagerduty.token is not None
    assert pagerduty.token.file == str(secret)
    assert [system.name for system in open_live(context, config_folder=tmp_path).systems] == [
        spec.name for spec in context.systems
    ]


def test_everything_may_be_left_out(tmp_path: Path) -> None:
    """An empty context has the documented defaults."""
    context = loaded(tmp_path, "[contexts.prod]\n").chosen
    assert context.read_only
    assert not context.production
    assert context.window == timedelta(hours=4)
    assert (context.shift, context.baking) == (timedelta(hours=12), timedelta(hours=1))
    assert (context.heartbeat, context.dim) == (DEFAULT_HEARTBEAT, DEFAULT_DIM)
    assert context.ascii is None


def test_a_shift_is_as_long_as_is_set(tmp_path: Path) -> None:
    """How long a shift lasts and a deploy bakes is read; no time at all is refused."""
    context = loaded(tmp_path, '[contexts.prod]\nshift = "8h"\nbaking = "90m"\n').chosen
    assert (context.shift, context.baking) == (timedelta(hours=8), timedelta(minutes=90))
    assert "no time at all" in refused(tmp_path, '[contexts.prod]\nshift = "0s"\n').what


def test_the_rest_of_a_context_is_read(tmp_path: Path) -> None:
    """Keys beyond the documented example are read as they are typed."""
    context = loaded(
        tmp_path,
        '[contexts.p]\ntimes = "local"\nheartbeat = []\nexporters = ["x"]\nseverities = {sev1 = "P2"}\nbell = false\n'
        'bell_every = "5m"\nviews = {mine = "team=\\"a\\""}\nkeys = {help = "f1", back = ["q", "f2"]}\n'
        'theme = "nord"\nascii = true\nmouse = true\n',
    ).chosen
    assert context.times == "local"
    assert context.heartbeat == ()
    assert context.exporters == ("x",)
    assert context.severities == {"sev1": "P2"}
    assert (context.bell, context.bell_every) == (False, timedelta(minutes=5))
    assert context.keys == {"help": "f1", "back": "q,f2"}
    assert (context.theme, context.ascii, context.mouse) == ("nord", True, True)


@pytest.mark.parametrize(
    ("line", "place", "what", "remedy"),
    [
        ('windwo = "4h"', "windwo", "unknown key", "did you mean window?"),
        ("window = 4", "window", "is a whole number", "as a string"),
        ('window = "4 hours"', "window", "is no duration", "4h"),
        ('window = "0s"', "window", "no time at all", "more than nothing"),
        ('production = "yes"', "production", "is a string", "true or false"),
        ('timezone = "Europe/Berlni"', "timezone", "no time zone", "did you mean Europe/Berlin?"),
        ('timezone = "../../etc/passwd"', "timezone", "no time zone", ""),
        ('times = "lokal"', "times", "none of utc, local", "utc, local"),
        ('me = "x"', "me", "is a string", "a table"),
        ('me = {nam = "x"}', "me.nam", "unknown key", "did you mean name?"),
        ("me = {teams = [1]}", "me.teams[0]", "is a whole number", "a string"),
        ("heartbeat = ['alertname']", "heartbeat[0]", "is no matcher", "write one such as"),
        ("dim = ['a=~\"(\"']", "dim[0]", "no regular expression", "write one"),
        ('severities = {sev1 = "P9"}', "severities.sev1", "no priority", "P1, P2, P3, P4"),
        ('map = ""', "map", "is empty", "leave the key out"),
        ("systems = []", "systems", "is a list", "a table"),
        ("systems = {git = 1}", "systems.git", "is a whole number", "a table"),
        ("ascii = 1", "ascii", "is a whole number", "true or false"),
        ("timezone = 2026-11-20", "timezone", "is a date or time", "a string"),
    ],
)
def test_mistake_is_told_with_place_and_remedy(tmp_path: Path, line: str, place: str, what: str, remedy: str) -> None:
    """A wrong key, type or value names its file, its key and what to write."""
    error = refused(tmp_path, f"[contexts.prod]\n{line}\n")
    assert error.place == f"{tmp_path}/.config/cockpit/config.toml: contexts.prod.{place}"
    assert what in error.what
    assert remedy in error.remedy
    assert "\n" not in str(error)


def test_unknown_key_at_the_top_is_told(tmp_path: Path) -> None:
    """The top table is checked like all others."""
    assert refused(tmp_path, "contxts = {}\n[contexts.a]\n").remedy == "did you mean contexts?"


def test_key_that_resembles_nothing_gets_the_list(tmp_path: Path) -> None:
    """Where no known key is near, all are named."""
    assert "window" in refused(tmp_path, "[contexts.prod]\nqqqqqq = 1\n").remedy


_json = st.recursive(
    st.one_of(st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.sampled_from(_KEYS), st.text(max_size=6)), inner, max_size=3),
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.one_of(st.sampled_from(_KEYS), st.text(max_size=6)), _json, max_size=4))
@settings(max_examples=100, deadline=None)
def test_any_context_is_read_or_refused_at_its_place(values: dict[str, object]) -> None:
    """Whatever TOML can hold is read, or refused with a place inside that context: nothing else is ever raised."""
    document = Document({"contexts": {"prod": values}}, {}, ("/c.toml",))
    try:
        assert read_config(document, Path("/home/x")).context == "prod"
    except ConfigError as error:
        assert error.place.startswith("/c.toml: contexts.prod")
        assert error.what
        assert error.remedy


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12).filter(lambda key: key not in _KEYS))
@settings(max_examples=60, deadline=None)
def test_every_unknown_key_is_refused_by_name(key: str) -> None:
    """No unknown key passes unseen, whatever it is called."""
    document = Document({"contexts": {"prod": {key: 1}}}, {}, ("/c.toml",))
    with pytest.raises(ConfigError) as caught:
        read_config(document, Path("/home/x"))
    assert caught.value.place == f"/c.toml: contexts.prod.{key}"


def test_zone_is_the_configured_one_then_tz() -> None:
    """A configured zone counts first, `$TZ` second, and a `$TZ` that names none is passed over."""
    at = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
    assert person_zone("Europe/Berlin", {"TZ": "Asia/Tokyo"}, at) == ZoneInfo("Europe/Berlin")
    assert person_zone(None, {"TZ": "Asia/Tokyo"}, at) == ZoneInfo("Asia/Tokyo")
    assert person_zone(None, {"TZ": ":Asia/Tokyo"}, at) == ZoneInfo("Asia/Tokyo")
    assert person_zone(None, {"TZ": "Nowhere/None"}, at) is not None
