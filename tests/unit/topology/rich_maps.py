"""Random maps with everything that a map can say, for what writes and reads and merges them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from cockpit.matchers import parse_matcher
from cockpit.model.topology import (
    DEFAULT_LABELS,
    Hop,
    IntegrationMap,
    MeasureQueries,
    Provenance,
    ScopeQuery,
    Service,
    Team,
    ToolHop,
)
from cockpit.text import one_line
from cockpit.topology.parts import KINDS

_WORDS = st.one_of(
    st.sampled_from(
        ["payment", "card-gateway", "on", "null", "1.0", "2026-11-20", "a: b", "#x", "- y", "'", '"', "{a}", "*s", "~"]
    ),
    st.text(min_size=1, max_size=12).map(one_line).filter(bool),
)
_MAYBE = st.one_of(st.none(), _WORDS)
_URLS = st.one_of(st.none(), _WORDS.map(lambda word: one_line(f"https://example.com/{word}")))
_MOMENTS = st.one_of(st.none(), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
_LISTS = st.lists(_WORDS, max_size=3, unique=True).map(tuple)
_MATCHERS = st.lists(
    st.sampled_from(['app="pay"', 'team=~"a|b"', 'x!="\\"q\\""']).map(parse_matcher), max_size=2, unique_by=str
).map(tuple)
_SCOPES = st.one_of(
    st.none(),
    st.sampled_from(["up", 'sum(rate(a{b="c"}[5m])) /\n  sum(rate(d[5m]))']).map(
        lambda query: ScopeQuery(query, "{value:percent} of it: failing")
    ),
)


@st.composite
def whole_maps(draw: st.DrawFn) -> IntegrationMap:
    """Draw a map with any of the fields that there are."""
    names = draw(st.lists(_WORDS, min_size=1, max_size=5, unique=True))
    some = st.lists(st.sampled_from(names), max_size=3, unique=True).map(tuple)
    services: Mapping[str, Service] = {
        name: Service(
            name,
            team=draw(_MAYBE),
            kind=draw(st.sampled_from(KINDS)),
            aliases=draw(_LISTS),
            match=draw(_MATCHERS),
            calls=tuple(
                Hop(
                    name,
                    callee,
                    draw(_MAYBE) or "",
                    draw(_MAYBE) or "",
                    draw(st.sampled_from(Provenance)),
                    draw(_MOMENTS),
                    draw(_LISTS),
                )
                for callee in draw(some)
            ),
            runs_on=draw(some),
            repository=draw(_MAYBE),
            runbook=draw(st.sampled_from([None, "maps/runbooks/a.md", "/srv/a.md", "https://example.com/r"])),
            weight=draw(st.one_of(st.just(1.0), st.floats(0, 1e300, allow_subnormal=False))),
            scope=draw(_SCOPES),
            measures=draw(st.sampled_from([None, MeasureQueries(errors="up"), MeasureQueries("a", "b", "c")])),
            status_page=draw(_URLS),
            support=draw(_MAYBE),
            pagerduty=draw(_MAYBE),
            dashboard=draw(_URLS),
            logs=draw(_MAYBE),
            provenance=draw(st.sampled_from(Provenance)),
            seen=draw(_MOMENTS),
            sources=draw(_LISTS),
        )
        for name in names
    }
    teams = draw(st.lists(_WORDS, max_size=3, unique=True))
    walk = st.lists(st.sampled_from(names), min_size=1, max_size=4).map(_without_repeats)
    return IntegrationMap(
        name=draw(_WORDS),
        path="maps/shop.yaml",
        entry=draw(some),
        journeys=draw(st.dictionaries(_WORDS, walk, max_size=2)),
        services=services,
        teams={name: Team(name, draw(_MAYBE), draw(_MAYBE), draw(_MAYBE), draw(_MAYBE)) for name in teams},
        tools=draw(st.lists(st.builds(ToolHop, _WORDS, _WORDS, _WORDS), max_size=2, unique=True).map(tuple)),
        labels=draw(st.sampled_from([DEFAULT_LABELS, ("app", "service")])),
    )


def _without_repeats(steps: list[str]) -> tuple[str, ...]:
    return tuple(step for place, step in enumerate(steps) if place == 0 or steps[place - 1] != step)


def placeless(source: IntegrationMap) -> IntegrationMap:
    """Return the map without the lines of its file."""
    return replace(source, services={name: replace(one, line=0) for name, one in source.services.items()})


def hops(source: IntegrationMap) -> set[tuple[str, str]]:
    """Return who calls whom."""
    return {(hop.caller, hop.callee) for service in source.services.values() for hop in service.calls}
