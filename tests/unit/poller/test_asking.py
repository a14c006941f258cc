"""Whatever comes of asking is a reading."""

import asyncio
import logging
from datetime import timedelta

import pytest

from cockpit.model.alert import AlertKey
from cockpit.model.reading import AlertsSeen, Topic
from cockpit.poller import Request, ask
from cockpit.poller.attending import SeriesRequest
from cockpit.systems.recording import NotRecorded
from tests.unit.poller.pretend import NOON, HandClock, Pretender, fail, report

ALL = tuple(Topic)
REQUEST = Request(NOON - timedelta(hours=4), series=SeriesRequest("p", AlertKey("am", "x"), "up", {}))


@pytest.fixture
def system() -> Pretender:
    """A system that can be asked for everything."""
    return Pretender("p", ALL, HandClock())


async def test_an_answer_is_a_reading_with_its_circumstances(system: Pretender) -> None:
    """The reading holds the answer, when it was asked, up to when it is complete, and its gaps."""
    reading = (await ask(system, Topic.ALERTS, HandClock(), REQUEST, every_s=15)).reading
    assert reading.answer == AlertsSeen((report("Errors"),))
    assert (reading.system, reading.kind, reading.asked, reading.every_s) == ("p", "pretend", NOON, 15)
    assert (reading.error, reading.complete_to) == (None, NOON)
    reading = (await ask(system, Topic.CHANGES, HandClock(), REQUEST, every_s=30)).reading
    assert (reading.error, reading.complete_to) == ("payment: fetch failed", NOON - timedelta(minutes=1))


@pytest.mark.parametrize("topic", ALL)
async def test_every_topic_has_its_question(system: Pretender, topic: Topic) -> None:
    """Each topic is asked by its own method, and answers; longer changes as the others are."""
    reading = (await ask(system, topic, HandClock(), REQUEST, every_s=15)).reading
    assert reading.answer is not None
    assert [asked for asked, _ in system.asked] == [Topic.CHANGES if topic is Topic.WIDER else topic]


async def test_a_failure_is_a_reading_too(system: Pretender) -> None:
    """A system that fails gives a reading without answer, with its words and for how long it wants to be left alone."""
    system.fails.append(fail("429 Too Many Requests", 7))
    asked = await ask(system, Topic.ALERTS, HandClock(), REQUEST, every_s=15)
    assert (asked.reading.answer, asked.reading.error) == (None, "429 Too Many Requests")
    assert asked.reading.complete_to is None
    assert asked.retry_after_s == 7


async def test_an_error_of_ours_is_shown_and_logged(system: Pretender, caplog: pytest.LogCaptureFixture) -> None:
    """An unexpected exception ends nothing: its kind is the reading's error, its trace is in the log."""
    system.fails.append(TypeError("secret detail"))
    with caplog.at_level(logging.ERROR):
        asked = await ask(system, Topic.RULES, HandClock(), REQUEST, every_s=15)
    assert asked.reading.error == "internal error: TypeError in pretend.rules, see the log"
    assert "secret detail" in caplog.text


async def test_what_hangs_is_given_up(system: Pretender) -> None:
    """A system that never answers, whatever its own limits, is a failure after a while."""
    system.hangs = asyncio.Event()
    asked = await ask(system, Topic.ALERTS, HandClock(), REQUEST, every_s=15, patience_s=0.01)
    assert asked.reading.error == "no answer within 0.01 s"


async def test_what_it_cannot_do_is_said(system: Pretender) -> None:
    """Asking for what a kind does not offer is a failure in words; a call that was not recorded is told apart."""
    request = Request(NOON)
    assert (await ask(system, Topic.SERIES, HandClock(), request, every_s=15)).reading.error == (
        "pretend cannot be asked for series"
    )
    system.fails.append(NotRecorded("not in the recording"))
    asked = await ask(system, Topic.ALERTS, HandClock(), REQUEST, every_s=15)
    assert not asked.recorded
    assert asked.reading.error == "not in the recording"
