"""A booking system of forty services: journeys that cross it, callbacks that go round, queues, vendors, hosts."""

from tests.maps.sample import Sample, build, health

_BOOKING = """
    web experience frontend 8 > gateway/https
    mobile-app experience frontend 6 > gateway/https
    partner-portal partners frontend 3 > partner-api/https
    gateway edge 9 > identity/grpc search/grpc offer/grpc booking/grpc profile/grpc content/http on pool-edge
    partner-api partners 4 > identity/grpc search/grpc booking/grpc on pool-edge
    identity identity 6 > session-cache/redis identity-db/sql
    session-cache identity cache
    identity-db identity database
    profile identity 2 > profile-db/sql loyalty/grpc
    profile-db identity database
    search discovery 7 > availability/grpc ranking/grpc search-index/http geo/grpc
    ranking discovery 3 > search/grpc feature-store/grpc
    feature-store discovery cache
    search-index discovery database
    geo discovery > maps-vendor/https
    maps-vendor discovery third-party
    content content 2 > media-store/http
    media-store content
    offer pricing 6 > pricing/grpc availability/grpc promotions/grpc
    pricing pricing 7 > fares/grpc tax/grpc currency-rates/https pricing/grpc
    fares pricing 4 > availability/grpc fares-db/sql
    fares-db pricing database
    tax pricing > tax-vendor/https
    tax-vendor pricing third-party
    currency-rates pricing third-party
    promotions marketing 2 > loyalty/grpc
    loyalty marketing 3 > booking/grpc loyalty-db/sql
    loyalty-db marketing database
    availability inventory 7 > inventory-db/sql supplier-hub/grpc pricing/grpc
    inventory-db inventory database
    supplier-hub inventory 5 > hotel-supplier/https
    hotel-supplier inventory third-party
    booking reservations 10 > availability/grpc payment/grpc booking-db/sql event-bus/kafka on pool-core
    booking-db reservations database
    payment payments 10 > fraud/grpc card-gateway/https booking/webhook on pool-core
    fraud payments 3
    card-gateway payments third-party 2
    event-bus platform queue 4
    pool-edge platform node-pool
    pool-core platform node-pool
"""


def booking() -> Sample:
    """Return the forty services, the supplier and all that waits for it failing.

    Round go booking and payment (a callback), search and ranking, pricing, fares and availability, loyalty and
    booking; pricing calls itself.
    """
    source = build(
        "booking",
        _BOOKING,
        entry=["web", "mobile-app", "partner-portal"],
        journeys={
            "book": "web gateway search offer booking payment card-gateway",
            "partner": "partner-portal partner-api search booking",
            "sign-in": "mobile-app gateway identity profile",
        },
    )
    states = health(
        source,
        firing="supplier-hub availability hotel-supplier",
        warning="search booking web gateway",
        no_traffic="payment card-gateway",
        unknown="content media-store geo tax fares-db loyalty-db pool-edge",
    )
    return Sample(source, states, "availability")
