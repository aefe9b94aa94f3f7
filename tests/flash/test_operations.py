# Health, metrics and the operations listener: spec/flash.md section 7.6 (F15), design section 4.
import pytest

from support.flash import FlashClient, expect, new_key
from support.metrics import families, total


def test_a_healthy_service_says_so(flash):
    expect(flash.get("/health"), 200, '{"status":"ok"}')


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_the_operations_listener_says_alive_and_ready(souk, path):
    assert souk.http.get(souk.ops + path).status_code == 200


def test_ready_names_each_dependency(souk, storage):
    text = souk.http.get(souk.ops + "/readyz").text.lower()
    assert "database" in text or storage.kind in text


@pytest.mark.parametrize("base", ["api", "ops"])
def test_metrics_are_valid_prometheus_text(souk, base):
    answer = souk.http.get(getattr(souk, base) + "/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    for family in families(answer.text):
        assert family.documentation, f"{family.name} has no help"
        assert family.type != "unknown", f"{family.name} has no type"


def test_a_latency_histogram_exists_and_its_buckets_rise_to_its_count(flash, product):
    flash.stocked(product, 1)
    flash.accepted(product)
    text = flash.get("/metrics").text
    histograms = [f for f in families(text) if f.type == "histogram"
                  and any(word in f.name for word in ("duration", "latency", "seconds"))]
    assert histograms
    for family in histograms:
        series = {}
        for sample in family.samples:
            labels = tuple(sorted((k, v) for k, v in sample.labels.items() if k != "le"))
            series.setdefault(labels, {"buckets": [], "count": None})
            if sample.name.endswith("_bucket"):
                series[labels]["buckets"].append((float(sample.labels["le"]), sample.value))
            elif sample.name.endswith("_count"):
                series[labels]["count"] = sample.value
        for labels, seen in series.items():
            counts = [count for _, count in sorted(seen["buckets"])]
            assert counts == sorted(counts) and counts[-1] == seen["count"], (family.name, labels)
            assert sorted(seen["buckets"])[-1][0] == float("inf")


OUTCOMES = [
    ("accepted", ("accepted",), lambda f, p: f.order(p + "-stocked")),
    ("sold out", ("sold_out", "sold out"), lambda f, p: f.order(p)),
    ("duplicate", ("duplicate", "ignored"), lambda f, p: f.order(p + "-stocked", p + "-key")),
]


@pytest.mark.parametrize("words, send", [o[1:] for o in OUTCOMES], ids=[o[0] for o in OUTCOMES])
def test_every_outcome_of_an_order_is_counted(flash, product, words, send):
    flash.stocked(product + "-stocked", 10)
    flash.accepted(product + "-stocked", product + "-key")
    flash.order(product)
    flash.order(product + "-stocked", product + "-key")
    before = total(flash.get("/metrics").text, "counter", *words)
    for _ in range(3):
        send(flash, product)
    assert total(flash.get("/metrics").text, "counter", *words) >= before + 3


def test_redirected_orders_are_counted(start_embedded):
    flash = FlashClient(start_embedded(rate_limit_rps=1))
    redirected = 0
    while redirected < 3:
        redirected += flash.order("nothing").status_code == 302
    assert total(flash.get("/metrics").text, "counter", "limited", "redirect") == redirected


def test_requests_are_counted(flash):
    before = total(flash.get("/metrics").text, "counter", "requests_total")
    for _ in range(5):
        flash.get("/health")
    assert total(flash.get("/metrics").text, "counter", "requests_total") >= before + 5


def test_no_metric_holds_what_a_client_sent(flash, product):
    flash.stocked(product, 1)
    key = new_key()
    order = flash.accepted(product, key, user="somebody-private")
    flash.get(f"/status/{order}")
    flash.get("/a-path-nobody-knows")
    text = flash.get("/metrics").text
    for word in (product, key, order, "somebody-private", "a-path-nobody-knows"):
        assert word not in text


def test_an_unknown_path_of_the_operations_listener_is_a_404(souk):
    assert souk.http.get(souk.ops + "/nothing").status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9090", "localhost.evil.example"])
def test_the_operations_listener_refuses_a_foreign_host_name(souk, host):
    answer = souk.http.get(souk.ops + "/metrics", headers={"Host": host})
    assert 400 <= answer.status_code < 500


def test_the_operations_listener_answers_under_its_local_names(souk):
    for host in ("127.0.0.1", "localhost"):
        answer = souk.http.get(souk.ops + "/healthz", headers={"Host": f"{host}:{souk.ops_port}"})
        assert answer.status_code == 200


def test_operations_are_not_served_to_the_public(souk):
    for path in ("/healthz", "/readyz", "/openapi/flash.json"):
        assert souk.http.get(souk.api + path).status_code == 404


def test_with_a_token_the_operations_listener_asks_for_it(start_embedded):
    souk = start_embedded(souk_admin_token="betrieb", wait_for=None)
    souk.http.headers["Authorization"] = "Bearer betrieb"
    souk.wait_until("/readyz")
    assert souk.http.get(souk.ops + "/metrics").status_code == 200
    for wrong in ("", "Bearer wrong"):
        answer = souk.http.get(souk.ops + "/metrics", headers={"Authorization": wrong})
        assert answer.status_code == 401
