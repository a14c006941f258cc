"""What the annotation of a change says, and which annotations mark the same one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.annotation import FROM, OWN, Annotation
from cockpit.model.change import ChangeKind, Progress
from cockpit.model.topology import IntegrationMap, Service
from cockpit.systems.grafana_annotations import plain_text
from cockpit.topology.naming import Naming
from cockpit.writes.annotating import LONGEST, annotation_for, is_same, own_tag, text_for, why_not_change
from tests.unit.writes.changes import BEGAN, change

_NAMING = Naming(IntegrationMap("m", services={"payment": Service("payment", aliases=("payment-service",))}))


def test_an_annotation_says_what_and_whose() -> None:
    """Tags name service, version, team, our own tag and who reported it; the time range is the change's."""
    found = annotation_for(change(), ("deploy",), "abc")
    assert found.tags == (
        "deploy",
        "service:payment",
        "version:v2.4.0",
        "team:team-payments",
        "cockpit:payment@2.4.0@20261120T1402Z",
        "from:git",
        "from:prometheus",
    )
    assert (found.began, found.ended, found.dashboard) == (BEGAN, BEGAN + timedelta(minutes=7), "abc")
    assert found.repeats
    assert found.text.split("\n") == [
        "payment-service v2.4.0 deployed (team-payments)",
        "Ask the new &lt;gateway&gt;",
        "https://git.example/v2.4.0",
    ]


def test_failed_rolled_back_and_other_kinds_say_so() -> None:
    """Nobody takes a failed deploy, a rollback or a flag for a deploy that went well."""
    failed = annotation_for(change(progress=Progress.FAILED), ("deploy",), "")
    assert "failed" in failed.tags
    assert "failed" in failed.text
    back = annotation_for(change(rollback=True), ("deploy",), "")
    assert "rollback" in back.tags
    assert "rolled back" in back.text
    flag = annotation_for(change(kind=ChangeKind.FLAG), ("deploy",), "")
    assert "kind:flag" in flag.tags
    assert why_not_change(change(kind=ChangeKind.MERGED)) is not None
    assert why_not_change(change()) is None


def test_first_hand_is_no_repetition() -> None:
    """A change that nobody reported is told first-hand: who reads the annotation takes it for a report."""
    found = annotation_for(change(witnesses=()), ("deploy",), "")
    assert not found.repeats
    assert not any(tag.startswith(FROM) for tag in found.tags)


@pytest.mark.parametrize(
    ("known", "same"),
    [
        ({"tags": ("cockpit:payment@2.4.0@20261120T1402Z",), "service": "", "version": ""}, True),
        ({}, True),
        ({"service": "payment-service", "version": "2.4.0"}, True),
        ({"began": BEGAN + timedelta(minutes=15)}, True),
        ({"began": BEGAN + timedelta(minutes=16)}, False),
        ({"version": "v2.4.1"}, False),
        ({"version": ""}, False),
        ({"service": "order"}, False),
        ({"service": ""}, False),
    ],
)
def test_the_same_deploy_is_known_by_tag_or_by_service_version_and_time(known: dict[str, Any], same: bool) -> None:
    """Whoever wrote it and however the service is spelt; another version or time is another deploy."""
    wanted = annotation_for(change(), ("deploy",), "")
    other = replace(Annotation("", (), BEGAN, service="payment", version="v2.4.0"), **known)
    assert is_same(other, wanted, _NAMING) is same


@given(st.text(max_size=300), st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_own_tags_can_be_found_again(one: str, other: str) -> None:
    """They have no colon, no space and never more than fit; long ids stay apart."""
    first, second = own_tag(change(id=one)), own_tag(change(id=other))
    for tag in (first, second):
        value = tag.removeprefix(OWN)
        assert ":" not in value
        assert not any(map(str.isspace, value))
        assert len(value) <= LONGEST
    if len(one) > LONGEST and len(other) > LONGEST and one != other:
        assert first != second


@given(st.text(max_size=60), st.text(max_size=60), st.lists(st.text(max_size=30), max_size=8))
@settings(max_examples=60, deadline=None)
def test_tags_and_text_stay_within_what_dashboards_keep(service: str, version: str, systems: list[str]) -> None:
    """Whatever the change holds: tags are bounded, text has no marks of its own."""
    del systems
    found = annotation_for(change(service=service, version=version), ("deploy",), "")
    assert all(len(tag) <= LONGEST + 12 for tag in found.tags)
    assert "<" not in text_for(change(summary="<script>x</script>", name=service, version=version))


def test_what_is_escaped_is_read_back_as_it_was() -> None:
    """The text of an annotation of ours reads as the summary did."""
    assert "Ask the new <gateway>" in plain_text(text_for(change()))
