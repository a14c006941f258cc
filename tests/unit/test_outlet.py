"""The outlet, on real pseudo-terminals that nobody reads."""

import os
import select
import threading
import time
from collections.abc import Iterator

import pytest

from cockpit import outlet
from cockpit.outlet import RESET, Outlet


@pytest.fixture
def pair() -> Iterator[tuple[int, int]]:
    """Return both ends of a pseudo-terminal in raw mode."""
    import tty

    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, slave
    for end in (master, slave):
        try:
            os.close(end)
        except OSError:
            continue


def read(master: int) -> bytes:
    """Return everything that waits to be read."""
    data = b""
    while select.select([master], [], [], 0.05)[0]:
        data += os.read(master, 65536)
    return data


@pytest.mark.parametrize("own", [True, False], ids=["own descriptor", "borrowed descriptor"])
def test_last_words_come_past_a_stall(pair: tuple[int, int], monkeypatch: pytest.MonkeyPatch, own: bool) -> None:
    """However much waits for a terminal that takes nothing, the reset comes at once and nothing after it."""
    master, slave = pair
    if not own:
        monkeypatch.setattr(outlet, "_open_again", lambda fileno: fileno)
    out = Outlet(slave)
    writer = threading.Thread(target=lambda: [out.write("x" * 5000) for _ in range(40)], daemon=True)
    writer.start()
    while select.select([], [slave], [], 0)[1]:
        writer.join(0.01)
    began = time.monotonic()

    out.reset()

    assert time.monotonic() - began < 1
    writer.join(2)
    assert not writer.is_alive()
    said = read(master)
    assert said.endswith(RESET)
    assert len(said) < 100_000


def test_everything_arrives_in_order(pair: tuple[int, int]) -> None:
    """Text of any length arrives whole at a terminal that is read, what cannot be encoded as a stand-in."""
    master, slave = pair
    out = Outlet(slave)
    text = "".join(f"{number} ● \ud800 " for number in range(4000))

    def write() -> None:
        out.write(text)
        out.flush()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    said = b""
    while writer.is_alive() or select.select([master], [], [], 0.05)[0]:
        said += read(master)

    assert said == text.encode(errors="replace")
    assert not out.busy


def test_a_terminal_that_is_gone_takes_everything(pair: tuple[int, int]) -> None:
    """Writing to a terminal that was closed neither fails nor waits."""
    master, slave = pair
    out = Outlet(slave)
    os.close(master)

    out.write("x" * 100_000)
    out.flush()
    out.reset()

    assert out.gone
    assert not out.busy


def test_the_shell_keeps_its_descriptor_blocking(pair: tuple[int, int]) -> None:
    """What the outlet needs is set on a descriptor of its own, as the shell shares ours."""
    _, slave = pair

    out = Outlet(slave)

    assert out.fileno() != slave
    assert os.get_blocking(slave)
