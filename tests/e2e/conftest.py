"""Real servers, started once for all tests of a module that only look at them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.incident import Incident
from tests.e2e.keeping import Keeping
from tests.e2e.pty_session import PtySession
from tests.needs import program

SEARCH_SILENCE = "shards are indexed anew"
"""The comment of the silence that stands in the broken shop."""


@pytest.fixture(scope="module")
def servers() -> None:
    """Skip the module where a real server is missing."""
    for name in ("prometheus", "promtool", "prometheus-alertmanager", "git", "tmux"):
        program(name)


@pytest.fixture(scope="module")
def broken(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Incident]:
    """Return the shop while every payment fails; a silenced, an inhibited and a pending alert are there too."""
    incident = Incident(tmp_path_factory.mktemp("broken"), peers=2)
    with incident.stage:
        incident.stage.alertmanagers[0].silence({"alertname": "SearchShardStale"}, SEARCH_SILENCE, "search on call")
        incident.measures("search", "search_shard_age_seconds", 1200, {"shard": "3"})
        incident.measures("card-gateway", "card_gateway_seconds", 3.4)
        incident.fires("SearchShardStale")
        incident.breaks()
        yield incident


@pytest.fixture
def short_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder whose path is short enough for a socket."""
    return tmp_path_factory.mktemp("t")


@pytest.fixture
def keeping(tmp_path: Path) -> Iterator[Keeping]:
    """Return somebody on call before an Alertmanager in which one alert fires."""
    keeping = Keeping(tmp_path)
    with keeping.begun():
        yield keeping


@pytest.fixture
def terminal() -> Iterator[PtySession]:
    """Return a pseudo-terminal."""
    with PtySession() as terminal:
        yield terminal
