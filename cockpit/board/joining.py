"""Which reports on one service are one change: by version or commit, and time; never two deploys of it.

The result depends on what was reported, never on who answered first. Two reports of one version that begin within a
quarter of an hour are one change, unless something proves that they are two: the source numbers its deploys, it
reported another version in between, the first failed or ended before the second began, or they went elsewhere.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

from cockpit.board.moments import later
from cockpit.board.versions import SHORTEST, is_commit, other_environment, plain, same_commit
from cockpit.model.change import ChangeKind, ChangeReport, Progress, Witness

TOGETHER = timedelta(minutes=15)
"""Begins of one service and version that lie this close are one change."""

AT_ITS_END = timedelta(minutes=2)
"""What is told of a change so long after its end still belongs to it: some sources report only that."""

LONGEST = timedelta(hours=4)
"""A roll-out that takes longer gathers no more reports."""

LOOKED_AT = 16
"""So many of the latest changes of a version, and of a system's reports in one, are compared: a hostile feed is bounded."""

BETWEEN = 64
"""So many reports between two of one version are looked through for another version."""


def order_of(witness: Witness) -> tuple[object, ...]:
    """Return by what the reports on a service are ordered: the begin first, and nothing that depends on their arrival."""
    one = witness.report
    words = (one.author, one.summary, one.url or "", one.says, one.previous, one.owner, one.owner_by, one.environment)
    rest = (one.progress.value, str(one.ended), one.rollback, one.seen, one.tolerance_s, one.commits, one.files, *words)
    return (one.began, witness.system, one.id, one.version, one.kind.value, one.name, one.commit, one.run, rest)


class _Identity(NamedTuple):
    """What a report says was rolled out, as it is compared."""

    named: str
    """A version that is no commit."""
    commit: str
    places: tuple[str, ...]
    """Where changes with the same version or commit are looked for."""


def _begin_of(witness: Witness) -> tuple[datetime, str, str]:
    report = witness.report
    return report.began, witness.system, report.id


@dataclass(slots=True)
class _Group:
    """Reports that are one change, so far."""

    members: list[Witness]
    until: datetime
    """A report that begins later belongs to another."""
    last: datetime
    """The latest begin."""
    named: str
    commits: tuple[str, ...]
    places: tuple[str, ...]
    """Where it is found."""


def groups_of(witnesses: Sequence[Witness]) -> list[list[Witness]]:
    """Return the reports on one service that are one change each, in order of their begin."""
    known = sorted(witnesses, key=_begin_of)
    if len(known) == 1:
        return [known]
    if any(one.report.began == other.report.began for one, other in pairwise(known)):
        known.sort(key=order_of)
    identities = _identities(known)
    turns = _Turns(known, identities)
    groups: list[_Group] = []
    found: dict[str, list[_Group]] = {}
    for witness, identity in zip(known, identities, strict=True):
        began, places = witness.report.began, identity.places
        fitting: list[_Group] = []
        for place in places:
            if near := found.get(place):
                if len(near) > LOOKED_AT or near[0].until < began:
                    near[:] = [group for group in near if began <= group.until][-LOOKED_AT:]
                fitting += [one for one in near if began <= one.until and _fits(one, witness, identity, turns)]
        if fitting:
            group = fitting[0] if len(fitting) == 1 else max(fitting, key=partial(_nearness, witness.report))
            group.members.append(witness)
            _learn(group, identity)
        else:
            commits = (identity.commit,) if identity.commit else ()
            group = _Group([witness], later(began, TOGETHER), began, identity.named, commits, ())
            groups.append(group)
        group.last = began
        if (ended := witness.report.ended) is not None and ended > began:
            group.until = max(group.until, _end_of(group, ended))
        for place in places:
            if place not in group.places:
                group.places += (place,)
                found.setdefault(place, []).append(group)
    return [group.members for group in groups]


def _learn(group: _Group, identity: _Identity) -> None:
    """Let a group be found by what another report calls its version."""
    group.named = group.named or identity.named
    if identity.commit and identity.commit not in group.commits:
        group.commits += (identity.commit,)


def _end_of(group: _Group, ended: datetime) -> datetime:
    """Return up to when a report may begin that belongs to a change with that end."""
    return min(later(ended, AT_ITS_END), later(group.members[0].report.began, LONGEST))


def _identities(known: Sequence[Witness]) -> Sequence[_Identity]:
    """Return what each report says was rolled out; a bare commit is the version that others call it by."""
    made = [_identity(witness.report.version, witness.report.commit) for witness in known]
    names: dict[str, dict[str, str]] = {}
    for named, commit, _ in made:
        if named and commit:
            names.setdefault(commit[:SHORTEST], {})[named] = commit
    if not names:
        return made
    return [_called(identity, names) if identity.commit and not identity.named else identity for identity in made]


@lru_cache(maxsize=65536)
def _identity(version: str, commit: str) -> _Identity:
    version, commit = plain(version), plain(commit)
    if is_commit(version):
        commit, version = (version if len(version) > len(commit) else commit), ""
    return _known_as(version, commit if is_commit(commit) else "")


def _known_as(named: str, commit: str) -> _Identity:
    places = (f"v{named}" if named else "", f"c{commit[:SHORTEST]}" if commit else "")
    return _Identity(named, commit, tuple(filter(None, places)))


def _called(identity: _Identity, names: Mapping[str, Mapping[str, str]]) -> _Identity:
    """Return a commit with the one version that others call it by, where there is one."""
    called = names.get(identity.commit[:SHORTEST], {})
    fitting = (name for name, commit in called.items() if same_commit(commit, identity.commit))
    first, second = next(fitting, ""), next(fitting, "")
    return _known_as(first, identity.commit) if first and not second else identity


class _Turns:
    """What each system reported of a service, one after the other; made when it is first asked for."""

    def __init__(self, known: Sequence[Witness], identities: Sequence[_Identity]) -> None:
        self._known = known
        self._identities = identities
        self._told: dict[str, tuple[list[datetime], list[_Identity]]] = {}

    def between(self, system: str, first: datetime, then: datetime, identity: _Identity) -> bool:
        """Tell whether a system reported that another version began after the first moment and before the second."""
        if system not in self._told:
            self._told[system] = self._of(system)
        moments, versions = self._told[system]
        place = bisect_right(moments, first)
        end = min(place + BETWEEN, bisect_left(moments, then, place))
        return any(_other(versions[number], identity) for number in range(place, end))

    def _of(self, system: str) -> tuple[list[datetime], list[_Identity]]:
        """Return when which versions were live; what was only merged was not."""
        pairs = [
            (witness.report.began, identity)
            for witness, identity in zip(self._known, self._identities, strict=True)
            if witness.system == system and identity.places and witness.report.kind is not ChangeKind.MERGED
        ]
        return [began for began, _ in pairs], [identity for _, identity in pairs]


def _other(one: _Identity, other: _Identity) -> bool:
    """Tell whether these are certainly two versions."""
    if one.named and other.named:
        return one.named != other.named
    return bool(one.commit and other.commit) and not same_commit(one.commit, other.commit)


def _fits(group: _Group, witness: Witness, identity: _Identity, turns: _Turns) -> bool:
    """Tell whether a report tells of the group's change."""
    if group.named and identity.named:
        if group.named != identity.named:
            return False
    elif not (identity.commit and group.commits) or not all(
        same_commit(identity.commit, commit) for commit in group.commits
    ):
        return False
    report, system = witness.report, witness.system
    members = group.members[-LOOKED_AT:]
    if report.environment and any(
        other_environment(report.environment, other.report.environment, own=other.system == system) for other in members
    ):
        return False
    own = [other.report for other in members if other.system == system]
    if not own:
        return True
    if any(_another(other, report) for other in own):
        return False
    return not turns.between(system, own[-1].began, report.began, identity)


def _another(first: ChangeReport, then: ChangeReport) -> bool:
    """Tell whether two reports of one version by one system are certainly two deploys; the first began no later."""
    if first.run and then.run:
        return first.run != then.run
    if first.commit and then.commit and not same_commit(plain(first.commit), plain(then.commit)):
        return True
    if first.progress is Progress.FAILED and then.progress is not Progress.FAILED and first.began < then.began:
        return True
    spans = first.ended is not None and then.ended is not None and then.ended > then.began
    return spans and first.ended is not None and first.began < first.ended <= then.began


def _nearness(report: ChangeReport, group: _Group) -> tuple[bool, datetime]:
    """Return how well a report fits a group of its version: whether it went to the same place, and how near it began."""
    wanted = report.environment
    there = [other.report.environment for other in group.members[-LOOKED_AT:] if other.report.environment]
    same = bool(wanted) and any(not other_environment(wanted, one, own=False) for one in there)
    return same, group.last
