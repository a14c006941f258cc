"""Every rule that a map is checked against, with its place and a remedy."""

import pytest

from cockpit.topology.load import read_map
from cockpit.topology.problems import RULES, Problem
from tests.unit.topology.maps import GOOD, changed, problems_of


def only(text: str) -> Problem:
    """Return the one problem that a text has."""
    problems = problems_of(text)
    assert len(problems) == 1, [str(one) for one in problems]
    return problems[0]


def test_a_right_map_has_no_problem() -> None:
    """A map that follows every rule has none."""
    assert problems_of(GOOD) == ()


@pytest.mark.parametrize(
    ("old", "new", "rule", "line", "column", "remedy"),
    [
        ("entry: [ui]", "entry: [ui, shop]", "unknown-service", 2, 13, "under services"),
        ("[ui, auth, payment]\nservices", "[ui, auht, payment]\nservices", "unknown-service", 4, 18, '"auth"'),
        ("calls: [auth, payment]", "calls: [auth, payments]", "unknown-service", 9, 19, '"payment"'),
        ("calls: [auth, payment]", "calls: [auth, Payment_Service]", "unknown-service", 9, 19, 'write "payment"'),
        ("to: bank", "to: banque", "unknown-service", 14, 18, '"bank"'),
        ("runs_on: [pool-a]", "runs_on: [pool-a, pool-b]", "unknown-service", 15, 23, '"pool-a"'),
        ("auth: {team: web}", "auth: {team: wbe}", "unknown-team", 10, 16, '"web"'),
        ("auth: {team: web}", "auth: {kind: service}", "no-owner", 10, 3, "team"),
        ("calls: [auth, payment]", "calls: [auth, payment, auth]", "duplicate", 9, 28, "keep one"),
        ("  web: {}\n", "  web: {}\n  web: {slack: a}\n", "duplicate", 24, 3, "keep one"),
        ("kind: frontend", "team: web", "duplicate", 8, 5, "keep one"),
        ("runs_on: [pool-a]", "runs_on: [pool-a, pool-a]", "duplicate", 15, 23, "keep it once"),
        ("[ui, auth, payment]\nservices", "[ui, auth, auth, payment]\nservices", "duplicate", 4, 24, "keep it once"),
        ("  bank: {", "  lost: {team: web}\n  bank: {", "unreachable", 20, 3, "calls"),
        ("(rate(failed_total[5m]))", "(rate(failed_total[5m])", "bad-query", 18, 14, "promtool"),
        ("{value:percent}", "{value:share}", "bad-query", 19, 13, "{value:percent}"),
        ("{value:percent}", "{value:percent} of {value:number}", "bad-query", 19, 13, "exactly one"),
        ("{value:percent}", "much", "bad-query", 19, 13, "{value:duration}"),
        ('      says: "{value:percent} failing"\n', "", "bad-query", 17, 5, "says"),
        ("weight: 10", "weight: -1", "bad-yaml", 16, 13, "1 or 2.5"),
        ("weight: 10", "weight: heavy", "bad-yaml", 16, 13, "1 or 2.5"),
        ("kind: frontend", "kind: fronted", "bad-yaml", 8, 11, '"frontend"'),
        ("kind: frontend", "runbook: ftp://there/x", "bad-yaml", 8, 14, "https://"),
        ("calls: [auth, payment]", "calls: auth", "bad-yaml", 9, 12, "write calls: [auth]"),
        ("kind: frontend", "knid: frontend", "unknown-key", 8, 5, '"kind"'),
        ("entry: [ui]", "entyr: [ui]", "unknown-key", 2, 1, '"entry"'),
        ("protocol: https", "protokoll: https", "unknown-key", 14, 24, '"protocol"'),
        ('slack: "#money"', 'slak: "#money"', "unknown-key", 24, 11, '"slack"'),
        ("aliases: [payment-service]", "aliases: [PAYMENT.service, Auth]", "ambiguous-name", 13, 32, "another name"),
        ("  bank: {team: money,", "  bank: {team: money, calls: [payment],", "cycle", 20, 31, "meant"),
    ],
)
def test_every_rule_finds_what_it_is_for(old: str, new: str, rule: str, line: int, column: int, remedy: str) -> None:
    """One mistake in a right map is one problem, at its line and column, with a remedy that helps."""
    problem = only(changed(old, new))
    assert (problem.rule, problem.line, problem.column) == (rule, line, column)
    assert remedy in problem.remedy
    assert problem.severity == ("warning" if rule == "cycle" else "error")
    assert problem.file == "shop.yaml"


def test_every_rule_has_a_test() -> None:
    """The rules are those of the format."""
    assert set(RULES) == {
        "unknown-service",
        "unknown-team",
        "duplicate",
        "no-owner",
        "unreachable",
        "bad-query",
        "bad-yaml",
        "unknown-key",
        "ambiguous-name",
        "cycle",
        "never-observed",
        "not-declared",
    }


def test_a_duplicate_service_keeps_the_first() -> None:
    """Of two services with one key the first one stays, and the second is found."""
    source, problems = read_map("services:\n  a: {team: t}\n  a: {team: u}\nteams: {t: {}, u: {}}", "f")
    assert [(one.rule, one.line) for one in problems] == [("duplicate", 3)]
    assert source.services["a"].team == "t"


def test_hosts_callees_and_journeys_count_as_reached() -> None:
    """What a reached service runs on or calls, and every step of a journey, is reached."""
    text = """
entry: [ui]
journeys: {j: [step]}
services:
  ui: {team: t, runs_on: [pool]}
  pool: {team: t, runs_on: [zone]}
  zone: {team: t}
  step: {team: t, calls: [callee]}
  callee: {team: t}
  nightly: {team: t, kind: job, calls: [report]}
  report: {team: t}
teams: {t: {}}
"""
    assert problems_of(text) == ()


def test_without_an_entry_nothing_is_unreachable() -> None:
    """Reach is only checked where the map says where users come in."""
    assert problems_of("services: {a: {team: t}, b: {team: t}}\nteams: {t: {}}") == ()


def test_each_knot_of_calls_is_one_warning() -> None:
    """A cycle is told once, as the way that it goes, and a call to itself is one."""
    text = """
services:
  a: {team: t, calls: [b]}
  b: {team: t, calls: [c]}
  c: {team: t, calls: [b, a]}
  d: {team: t, calls: [d]}
teams: {t: {}}
"""
    problems = problems_of(text)
    assert [(one.rule, one.severity, one.line) for one in problems] == [
        ("cycle", "warning", 5),
        ("cycle", "warning", 6),
    ]
    assert "a → b → c → a" in problems[0].message


def test_runs_on_makes_no_cycle() -> None:
    """A pool that a service runs on and that calls it is no cycle of calls."""
    assert problems_of("services: {a: {team: t, runs_on: [b]}, b: {team: t, calls: [a]}}\nteams: {t: {}}") == ()
