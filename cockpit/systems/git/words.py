"""Git's failures in an engineer's words, each with its remedy."""

import re

from cockpit.systems.base import Reply
from cockpit.text import bare, one_line

_NOISE = re.compile(r"^(?:fatal|error|warning|remote|hint): *", re.IGNORECASE)

_REMEDIES: tuple[tuple[str, str], ...] = (
    ("dubious ownership", "belongs to somebody else; run: git config --global --add safe.directory {path}"),
    ("cannot change to", "{path} is not there; correct `path`"),
    ("not a git repository", "{path} is no git repository; correct `path`"),
    ("does not appear to be a git repository", "no git repository at {remote}; correct the address"),
    ("does not exist", "no git repository at {remote}; correct the address"),
    ("repository not found", "no git repository at {remote}, or not for this user; correct the address"),
    ("host key verification failed", "its host key is not known; connect once with ssh, or add it to known_hosts"),
    ("permission denied (", "ssh was refused; load a key that may read it into the agent (ssh-add)"),
    ("terminal prompts disabled", "it wants a user and password; set up a credential helper of git"),
    ("authentication failed", "user and password were refused; renew them in git's credential helper"),
    ("could not resolve host", "the host's name is not known (DNS)"),
    ("connection refused", "connection refused"),
    ("connection timed out", "no connection within 5 s"),
    ("operation timed out", "no connection within 5 s"),
    ("no space left", "no space left for the mirror in the cache folder; make room"),
    ("transport 'ext' not allowed", "the transport ext is never used; name the repository by ssh or https"),
)
"""What git says, lower-case, and what is told instead."""


def failure(reply: Reply, *, path: str, remote: str = "") -> str:
    """Return why a git command failed, with the remedy where there is one, and never with a credential."""
    said = reply.body.decode(errors="replace")
    lower = said.lower()
    for sign, words in _REMEDIES:
        if sign in lower:
            return one_line(bare(words.format(path=path, remote=remote or path)))
    lines = [line for line in said.splitlines() if line.strip()]
    chosen = next((line for line in lines if line.lower().startswith("fatal:")), lines[-1] if lines else "")
    words = _NOISE.sub("", bare(chosen).strip())
    return one_line(words) or f"git failed with exit code {reply.status}"
