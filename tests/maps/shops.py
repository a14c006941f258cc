"""Shops: the checkout of the first pages, and the shapes of two public demonstration shops; owners are invented."""

from tests.maps.sample import Sample, build, health

_CHECKOUT = """
    ui team-web frontend 5 > auth/https catalog/https payment/https
    auth team-identity 5
    catalog team-catalogue 4
    payment team-payments 10 > order/grpc
    order team-orders 6 > inventory/grpc
    inventory team-stock 4
"""


def checkout() -> Sample:
    """Return a checkout of six services in a row, payment failing."""
    source = build(
        "checkout", _CHECKOUT, entry=["ui"], journeys={"checkout": "ui auth catalog payment order inventory"}
    )
    states = health(source, firing="payment", warning="ui catalog", no_traffic="order", unknown="inventory")
    return Sample(source, states, "payment")


_BOUTIQUE = """
    frontend web frontend 8 > adservice/grpc recommendationservice/grpc productcatalogservice/grpc cartservice/grpc shippingservice/grpc currencyservice/grpc checkoutservice/grpc
    adservice ads
    recommendationservice discovery 2 > productcatalogservice/grpc
    productcatalogservice discovery 4
    cartservice cart 4 > redis-cart/redis
    redis-cart cart cache
    shippingservice logistics 2
    currencyservice money 3
    checkoutservice orders 10 > productcatalogservice/grpc cartservice/grpc shippingservice/grpc currencyservice/grpc paymentservice/grpc emailservice/grpc
    paymentservice money 10
    emailservice messaging
"""


def boutique() -> Sample:
    """Return Online Boutique's eleven services with their fifteen calls, its carts' cache failing."""
    source = build(
        "boutique",
        _BOUTIQUE,
        entry=["frontend"],
        journeys={"purchase": "frontend productcatalogservice cartservice checkoutservice paymentservice emailservice"},
    )
    states = health(
        source, firing="redis-cart cartservice", warning="frontend checkoutservice", unknown="adservice emailservice"
    )
    return Sample(source, states, "cartservice")


_DEMO = """
    frontend-proxy web frontend 8 > frontend/http flagd/grpc
    frontend web frontend 8 > ad/grpc cart/grpc checkout/grpc currency/grpc product-catalog/grpc recommendation/grpc
    ad ads > flagd/grpc
    recommendation discovery 2 > product-catalog/grpc flagd/grpc
    product-catalog discovery 4 > flagd/grpc
    cart cart 4 > valkey-cart/redis flagd/grpc
    valkey-cart cart cache
    checkout orders 10 > cart/grpc currency/grpc email/http payment/grpc product-catalog/grpc shipping/grpc kafka/tcp
    currency money 3
    payment money 10 > flagd/grpc
    email messaging
    shipping logistics 2 > quote/http
    quote logistics
    kafka platform queue 3
    accounting money 2 > kafka/tcp
    fraud-detection money 2 > kafka/tcp flagd/grpc
    flagd platform
"""


def demo() -> Sample:
    """Return seventeen services of the OpenTelemetry demo, the payments failing; no entry point reaches the consumers."""
    source = build(
        "demo",
        _DEMO,
        entry=["frontend-proxy"],
        journeys={"order": "frontend-proxy frontend product-catalog cart checkout payment shipping email"},
    )
    states = health(
        source,
        firing="payment checkout",
        warning="frontend frontend-proxy accounting",
        no_traffic="email",
        unknown="ad quote flagd",
    )
    return Sample(source, states, "payment")
