"""Whether anything may be written at all."""

from dataclasses import replace

import pytest

from cockpit.config import Context, SystemSpec
from cockpit.writes.allowed import why_not

_SPEC = SystemSpec("grafana", "grafana", "c.toml: contexts.prod.systems.grafana", write=True)
_OPEN = Context("prod", read_only=False, systems=(_SPEC,))


def test_both_settings_allow_it() -> None:
    """A context that is not read-only and a system with write = true: nothing stands against it."""
    assert why_not(_OPEN, _SPEC) is None


@pytest.mark.parametrize(
    ("context", "spec", "recording", "said"),
    [
        (Context("prod"), _SPEC, False, "read_only = false stands in contexts.prod"),
        (_OPEN, replace(_SPEC, write=False), False, "write = true is missing in contexts.prod.systems.grafana"),
        (_OPEN, None, False, "no system is configured"),
        (_OPEN, _SPEC, True, "a recording is played"),
    ],
)
def test_each_reason_names_what_would_allow_it(
    context: Context, spec: SystemSpec | None, recording: bool, said: str
) -> None:
    """Read-only is the default, and every reason says which setting it is."""
    assert said in (why_not(context, spec, recording=recording) or "")
