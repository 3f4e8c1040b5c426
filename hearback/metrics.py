"""What can be counted while Hearback runs, in the words of Prometheus. Labels hold kinds of things, never anything of a citizen."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter that nobody reads
REGISTRY = CollectorRegistry(auto_describe=False)
PROCESS = ProcessCollector(registry=REGISTRY)
PLATFORM = PlatformCollector(registry=REGISTRY)
# A proxy puts one of these in: who calls through it is not this machine.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")
QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, float("inf"))
COMMITS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, float("inf"))
STAGES = ("waiting", "rasa", "actions", "committing", "whole")

TURNS = Histogram(
    "hearback_turn_seconds", "How long citizens' messages took, by stage; `whole` is from written down to answered.",
    ["stage"], registry=REGISTRY, buckets=QUICK,
)  # fmt: skip
PROVIDER_ERRORS = Counter(
    "hearback_provider_errors", "Calls to the world outside that failed, by provider and kind.", ["provider", "kind"], registry=REGISTRY
)
SEGMENTS = Counter("hearback_sms_segments", "Segments of the text messages that the provider took.", ["channel"], registry=REGISTRY)
COST = Counter("hearback_sms_cost_pence", "Pence that these text messages cost, as the log has them.", ["channel"], registry=REGISTRY)
RECEIVED = Counter("hearback_messages_received", "Citizens' messages written down.", ["channel"], registry=REGISTRY)
ANSWERED = Counter("hearback_messages_answered", "Citizens' messages that are done with.", ["channel"], registry=REGISTRY)
REQUESTS = Counter("hearback_http_requests", "Requests by route and class of status.", ["route", "status"], registry=REGISTRY)
COMMIT = Histogram(
    "hearback_log_commit_seconds", "How long a change of the log took until it was durable.", registry=REGISTRY, buckets=COMMITS
)


@dataclass(frozen=True, kw_only=True)
class Depths:
    """What waits in the log. `queue` are messages not answered, `outbox` texts not sent; both are counted up to a bound."""

    queue: int
    oldest: float  # real seconds that the oldest unanswered message has waited
    outbox: int


class _Everything(Collector):
    def __init__(self, depths: Depths | None, model: str) -> None:
        self._depths, self._model = depths, model

    def collect(self) -> Iterator[Metric]:
        yield from REGISTRY.collect()
        yield from _gauges(self._depths, self._model)


def _gauges(depths: Depths | None, model: str) -> Iterator[Metric]:
    yield GaugeMetricFamily("hearback_log_up", "1 where the log could be read for this page.", value=float(depths is not None))
    yield InfoMetricFamily("hearback_model", "The model in use.", value={"model": model})
    if depths is not None:
        yield GaugeMetricFamily("hearback_queue_depth", "Citizens' messages that are not answered.", value=depths.queue)
        yield GaugeMetricFamily(
            "hearback_oldest_unanswered_seconds", "How long the oldest of them has waited; 0 where there is none.", value=depths.oldest
        )
        yield GaugeMetricFamily("hearback_outbox_depth", "Text messages that are not sent yet.", value=depths.outbox)


def page(accept: str, depths: Depths | None, model: str) -> tuple[bytes, str]:
    """(body, content type): OpenMetrics for whoever asks for it, else Prometheus' text."""
    encode, content_type = choose_encoder(accept)
    return encode(_Everything(depths, model)), content_type


def names() -> set[str]:
    """Every name of ours that a page can have, as alert rules write them."""
    found: set[str] = set()
    for family in (*REGISTRY.collect(), *_gauges(Depths(queue=0, oldest=0.0, outbox=0), "")):
        endings = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "info": ("_info",)}.get(family.type, ("",))
        found |= {family.name + ending for ending in endings}
    return found


def may_read(remote: str | None, header: Callable[[str], str | None], token: str) -> bool:
    """Whether this caller may read the page: with the token where one is set, else a program of this machine that came by no proxy."""
    if token:
        return hmac.compare_digest((header("Authorization") or "").encode(), f"Bearer {token}".encode())
    return _loopback(remote) and not any(header(name) for name in FORWARDED)


def _loopback(remote: str | None) -> bool:
    try:
        address = ip_address(remote or "")
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def failed_calls(calls: Iterable[dict[str, object]]) -> None:
    """Count what a turn says of the council's systems that it asked."""
    for call in calls:
        if call.get("to") and call.get("result") != "ok":
            PROVIDER_ERRORS.labels(str(call["to"]), str(call["result"])).inc()
