"""Systems without a configuration, and flags over one."""

from pathlib import Path

import pytest

from cockpit.config import ConfigError, Context
from cockpit.config import amtool as amtool_module
from cockpit.config.direct import Asked
from cockpit.config.load import load
from tests.unit.config.helpers import loaded, system, write


@pytest.fixture(autouse=True)
def _no_host_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this machine's own amtool files out."""
    monkeypatch.setattr(amtool_module, "SYSTEM_FOLDER", tmp_path / "etc")


def _found(home: Path, asked: Asked | None = None, **environ: str) -> Context:
    return load(asked, {"HOME": str(home), **environ}).chosen


def _urls(context: Context) -> dict[str, tuple[str, ...]]:
    return {spec.name: spec.urls for spec in context.systems}


def test_nothing_at_all_asks_this_host(tmp_path: Path) -> None:
    """Without a word anywhere localhost is asked, and what was looked at is told."""
    context = _found(tmp_path)
    assert _urls(context) == {"alertmanager": ("http://localhost:9093",), "prometheus": ("http://localhost:9090",)}
    assert context.source == "default"
    assert any("config.toml" in line for line in context.tried)
    assert "ALERTMANAGER_URL is not set" in context.tried
    assert sum("amtool" in line for line in context.tried) == 4


def test_flags_name_peers_and_servers(tmp_path: Path) -> None:
    """`--alertmanager` repeated names the peers of one cluster, `--prometheus` repeated several servers."""
    context = _found(
        tmp_path, Asked(alertmanagers=("http://a:1", "http://b:1"), prometheuses=("http://p:1", "http://q:1"))
    )
    assert _urls(context) == {
        "alertmanager": ("http://a:1", "http://b:1"),
        "prometheus": ("http://p:1",),
        "prometheus-2": ("http://q:1",),
    }
    assert context.source == "command line"


def test_alertmanager_alone_is_enough(tmp_path: Path) -> None:
    """With an Alertmanager named, no Prometheus is guessed."""
    assert _urls(_found(tmp_path, Asked(alertmanagers=("http://a:1",)))) == {"alertmanager": ("http://a:1",)}
    assert _urls(_found(tmp_path, ALERTMANAGER_URL="http://a:1")) == {"alertmanager": ("http://a:1",)}


def test_environment_comes_after_flags(tmp_path: Path) -> None:
    """The variables count where no flag of their kind does, separated by commas."""
    environ = {"ALERTMANAGER_URL": "http://a:1, http://b:1", "PROMETHEUS_URL": "http://p:1,http://q:1"}
    context = _found(tmp_path, None, **environ)
    assert _urls(context)["alertmanager"] == ("http://a:1", "http://b:1")
    assert _urls(context)["prometheus-2"] == ("http://q:1",)
    assert context.source == "environment"
    assert _urls(_found(tmp_path, Asked(alertmanagers=("http://f:1",)), **environ))["alertmanager"] == ("http://f:1",)


def test_prometheus_alone_still_asks_an_alertmanager(tmp_path: Path) -> None:
    """Alerts come from an Alertmanager: one is always asked."""
    assert _urls(_found(tmp_path, Asked(prometheuses=("http://p:1",)))) == {
        "alertmanager": ("http://localhost:9093",),
        "prometheus": ("http://p:1",),
    }


@pytest.mark.parametrize("place", ["--alertmanager", "--prometheus", "ALERTMANAGER_URL", "PROMETHEUS_URL"])
def test_mistake_names_the_flag_or_variable(tmp_path: Path, place: str) -> None:
    """A URL that is none names where it was written, and never what may be a password in it."""
    bad = "me:hunter2@x"
    asked = Asked(
        alertmanagers=(bad,) if place == "--alertmanager" else (),
        prometheuses=(bad,) if place == "--prometheus" else (),
    )
    environ = {"HOME": str(tmp_path)} if place.startswith("--") else {"HOME": str(tmp_path), place: bad}
    with pytest.raises(ConfigError) as caught:
        load(asked, environ)
    assert caught.value.place == place
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "place",
    [
        ".config/amtool/config.yml",
        "etc/amtool/config.yml",
        ".config/prometheus/amtool.yml",
        "etc/prometheus/amtool.yml",
    ],
)
@pytest.mark.parametrize("text", ['alertmanager.url: "http://am:9093"', "alertmanager:\n  url: http://am:9093/"])
def test_amtool_is_asked_where_it_keeps_its_file(tmp_path: Path, place: str, text: str) -> None:
    """Files of amtool count at upstream's places and at Debian's, with both ways to write the key."""
    write(tmp_path / place, text)
    context = _found(tmp_path)
    assert _urls(context) == {"alertmanager": ("http://am:9093",)}
    assert context.source == "amtool"
    assert context.systems[0].place.startswith(str(tmp_path / place))


def test_amtool_login_is_taken_over(tmp_path: Path) -> None:
    """Basic auth, bearer tokens and certificates of amtool's HTTP file are used, without reading the secret."""
    folder = tmp_path / ".config" / "amtool"
    write(folder / "config.yml", 'alertmanager.url: "https://am"\nhttp.config.file: http.yml\n')
    write(
        folder / "http.yml", "basic_auth: {username: me, password: hunter2}\ntls_config: {insecure_skip_verify: true}\n"
    )
    spec = _found(tmp_path).systems[0]
    assert (spec.user, spec.verify) == ("me", False)
    assert spec.password is not None
    assert (spec.password.file, spec.password.key) == (str(folder / "http.yml"), "basic_auth.password")
    assert "hunter2" not in repr(spec)
    write(folder / "http.yml", "authorization: {credentials_file: token}\ntls_config: {ca_file: ca.pem}\n")
    spec = _found(tmp_path).systems[0]
    assert spec.token is not None
    assert (spec.token.file, spec.token.key) == (str(folder / "token"), "")
    assert spec.verify == str(folder / "ca.pem")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [", "config.yml:1"),
        ("- 1", "config.yml"),
        ("alertmanager.url: 5", "config.yml: alertmanager.url"),
        ('alertmanager.url: "http://a:hunter2@b"', "config.yml: alertmanager.url"),
        ('alertmanager.url: "http://a"\nhttp.config.file: none.yml', "config.yml: http.config.file"),
    ],
)
def test_broken_amtool_file_is_told(tmp_path: Path, text: str, place: str) -> None:
    """A file of amtool's that counts and is broken is an error at its place."""
    write(tmp_path / ".config" / "amtool" / "config.yml", text)
    with pytest.raises(ConfigError) as caught:
        _found(tmp_path)
    assert place in caught.value.place
    assert "hunter2" not in str(caught.value)


def test_flags_replace_systems_of_their_kind(tmp_path: Path) -> None:
    """With a configuration a flag replaces the systems of its kind and the map, and leaves the others."""
    text = system('url = "http://a:1"\ntoken = {env = "T"}') + (
        '[contexts.prod.systems.am-us]\nkind = "alertmanager"\nurl = "http://b:1"\n'
        '[contexts.prod.systems.prometheus]\nurl = "http://p:1"\n'
    )
    context = loaded(tmp_path, text, Asked(alertmanagers=("http://f:1",), map="checkout")).chosen
    assert _urls(context) == {"prometheus": ("http://p:1",), "alertmanager": ("http://f:1",)}
    assert context.map == "checkout"
    assert all(spec.token is None for spec in context.systems)


def test_environment_does_not_count_with_a_configuration(tmp_path: Path) -> None:
    """A configuration that was written down is not changed by a variable left from elsewhere."""
    text = system('url = "http://a:1"')
    assert _urls(loaded(tmp_path, text, ALERTMANAGER_URL="http://x:1").chosen) == {"alertmanager": ("http://a:1",)}


def test_map_flag_is_a_file_or_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is taken from where the command is run; anything else is a name."""
    write(tmp_path / "m.yaml", "map: m")
    monkeypatch.chdir(tmp_path)
    assert _found(tmp_path, Asked(map="m.yaml")).map == str(tmp_path / "m.yaml")
    assert _found(tmp_path, Asked(map="checkout")).map == "checkout"
