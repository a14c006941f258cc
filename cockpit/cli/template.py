"""The annotated configuration that `cockpit init` writes: it works as it stands once the addresses are right."""

from collections.abc import Iterable, Sequence

import tomli_w

_HEAD = """\
# Cockpit's configuration. Every key but the addresses may be left out; what is commented out shows the default or an
# example. Durations are "500ms", "2s", "5m", "4h", "7d". `cockpit doctor` tries everything that stands here.

context = {context}                       # the default one; another one with --context NAME

[contexts.{key}]
{map}
# production = true                    # looks different from every other context
# read_only = true                     # false lets the systems with write = true be written
# window = "4h"                        # of the deploy feed
# shift = "12h"                        # how far the start of a shift looks back, and ahead
# baking = "1h"                        # how long a deploy counts as still baking
# timezone = "Europe/Berlin"           # yours; default $TZ, else the host's
# me = {{name = "first responder", teams = ["team-payments"]}}
# heartbeat = ['alertname="Watchdog"'] # never an alert; once seen and then absent, the loudest row
# dim = ['alertname="InfoInhibitor"', 'severity=~"none|info"']   # one dim line with a count
# shared_cache = "/var/cache/cockpit"  # many on one host ask once; see Sharing answers in docs/configuration.md
# severities = {{sev1 = "P1", page = "P2", ticket = "P3"}}        # other scales; a label alone proposes at most P2

"""

_ALERTMANAGER = """\
[contexts.{key}.systems.alertmanager]
urls = {urls}       # the peers of ONE cluster; another cluster is another system with kind = "alertmanager"
# labels = {{cluster = "eu-1"}}          # added to what it reports
# user = "me"                          # basic authentication
# password = {{file = "~/.config/cockpit/alertmanager"}}   # or {{env = "…"}}, or {{command = "pass show …"}}; chmod 600
# token = {{env = "ALERTMANAGER_TOKEN"}} # bearer
# org = "tenant"                       # X-Scope-OrgID
# headers = {{X-Team = "payments"}}
# verify = "/etc/ssl/our-ca.pem"       # a CA file, or false, which the header shows
# every = "15s"
# timeout = "10s"

"""

_PROMETHEUS = """\
[contexts.{key}.systems.{name}]
{kind}url = {url}
# a change is a sample at which a service gains a version that it did not have before; without "changes" every
# *_build_info of a service is asked, and kube-state-metrics about new ReplicaSets and nodes; [] asks for none
# changes = [{{query = "max by (service, version) (app_build_info)", version = "version"}}]
# of services it is measured what well-known metrics tell; queries of your own stand instead, and false asks for nothing
# measures = {{rate = "sum by (service) (rate(requests_total[5m]))", errors = "…", latency = "…"}}
# who calls whom is read off service graphs (Tempo, OpenTelemetry) and Istio; likewise, and of pods where they run
# hops = [{{query = "sum by (client, server) (rate(calls_total[5m]))"}}]
# places = false

"""

_GIT = """\
# [contexts.{key}.systems.git]
# with tags each matching tag is a change of this kind; without, each commit on ref is one, "merged" unless kind says
# repositories = [
#   {{path = "/srv/git/payment-service", service = "payment", ref = "main", tags = "v*", kind = "deploy"}},
#   {{path = "/srv/git/config", paths = {{"charts/payment" = "payment"}}, kind = "config"}},
# ]
"""

_COMMAND = """\

# a program of yours that prints changes, one JSON object a line: {{"service": "payment", "began": "2026-11-20T14:02:00Z", …}}
# [contexts.{key}.systems.flags]
# kind = "command"
# run = ["/usr/local/bin/flag-changes"]   # no shell; the window is in COCKPIT_SINCE and COCKPIT_UNTIL
# env = {{FLAGS_TOKEN = {{file = "~/.config/cockpit/flags"}}}}
"""

_STATUSPAGE = """\

# the status pages that the map names are asked only where this stands
# [contexts.{key}.systems.statuspage]
# components = {{card-gateway = ["Card payments"]}}   # what of a vendor's page counts; without it the whole page
"""


_PAGERDUTY = """\

# change events, and who is on call for the escalation policies that the map's teams name
# [contexts.{key}.systems.pagerduty]
# token = {{file = "~/.config/cockpit/pagerduty"}}       # a REST API key, read-only; chmod 600
# covers = ["*"]                       # services all of whose changes are sent there
"""


_GITHUB = """\

# [contexts.{key}.systems.github]
# token = {{file = "~/.config/cockpit/github"}}          # reads deployments and contents; chmod 600
# repositories = [
#   {{repo = "acme/payment-service", service = "payment", environment = "production"}},
# ]
"""

_DATADOG = """\

# deploys among Datadog's events, and DORA deployments
# [contexts.{key}.systems.datadog]
# site = "datadoghq.com"
# api_key = {{env = "DD_API_KEY"}}
# app_key = {{env = "DD_APP_KEY"}}        # scopes events_read and dora_metrics_read
# query = "tags:deploy status:success"
"""

_SPLUNK = """\

# deploys that a search finds; without `search` it is this one, as far back as is needed
# [contexts.{key}.systems.splunk]
# url = "https://search-head.example.com:8089"        # the management port
# token = {{file = "~/.config/cockpit/splunk"}}         # scheme = "Splunk" for a session key; chmod 600
# search = "index=deploy | stats count, latest(_time) as latest, earliest(_time) as began, values(owner) as owner by service, version"
"""


_GRAFANA = """\

# annotations with these tags are changes; where it may be written, cockpit annotate marks deploys on dashboards
# [contexts.{key}.systems.grafana]
# url = "https://grafana.example.com"
# token = {{file = "~/.config/cockpit/grafana"}}        # a service account with annotations:read; chmod 600
# tags = ["deploy"]
# write = true                         # needs annotations:create, and read_only = false above
# dashboard_uid = "abc123"             # without it deploys are marked for the whole organisation
"""

_ARGOCD = """\

# [contexts.{key}.systems.argocd]
# url = "https://argocd.example.com"
# token = {{file = "~/.config/cockpit/argocd"}}          # of an account that gets applications; chmod 600
# services = {{payment-prod = "payment"}}                # whose changes an application's are; else by its name
"""


def configuration(
    *, context: str, alertmanagers: Sequence[str], prometheuses: Iterable[str], map_name: str | None
) -> str:
    """Return a configuration for these addresses."""
    key = _key(context)
    named = _text(map_name) if map_name else None
    line = f"map = {named}" if named else '# map = "checkout"                     # a path, or a name beside this file'
    parts = [_HEAD.format(context=_text(context), key=key, map=line)]
    parts.append(_ALERTMANAGER.format(key=key, urls=f"[{', '.join(map(_text, alertmanagers))}]"))
    for number, url in enumerate(prometheuses, 1):
        name = "prometheus" if number == 1 else f"prometheus-{number}"
        kind = "" if number == 1 else 'kind = "prometheus"\n'
        parts.append(_PROMETHEUS.format(key=key, name=name, kind=kind, url=_text(url)))
    parts.append(_GIT.format(key=key))
    parts.append(_COMMAND.format(key=key))
    parts.append(_STATUSPAGE.format(key=key))
    parts.append(_PAGERDUTY.format(key=key))
    parts.append(_GITHUB.format(key=key))
    parts.append(_GRAFANA.format(key=key))
    parts.append(_ARGOCD.format(key=key))
    parts.append(_DATADOG.format(key=key))
    parts.append(_SPLUNK.format(key=key))
    return "".join(parts)


def _text(value: str) -> str:
    """Return a string as TOML writes it."""
    return tomli_w.dumps({"value": value}).removeprefix("value = ").rstrip("\n")


def _key(name: str) -> str:
    """Return a key as TOML writes it."""
    bare = name.replace("-", "").replace("_", "")
    return name if bare.isascii() and bare.isalnum() else _text(name)
