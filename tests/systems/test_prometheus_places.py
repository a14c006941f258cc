"""Where pods run, asked of a Prometheus and kept at rest."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.clock import FixedClock
from cockpit.model.reading import Place, PlacesSeen
from cockpit.model.topology import NO_MAP
from cockpit.systems import prometheus_places
from cockpit.systems.base import Circumstances, Surroundings, SystemError
from cockpit.systems.http import HttpWire
from cockpit.systems.places_cache import PlacesCache
from cockpit.systems.prometheus import System
from cockpit.systems.prometheus_places import POD_INFO
from tests.fakes.prometheus import FakePrometheus, constant
from tests.systems.prometheuses import NOW
from tests.systems.wires import spec_of

INFO = constant(
    1, pod="pay-5d8f9c7b64-x2x4z", namespace="shop", node="n-1", created_by_kind="ReplicaSet",
    created_by_name="pay-5d8f9c7b64", host_ip="10.0.0.1",
)  # fmt: skip
"""One pod, as kube-state-metrics tells it."""


def opened(url: str, cache: Path, clock: FixedClock | None = None) -> System:
    """Return a Prometheus whose cache lies there."""
    spec = replace(spec_of(url), name="prom", kind="prometheus")
    clock = clock or FixedClock(NOW)
    return System(spec, Surroundings(HttpWire(spec, clock), NO_MAP, str(cache)), clock)


def knowing(server: FakePrometheus) -> None:
    """Let the server know one pod."""
    server.names = ["kube_pod_info"]
    server.queries = {POD_INFO: INFO}


async def test_a_pod_is_told_with_its_node_and_workload(tmp_path: Path) -> None:
    """What made a pod says what it is called without its hash."""
    async with FakePrometheus(lambda: NOW) as server:
        knowing(server)
        system = opened(server.url, tmp_path)
        (place,) = (await system.places(Circumstances())).places
        await system.close()
    assert (place.pod, place.namespace, place.node) == ("pay-5d8f9c7b64-x2x4z", "shop", "n-1")
    assert place.labels == {"deployment": "pay", "host_ip": "10.0.0.1"}


async def test_what_is_at_rest_counts_where_the_server_does_not_answer(tmp_path: Path) -> None:
    """Another process gets what was known last, with its moment, while the server is down; of another server nothing."""
    clock = FixedClock(NOW)
    async with FakePrometheus(clock.now) as server:
        knowing(server)
        first = opened(server.url, tmp_path, clock)
        live = await first.places(Circumstances())
        await first.close()
    clock.advance(timedelta(hours=2).total_seconds())
    second, around = opened(server.url, tmp_path, clock), Circumstances()
    kept = await second.places(around)
    await second.close()
    assert kept == live
    assert around.complete_to == kept.read == NOW
    assert around.partial is not None
    other = opened("http://127.0.0.1:1", tmp_path, clock)
    with pytest.raises(SystemError):
        await other.places(Circumstances())
    await other.close()


async def test_a_slow_server_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where something is at rest, an answer that takes too long is not waited for."""
    async with FakePrometheus(lambda: NOW) as server:
        knowing(server)
        system = opened(server.url, tmp_path)
        live = await system.places(Circumstances())
        monkeypatch.setattr(prometheus_places, "PATIENCE_S", 0.05)
        monkeypatch.setattr(system._places, "_live", _never)
        around = Circumstances()
        assert await system.places(around) == live
        await system.close()
    assert around.partial == "as it was last known: no answer within 0.05 s"


async def _never(_: Circumstances) -> PlacesSeen:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"form": 2}', b'{"form":1,"read":"2026-11-20T14:12:00Z","strings":[],"pods":[[0,0,0,[]]]}'])  # fmt: skip
def test_a_file_that_cannot_be_read_is_none(tmp_path: Path, content: bytes) -> None:
    """Cut off, broken, of another form: nothing is known, and nobody falls over it."""
    cache = PlacesCache(str(tmp_path), "prom", ("http://p",))
    cache.write(PlacesSeen((Place("p", "n", "node"),), NOW))
    (file,) = (tmp_path / "places").iterdir()
    file.write_bytes(content)
    assert cache.read() is None


def test_the_file_is_its_owners_alone_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else may read it, no half of it is left behind, and what is too large is not kept."""
    cache = PlacesCache(str(tmp_path / "new"), "prom", ("http://p",))
    cache.write(PlacesSeen((Place("p", "n", "node"),), NOW))
    (file,) = (tmp_path / "new" / "places").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr("cockpit.systems.places_cache.LARGEST", 10)
    cache.write(PlacesSeen((Place("q", "n", "node"),), NOW))
    assert cache.read() is None
    assert len(list(file.parent.iterdir())) == 1


def test_a_disk_that_takes_nothing_ends_nothing(tmp_path: Path) -> None:
    """Where there can be no folder, nothing is kept."""
    (tmp_path / "places").write_text("a file")
    cache = PlacesCache(str(tmp_path), "prom", ("http://p",))
    cache.write(PlacesSeen((), NOW))
    assert cache.read() is None


_WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=8)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.builds(Place, _WORDS, _WORDS, _WORDS, st.dictionaries(_WORDS, _WORDS, max_size=3)), max_size=6))
def test_places_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, places: list[Place]) -> None:
    """What is kept is what was read, but for what is never shown as it is."""
    from cockpit.text import one_line

    cache = PlacesCache(str(tmp_path_factory.mktemp("c")), "prom", ())
    cleaned = [
        Place(
            one_line(one.pod), one_line(one.namespace), one_line(one.node),
            {one_line(name): one_line(value) for name, value in one.labels.items()},
        )
        for one in places
    ]  # fmt: skip
    cache.write(PlacesSeen(tuple(cleaned), NOW))
    assert cache.read() == PlacesSeen(tuple(cleaned), NOW)
