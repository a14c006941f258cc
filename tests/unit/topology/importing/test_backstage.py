"""Backstage catalogues."""

import json

import pytest
import yaml

from cockpit.topology.importing.document import File
from cockpit.topology.importing.formats import import_files
from tests.unit.topology.importing.importers import hop, imported, map_from, refusal
from tests.unit.topology.rich_maps import hops

CATALOGUE = """\
apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {name: commerce}
spec: {owner: group:default/team-commerce}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: shop}
spec: {owner: team-platform, domain: commerce}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: storefront
  annotations:
    github.com/project-slug: example/shop-web
  links:
    - {url: "https://grafana.example.com/d/web", title: Dashboard}
    - {url: "https://wiki.example.com/runbooks/web", title: Runbook, icon: docs}
    - {url: "javascript:alert(1)", title: Logs}
spec:
  type: website
  lifecycle: production
  owner: group:team-web
  system: shop
  consumesApis: [payment-api, default/catalogue-api]
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payment
  annotations:
    pagerduty.com/service-id: PABC123
    pagerduty.com/integration-key: 0123456789abcdef
    backstage.io/source-location: url:https://github.com/example/payment-service/tree/main/
    jira/project-key: PAY
spec:
  type: service
  lifecycle: production
  owner: team-payments
  system: shop
  providesApis: [payment-api]
  consumesApis: [bank-api]
  dependsOn: [resource:payment-db, component:default/money-lib, "resource:eu-cluster"]
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: catalogue, namespace: default}
spec: {type: service, lifecycle: production, system: shop, providesApis: [catalogue-api]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: money-lib}
spec: {type: library, lifecycle: production, owner: team-payments}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: payment-api}
spec: {type: grpc, lifecycle: production, owner: team-payments, definition: "syntax = ..."}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: catalogue-api}
spec: {type: openapi, lifecycle: production, owner: team-catalogue, definition: {$text: ./openapi.yaml}}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: payment-db}
spec: {type: database, owner: team-payments, dependencyOf: [component:reporting]}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: eu-cluster}
spec: {type: kubernetes-cluster, owner: team-platform}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: team-payments
  annotations: {pagerduty.com/escalation-policy-id: PESC1, slack.com/channel: "#payments"}
spec: {type: team, children: []}
"""


def test_catalogue_with_systems_and_apis() -> None:
    """Who consumes an API calls who provides it; a cluster is where one runs; libraries are left out and told."""
    found = imported("catalog-info.yaml", CATALOGUE)
    source = found.map
    assert source.name == "shop"
    assert hops(source) == {
        ("storefront", "payment"),
        ("storefront", "catalogue"),
        ("payment", "bank-api"),
        ("payment", "payment-db"),
        ("reporting", "payment-db"),
    }
    assert source.services["payment"].runs_on == ("eu-cluster",)
    told = hop(source, "storefront", "payment")
    assert (told.protocol, told.name, told.sources) == ("grpc", "payment-api", ("catalog-info.yaml",))
    assert hop(source, "storefront", "catalogue").protocol == "http"
    assert source.entry == ("storefront",)
    assert any("librar" in note for note in found.notes)
    assert any("bank-api" in note for note in found.notes)


def test_owners_links_and_repositories() -> None:
    """The owner is the entity's, else its system's; annotations and links fill in the rest, secrets never."""
    source = map_from("catalog-info.yaml", CATALOGUE)
    owners = {name: one.team for name, one in source.services.items()}
    assert owners["storefront"] == "team-web"
    assert owners["payment"] == "team-payments"
    assert owners["catalogue"] == "team-platform"
    assert owners["reporting"] is None
    payment, web = source.services["payment"], source.services["storefront"]
    assert (payment.repository, payment.pagerduty) == ("payment-service", "PABC123")
    assert (web.repository, web.dashboard) == ("shop-web", "https://grafana.example.com/d/web")
    assert (web.runbook, web.logs) == ("https://wiki.example.com/runbooks/web", None)
    assert source.services["payment-db"].kind == "database"
    assert source.services["eu-cluster"].kind == "cluster"
    team = source.teams["team-payments"]
    assert (team.pagerduty, team.slack, team.jira) == ("PESC1", "#payments", "PAY")
    assert "0123456789abcdef" not in repr(source)


def test_several_files_are_one_catalogue() -> None:
    """An API that one file consumes and another one provides joins the two; neither is doubled."""
    parts = CATALOGUE.split("---\n")
    files = [File(f"{number}/catalog-info.yaml", part) for number, part in enumerate(parts)]
    (read,) = import_files(files)
    whole = map_from("catalog-info.yaml", CATALOGUE)
    assert hops(read.imported.map) == hops(whole)
    assert set(read.imported.map.services) == set(whole.services)


def test_entities_of_one_name_are_told_apart() -> None:
    """A component and a resource may have the same name; both stay, and each reference finds its own."""
    source = map_from(
        "catalog-info.yaml",
        """\
        {apiVersion: backstage.io/v1beta1, kind: Component, metadata: {name: orders}, spec: {owner: a, dependsOn: ["resource:orders"]}}
        ---
        {apiVersion: backstage.io/v1beta1, kind: Resource, metadata: {name: Orders}, spec: {type: database, owner: a}}
        """,
    )
    assert hops(source) == {("orders", "Orders-resource")}


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("kind: Domain\n", "kind: Domain\n\tx: 1\n", 3, "no YAML"),
        ("metadata: {name: commerce}", "metadata: {title: commerce}", 3, "has no `metadata.name`"),
        ("consumesApis: [payment-api, default/catalogue-api]", "consumesApis: payment-api", 26, "should be a list"),
        ("[payment-api, default/catalogue-api]", "[payment-api, 'a b c']", 26, "is no reference"),
        ("[payment-api, default/catalogue-api]", "[payment-api, {name: x}]", 26, "should be a text"),
        ("kind: Domain\nmetadata: {name: commerce}", "kind: Domain\nmetadata: [name]", 3, "has no `metadata.name`"),
    ],
)
def test_malformed_catalogues_name_the_line(old: str, new: str, line: int, says: str) -> None:
    """What is wrong is told with its line."""
    assert CATALOGUE.count(old) == 1
    error = refusal("catalog-info.yaml", CATALOGUE.replace(old, new))
    assert says in error.what
    assert error.line == line


@pytest.mark.parametrize("whole", [False, True])
def test_answer_of_the_catalogue(whole: bool) -> None:
    """The catalogue's own API lists entities as JSON, tabs and all."""
    entities = list(yaml.safe_load_all(CATALOGUE))
    text = json.dumps({"items": entities} if whole else entities, indent="\t")
    source = map_from("-", text)
    assert hops(source) == hops(map_from("catalog-info.yaml", CATALOGUE))
    broken = refusal("-", text.replace('"component:default/money-lib"', '"a b"'))
    assert broken.line == text[: text.index("component:default/money-lib")].count("\n") + 1


def test_location_names_the_files() -> None:
    """A location is no catalogue: the files that it names are to be imported."""
    text = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: all}\nspec: {targets: [./a.yaml, ./b.yaml]}\n"
    error = refusal("all.yaml", text)
    assert "./a.yaml, ./b.yaml" in error.remedy


def test_catalogue_of_others() -> None:
    """A file of that name without entities is refused."""
    error = refusal("catalog-info.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n")
    assert "no entities" in error.what
