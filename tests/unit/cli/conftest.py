"""An Alertmanager that speaks the real protocol beside each test that asks for one."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.fakes.alertmanager import Cluster, FakeAlertmanager
from tests.fakes.http_server import in_thread


@pytest.fixture
def cluster() -> Cluster:
    """Return what the peers share."""
    return Cluster(now=lambda: datetime.now(UTC))


@pytest.fixture
def alertmanager(cluster: Cluster) -> Iterator[FakeAlertmanager]:
    """Run one Alertmanager."""
    server = FakeAlertmanager(cluster)
    with in_thread(server):
        yield server
