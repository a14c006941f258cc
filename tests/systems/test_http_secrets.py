"""Secrets: where they are read, when they are read again, and that nothing ever repeats one."""

import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import FixedClock, SystemClock
from cockpit.config import ConfigError, Secret
from cockpit.systems.base import SystemError
from cockpit.systems.failures import refused
from cockpit.systems.http import read_secret
from cockpit.systems.manners import Manners
from tests.fakes.http_server import Answer, Asked, FakeServer, say
from tests.systems.test_http import NOW
from tests.systems.wires import spec_of, wire_to

HIDDEN = "hunter2-and-more"
PLACE = "config.toml: contexts.prod.systems.am.token"


def secret_file(folder: Path, text: str = HIDDEN + "\n", mode: int = 0o600) -> Secret:
    """Write a secret's file and return its source."""
    file = folder / "token"
    file.write_text(text)
    file.chmod(mode)
    return Secret(file=str(file), place=PLACE)


def command(code: str) -> Secret:
    """Return a command that runs this Python code."""
    return Secret(command=(sys.executable, "-c", code), place=PLACE)


def test_a_secret_comes_from_a_private_file_the_environment_or_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All three sources give the secret without the line's end; ~ is the home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("THE_TOKEN", HIDDEN)
    secret_file(tmp_path)
    sources = (
        Secret(file="~/token"),
        Secret(env="THE_TOKEN"),
        command(f"print('{HIDDEN}')"),
    )
    assert {read_secret(source) for source in sources} == {HIDDEN}


def test_a_secret_inside_of_another_tools_file_is_found(tmp_path: Path) -> None:
    """A key in a YAML file names the value below it, whoever may read that file."""
    source = secret_file(tmp_path, f"basic_auth:\n  username: a\n  password: {HIDDEN}\n", 0o644)
    assert source.file is not None
    assert read_secret(Secret(file=source.file, key="basic_auth.password")) == HIDDEN
    with pytest.raises(ConfigError, match=r"has no basic_auth\.token"):
        read_secret(Secret(file=source.file, key="basic_auth.token"))


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_can_read_is_refused_with_the_chmod(tmp_path: Path, mode: int) -> None:
    """The error names the place, the file and the chmod that helps."""
    source = secret_file(tmp_path, mode=mode)
    with pytest.raises(ConfigError, match="can be read by others") as caught:
        read_secret(source)
    assert caught.value.remedy == f"chmod 600 {source.file}"
    assert caught.value.place == PLACE


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Secret(file="/nowhere/token"), "cannot be read: No such file"),
        (Secret(file="/tmp"), "is no file|cannot be read"),
        (Secret(env="SURELY_NOT_SET"), "SURELY_NOT_SET is not set"),
        (Secret(command=("/nowhere/pass",)), "cannot be run"),
        (Secret(command=()), "cannot be run"),
        (command("import sys; print('hunter2'); sys.exit('no key for hunter2')"), r"failed with 1: no key for \[sec"),
        (command("print()"), "is empty"),
        (command("print('a\\nb')"), "characters that no credential may have"),
        (command("print('tökén')"), "characters that no credential may have"),
    ],
)
def test_a_source_that_gives_no_secret_says_why(source: Secret, said: str) -> None:
    """Each way of failing is named, and nothing of the secret with it."""
    with pytest.raises(ConfigError, match=said) as caught:
        read_secret(source)
    assert "hunter2" not in str(caught.value)


def test_a_command_has_no_terminal_and_no_input() -> None:
    """A command that would ask reads an empty input and has a session of its own."""
    code = "import os, sys; print(len(sys.stdin.read()), os.getsid(0) == os.getpid())"
    assert read_secret(command(code)) == "0 True"


def test_a_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time a command and what it started are ended."""
    monkeypatch.setattr("cockpit.systems.secret.COMMAND_SECONDS", 0.2)
    with pytest.raises(ConfigError, match=r"said nothing in 0\.2 s"):
        read_secret(Secret(command=("sh", "-c", "sleep 60 & sleep 60"), place=PLACE))


async def test_bearer_and_basic_credentials_are_sent(tmp_path: Path) -> None:
    """A token is sent as bearer or under the vendor's own word, user and password as basic, headers as they are."""
    source = secret_file(tmp_path)
    async with FakeServer({"/a": say([])}) as server:
        cases: tuple[tuple[dict[str, Any], dict[str, Any], str], ...] = (
            ({"token": source}, {}, f"Bearer {HIDDEN}"),
            ({"token": source}, {"manners": Manners("Token token=")}, f"Token token={HIDDEN}"),
            ({"user": "me", "password": source}, {}, "Basic bWU6aHVudGVyMi1hbmQtbW9yZQ=="),
            ({"headers": {"Authorization": source}}, {}, HIDDEN),
        )
        for changed, more, sent in cases:
            async with wire_to(spec_of(server.url, **changed), **more) as wire:
                await wire.call(server.url, "GET", "/a")
                assert server.asked[-1].headers["authorization"] == sent
                assert wire.secrets() == (HIDDEN,)


async def test_credentials_in_a_url_are_used_and_never_named() -> None:
    """User and password in a URL authenticate, and stand in no error and no host."""
    async with FakeServer({"/a": say([])}) as server:
        url = server.url.replace("://", "://me:hunter2@")
        async with wire_to(spec_of(url)) as wire:
            await wire.call(server.url, "GET", "/a")
            assert server.asked[0].headers["authorization"].startswith("Basic ")
            assert server.asked[0].headers["host"] == server.address
            await server.stop()
            with pytest.raises(SystemError) as caught:
                await wire.call(url, "GET", "/a")
            assert "hunter2" not in repr(caught.value)


async def test_secrets_are_read_at_the_first_call_and_kept(tmp_path: Path) -> None:
    """A command runs once for many calls, and not before the first."""
    count = tmp_path / "count"
    source = command(f"open({str(count)!r}, 'a').write('x'); print('{HIDDEN}')")
    async with FakeServer({"/a": say([])}) as server, wire_to(spec_of(server.url, token=source)) as wire:
        assert not count.exists()
        for _ in range(3):
            await wire.call(server.url, "GET", "/a")
        assert count.read_text() == "x"


async def test_a_command_runs_again_on_401_and_not_at_every_poll(tmp_path: Path) -> None:
    """A refused token is made anew once; where the new one is refused too, not again for a minute."""
    count = tmp_path / "count"
    source = command(f"open({str(count)!r}, 'a').write('x'); print('t-' + open({str(count)!r}).read())")
    clock = FixedClock(NOW)

    def route(asked: Asked) -> Answer:
        return say([]) if asked.headers["authorization"] in good else say("no", 401)

    good = {"Bearer t-xx"}
    async with FakeServer({"/a": route}) as server, wire_to(spec_of(server.url, token=source), clock) as wire:
        assert (await wire.call(server.url, "GET", "/a")).status == 200
        assert len(server.asked) == 2
        good.clear()
        for _ in range(3):
            assert (await wire.call(server.url, "GET", "/a")).status == 401
        assert count.read_text() == "xxx"
        clock.advance(61)
        good.add("Bearer t-xxxx")
        assert (await wire.call(server.url, "GET", "/a")).status == 200


async def test_a_token_file_that_was_replaced_is_read_again(tmp_path: Path) -> None:
    """A 401 reads the file anew; where it is the same, the request is not repeated."""
    source = secret_file(tmp_path)

    def route(asked: Asked) -> Answer:
        return say([]) if asked.headers["authorization"] == "Bearer new-one" else say("no", 401)

    async with FakeServer({"/a": route}) as server:
        async with wire_to(spec_of(server.url, token=source)) as wire:
            assert (await wire.call(server.url, "GET", "/a")).status == 401
            assert len(server.asked) == 1
        async with wire_to(spec_of(server.url, token=source), SystemClock()) as wire:
            await wire.call(server.url, "GET", "/b")
            secret_file(tmp_path, "new-one")
            assert (await wire.call(server.url, "GET", "/a")).status == 200


async def test_a_secret_that_cannot_be_had_fails_the_call(tmp_path: Path) -> None:
    """A call without its secret sends nothing and says what to do."""
    source = secret_file(tmp_path, mode=0o644)
    async with FakeServer({"/a": say([])}) as server, wire_to(spec_of(server.url, token=source)) as wire:
        with pytest.raises(SystemError, match=r"can be read by others.*chmod 600"):
            await wire.call(server.url, "GET", "/a")
        assert server.asked == []


async def test_no_error_and_no_log_repeats_a_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A server that echoes what it was sent, in the body of an error or of an answer, gives nothing away."""
    caplog.set_level(logging.DEBUG)
    source = secret_file(tmp_path)

    def echo(asked: Asked) -> Answer:
        return say({"error": f"bad token {asked.headers['authorization']}"}, 403 if asked.path == "/bad" else 200)

    for changed in ({"token": source}, {"user": "me", "password": source}):
        spec = spec_of("http://x", **changed)
        async with FakeServer(default=echo) as server:
            spec = spec_of(server.url, **changed)
            async with wire_to(spec) as wire:
                for path in ("/bad", "/good"):
                    reply = await wire.call(server.url, "GET", path)
                    error = refused(reply, spec, path, NOW)
                    said = f"{reply!r} {error!r} {wire!r} {vars(spec) if hasattr(spec, '__dict__') else spec!r}"
                    assert HIDDEN not in said
                    assert "aHVudGVyMi1" not in said
    assert HIDDEN not in caplog.text
    assert "aHVudGVyMi1" not in caplog.text
