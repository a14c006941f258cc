"""The map that the formats show, to the letter."""

from cockpit.topology.load import read_map

EXAMPLE = """\
map: checkout                     # a name
entry: [ui]                       # services where users come in
journeys:
  checkout: [ui, auth, catalog, payment, order, inventory]
services:
  ui:        {team: team-web, kind: frontend, calls: [auth, catalog, payment]}
  auth:      {team: team-identity}
  catalog:   {team: team-catalogue}
  payment:
    team: team-payments
    kind: service
    aliases: [payment-service, payments]
    match: ['namespace="pay"', 'app=~"payment.*"']
    calls:
      - order
      - {to: card-gateway, protocol: https, name: authorise a card}
    runs_on: [pool-a]
    repository: payment-service
    runbook: runbooks/payment.md
    weight: 10
    scope:
      query: sum(rate(checkout_failed_total{step="payment"}[5m])) / sum(rate(checkout_attempts_total[5m]))
      says: "{value:percent} of checkout attempts failing at payment step"
  order:     {team: team-orders, calls: [inventory]}
  inventory: {team: team-stock}
  card-gateway: {team: team-payments, kind: third-party, status_page: https://status.example.com, support: https://support.example.com}
  pool-a:    {team: team-platform, kind: node-pool}
teams:
  team-payments: {pagerduty: PABC123, slack: "#payments", jira: PAY, escalation: PagerDuty escalation}
  team-web: {}
  team-identity: {}
  team-catalogue: {}
  team-orders: {}
  team-stock: {}
  team-platform: {}
tools:
  - {from: prometheus, to: alertmanager}
  - {from: alertmanager, to: pagerduty, label: severity}
labels: [app, service]
"""


def test_example_of_the_formats_is_read() -> None:
    """Every key of the example is understood, and nothing is wrong with it."""
    found, problems = read_map(EXAMPLE, "maps/checkout.yaml")
    assert problems == ()
    assert (found.name, found.entry, found.labels) == ("checkout", ("ui",), ("app", "service"))
    assert found.journeys == {"checkout": ("ui", "auth", "catalog", "payment", "order", "inventory")}
    assert len(found.services) == 8
    payment = found.services["payment"]
    assert (payment.team, payment.repository, payment.runs_on) == ("team-payments", "payment-service", ("pool-a",))
    assert (payment.runbook, payment.weight) == ("maps/runbooks/payment.md", 10)
    assert [(hop.callee, hop.protocol, hop.name) for hop in payment.calls] == [
        ("order", "", ""),
        ("card-gateway", "https", "authorise a card"),
    ]
    assert [str(matcher) for matcher in payment.match] == ['namespace="pay"', 'app=~"payment.*"']
    assert payment.scope is not None
    assert payment.scope.says == "{value:percent} of checkout attempts failing at payment step"
    assert found.services["card-gateway"].status_page == "https://status.example.com"
    team = found.teams["team-payments"]
    assert (team.pagerduty, team.slack, team.jira) == ("PABC123", "#payments", "PAY")
    assert team.escalation == "PagerDuty escalation"
    assert [(hop.source, hop.target, hop.label) for hop in found.tools] == [
        ("prometheus", "alertmanager", ""),
        ("alertmanager", "pagerduty", "severity"),
    ]
