"""Docker Compose files."""

import pytest

from cockpit.model.topology import Provenance
from cockpit.topology.importing.document import File
from cockpit.topology.importing.formats import import_files
from tests.unit.topology.importing.importers import hop, imported, map_from, refusal
from tests.unit.topology.rich_maps import hops

BOUTIQUE = """\
# Online Boutique: eleven services, whose addresses are told in the environment.
services:
  frontend:
    image: gcr.io/google-samples/microservices-demo/frontend:v0.10.1
    ports: ["8080:8080"]
    environment:
      PORT: "8080"
      PRODUCT_CATALOG_SERVICE_ADDR: "productcatalogservice:3550"
      CURRENCY_SERVICE_ADDR: "currencyservice:7000"
      CART_SERVICE_ADDR: "cartservice:7070"
      RECOMMENDATION_SERVICE_ADDR: "recommendationservice:8080"
      SHIPPING_SERVICE_ADDR: "shippingservice:50051"
      CHECKOUT_SERVICE_ADDR: "checkoutservice:5050"
      AD_SERVICE_ADDR: "adservice:9555"
      ENABLE_PROFILER: "0"
  cartservice:
    image: gcr.io/google-samples/microservices-demo/cartservice:v0.10.1
    environment: ["REDIS_ADDR=redis-cart:6379"]
    depends_on: [redis-cart]
  checkoutservice:
    image: gcr.io/google-samples/microservices-demo/checkoutservice:v0.10.1
    environment:
      - PRODUCT_CATALOG_SERVICE_ADDR=productcatalogservice:3550
      - SHIPPING_SERVICE_ADDR=shippingservice:50051
      - PAYMENT_SERVICE_ADDR=paymentservice:50051
      - EMAIL_SERVICE_ADDR=emailservice:5000
      - CURRENCY_SERVICE_ADDR=currencyservice:7000
      - CART_SERVICE_ADDR=cartservice:7070
  recommendationservice:
    image: gcr.io/google-samples/microservices-demo/recommendationservice:v0.10.1
    environment: {PRODUCT_CATALOG_SERVICE_ADDR: "productcatalogservice:3550"}
  productcatalogservice: {image: "gcr.io/google-samples/microservices-demo/productcatalogservice:v0.10.1"}
  currencyservice: {image: "gcr.io/google-samples/microservices-demo/currencyservice:v0.10.1"}
  paymentservice: {image: "gcr.io/google-samples/microservices-demo/paymentservice:v0.10.1"}
  shippingservice: {image: "gcr.io/google-samples/microservices-demo/shippingservice:v0.10.1"}
  emailservice: {image: "gcr.io/google-samples/microservices-demo/emailservice:v0.10.1"}
  adservice: {image: "gcr.io/google-samples/microservices-demo/adservice:v0.10.1"}
  redis-cart: {image: "redis:alpine"}
"""

BOUTIQUE_HOPS = {
    ("frontend", "productcatalogservice"),
    ("frontend", "currencyservice"),
    ("frontend", "cartservice"),
    ("frontend", "recommendationservice"),
    ("frontend", "shippingservice"),
    ("frontend", "checkoutservice"),
    ("frontend", "adservice"),
    ("cartservice", "redis-cart"),
    ("checkoutservice", "productcatalogservice"),
    ("checkoutservice", "shippingservice"),
    ("checkoutservice", "paymentservice"),
    ("checkoutservice", "emailservice"),
    ("checkoutservice", "currencyservice"),
    ("checkoutservice", "cartservice"),
    ("recommendationservice", "productcatalogservice"),
}


def test_online_boutique() -> None:
    """The fifteen hops of Online Boutique are found in its environment; users come in at the frontend."""
    source = map_from("docker-compose.yml", BOUTIQUE)
    assert hops(source) == BOUTIQUE_HOPS
    assert source.entry == ("frontend",)
    assert source.services["redis-cart"].kind == "cache"
    assert {one.kind for name, one in source.services.items() if name != "redis-cart"} == {"service"}
    told = hop(source, "frontend", "cartservice")
    assert (told.provenance, told.sources) == (Provenance.INFERRED, ("docker-compose.yml",))
    assert source.services["frontend"].provenance is Provenance.DECLARED


def test_addresses_that_a_file_beside_it_holds() -> None:
    """The OpenTelemetry demo keeps addresses in `.env`: the variable's name says whose it is."""
    source = map_from(
        "compose.yaml",
        """\
        x-default-logging: &logging {driver: json-file}
        services:
          checkout:
            image: ${IMAGE_NAME}:${DEMO_VERSION}-checkout
            environment:
              - CART_ADDR
              - PRODUCT_CATALOG_ADDR
              - KAFKA_ADDR
              - OTEL_EXPORTER_OTLP_ENDPOINT=http://${OTEL_COLLECTOR_HOST}:${OTEL_COLLECTOR_PORT_GRPC}
              - SHIPPING_ADDR=http://${SHIPPING_HOST:-shipping}:50050
            depends_on:
              kafka: {condition: service_healthy}
              migrate: {condition: service_completed_successfully}
            logging: *logging
          cart: {image: cart, environment: {VALKEY_ADDR: null}, logging: *logging}
          product-catalog: {image: product-catalog}
          shipping: {image: shipping}
          kafka: {image: apache/kafka}
          valkey: {image: "valkey/valkey:8-alpine"}
          migrate: {image: migrate}
          otel-collector: {image: otel/opentelemetry-collector-contrib}
        """,
    )
    assert hops(source) == {
        ("checkout", "cart"),
        ("checkout", "product-catalog"),
        ("checkout", "kafka"),
        ("checkout", "otel-collector"),
        ("checkout", "shipping"),
        ("cart", "valkey"),
    }
    assert hop(source, "checkout", "shipping").protocol == "http"
    assert (source.services["kafka"].kind, source.services["valkey"].kind) == ("queue", "cache")


def test_links_are_declared_and_start_orders_inferred() -> None:
    """Somebody wrote a link down as a connection; that one starts after the other only lets one suppose it."""
    source = map_from(
        "docker-compose.yml",
        """\
        services:
          web:
            build: .
            links: ["db:database", api]
            external_links: [legacy_redis:redis]
            depends_on: [cron]
            labels: {team: team-web}
          api: {build: ., hostname: backend, depends_on: {db: {condition: service_started, required: false}}}
          db: {image: "postgres:16"}
          cron: {build: ., environment: {API: "http://backend:8080/run", NOTE: "ask api about db"}}
        """,
    )
    assert hop(source, "web", "db").provenance is Provenance.DECLARED
    assert hop(source, "web", "cron").provenance is Provenance.INFERRED
    assert hop(source, "cron", "api").protocol == "http"
    assert ("cron", "db") not in hops(source), "words in a sentence are no addresses"
    assert source.services["legacy_redis"].kind == "third-party"
    assert source.services["web"].team == "team-web"
    assert set(source.teams) == {"team-web"}
    assert source.services["api"].aliases == ("backend",)


def test_anchors_merges_and_extends_are_followed() -> None:
    """What a service takes over from another one counts as its own."""
    found = imported(
        "compose.yml",
        """\
        x-base: &base
          environment: &env {DB_URL: "postgresql://user:secret@db:5432/shop"}
        services:
          one: {<<: *base, image: shop}
          two: {extends: {service: one}, environment: {<<: *env, CACHE: "redis://cache:6379/0"}}
          three: {extends: {file: common.yml, service: base}}
          cache: {image: redis}
          db: {image: postgres}
        """,
    )
    assert hops(found.map) == {("one", "db"), ("two", "db"), ("two", "cache")}
    assert hop(found.map, "one", "db").protocol == "postgres"
    assert any("common.yml" in note for note in found.notes)
    assert "secret" not in repr(found)


def test_files_of_one_stack_name_one_another() -> None:
    """An override file may name services of the file that it stands beside; alone it may not."""
    base = File("docker-compose.yml", "services:\n  web: {image: x}\n  db: {image: postgres}\n")
    over = File(
        "docker-compose.override.yml",
        "services:\n  web: {depends_on: [db], command: [serve, '--cache=cache:6379']}\n  cache: {image: redis}\n",
    )
    _, read = import_files([base, over])
    assert hops(read.imported.map) == {("web", "db"), ("web", "cache")}
    assert "no service of this file" in refusal(over.name, over.text).what


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("services:\n  web: {image: x}\n   api: {}\n", 3, "no YAML"),
        ("services:\n  web:\n    image: x\n    depends_on:\n      - db\n", 5, 'names "db", which is no service'),
        ("services:\n  web: {image: x, links: [db]}\n", 2, "no service"),
        ("services:\n  web:\n    image: x\n    depends_on: db\n", 4, "should be a mapping"),
        ("services:\n  a: {extends: b}\n  b: {extends: a}\n", 2, "goes round"),
        ("services:\n  a: {extends: nobody}\n", 2, '"nobody"'),
        ("services: {}\n", 1, "no services"),
        ("version: '3'\n", 1, "has no `services`"),
        ("services:\n  - web\n", 1, "should be a mapping"),
        ("services:\n  a: &a {image: x, labels: *a}\n", 2, "inside its own anchor"),
        ("services:\n  a: {image: x, environment: 7}\n", 2, "mapping or a list"),
        ("a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 1, "nested deeper"),
    ],
)
def test_malformed_files_name_the_line(text: str, line: int, says: str) -> None:
    """What is wrong is told with its line and a remedy."""
    error = refusal("docker-compose.yml", text)
    assert says in error.what
    assert error.line == line
    assert error.remedy


def test_aliases_do_not_explode() -> None:
    """A file that would be a thousand times larger once written out is refused."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    error = refusal("docker-compose.yml", "\n".join([*lines, "services: {a: {image: x, command: *a8}}"]))
    assert "aliases" in error.what


def test_hostile_names_are_cleaned() -> None:
    """Nothing in a file can drive the terminal."""
    source = map_from(
        "docker-compose.yml",
        'services:\n  "a\\e[31m\\u202eb": {image: x}\n  c: {image: x, links: ["a\\e[31m\\u202eb"]}\n',
    )
    assert set(source.services) == {"a\u241b[31m\xb7b", "c"}
    assert hops(source) == {("c", "a\u241b[31m\xb7b")}
