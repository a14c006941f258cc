"""What a service is, judged by the image that it runs or the type that a catalogue gives it."""

import re

_BY_IMAGE = {
    "database": [
        "postgres",
        "postgresql",
        "postgis",
        "timescaledb",
        "mysql",
        "mariadb",
        "percona",
        "mongo",
        "mongodb",
        "cassandra",
        "scylla",
        "elasticsearch",
        "opensearch",
        "solr",
        "clickhouse",
        "clickhouse-server",
        "cockroach",
        "cockroachdb",
        "couchdb",
        "couchbase",
        "neo4j",
        "influxdb",
        "mssql",
        "oracle-xe",
        "dynamodb-local",
        "arangodb",
        "rethinkdb",
        "tidb",
        "yugabyte",
        "minio",
        "surrealdb",
        "qdrant",
        "weaviate",
        "milvus",
    ],
    "cache": [
        "redis",
        "redis-stack",
        "redis-stack-server",
        "valkey",
        "memcached",
        "keydb",
        "dragonfly",
        "hazelcast",
        "varnish",
    ],
    "queue": [
        "kafka",
        "cp-kafka",
        "redpanda",
        "rabbitmq",
        "nats",
        "nats-streaming",
        "activemq",
        "activemq-artemis",
        "artemis",
        "pulsar",
        "nsq",
        "eclipse-mosquitto",
        "mosquitto",
        "emqx",
        "vernemq",
        "elasticmq",
        "localstack-sqs",
        "beanstalkd",
    ],
    "dns": ["coredns", "dnsmasq", "unbound", "bind9", "powerdns"],
}
"""Kinds by the last part of an image's name."""

_KIND_OF = {image: kind for kind, images in _BY_IMAGE.items() for image in images}

_BY_TYPE = {
    "frontend": "website frontend web mobile-app mobile app webapp spa ui",
    "job": "job cronjob batch batch-job scheduled-job data-pipeline pipeline workflow",
    "database": "database db sql postgres postgresql mysql mongodb dynamodb dynamodb-table table bucket s3-bucket "
    "gcs-bucket storage data-store datastore search-index elasticsearch warehouse rds",
    "cache": "cache redis memcached valkey elasticache",
    "queue": "queue topic kafka kafka-topic rabbitmq sqs sqs-queue sns sns-topic pubsub pubsub-topic message-broker "
    "message-queue event-bus event-stream stream broker",
    "cluster": "cluster kubernetes-cluster k8s-cluster eks-cluster gke-cluster",
    "dns": "dns dns-zone domain-name",
    "third-party": "third-party external external-service external-api saas vendor",
}
_KIND_OF_TYPE = {one: kind for kind, types in _BY_TYPE.items() for one in types.split()}


def kind_of_image(image: str) -> str:
    """Return what an image runs: database, cache, queue or dns, else service."""
    name = re.split(r"[:@]", image.rsplit("/", 1)[-1], maxsplit=1)[0].lower()
    if name in _KIND_OF:
        return _KIND_OF[name]
    return _KIND_OF.get(re.sub(r"-(?:alpine|server|sentinel|cluster|db|ha)$", "", name), "service")


def kind_of_type(kind: str) -> str:
    """Return what a catalogue's type means here: `website` is a frontend, `s3-bucket` a database; else service."""
    plain = re.sub(r"[\s_]+", "-", kind.strip().lower())
    return _KIND_OF_TYPE.get(plain, "service")
