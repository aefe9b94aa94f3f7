"""Accepted orders at the budget's rate, each durable before its answer, on a database that is already large."""

from __future__ import annotations

from cases.preload import preload
from harness.load import offer
from harness.plan import ENDLESS_STOCK, Bench
from harness.processes import BenchError, ForeignLoad, Souk, noise_text

PRODUCT = "bench-phone"
CONNECTIONS = 256
PER_SECOND_MIN = 60_000
BACKLOG_MAX = 50_000
P99_US_MAX = 15_000


def offer_rate(bench: Bench, souk: Souk, rate: int, seconds: float, connections: int) -> dict:
    return offer(bench.offer, "rate", souk.port, "--rate", rate, "--seconds", seconds, "--connections", connections,
                 "--product", PRODUCT, core=None)


def check_all_accepted(result: dict) -> None:
    wrong = {name: result[name]["count"] for name in ("ignored", "limited", "sold_out", "unexpected")}
    if any(wrong.values()) or result["broken_connections"]:
        raise BenchError(f"not every order was accepted: {wrong}, statuses {result['statuses']}, "
                         f"{result['broken_connections']} broken connections")


def latency_text(result: dict) -> str:
    figures = result["all"]
    return (f"p50 {figures['p50_us'] / 1000:.1f} ms, p99 {figures['p99_us'] / 1000:.1f} ms, "
            f"p99.9 {figures['p999_us'] / 1000:.1f} ms, longest {figures['max_us'] / 1000:.1f} ms")


def run(bench: Bench) -> None:
    plan = bench.plan
    data = bench.fresh_data("accepted")
    bench.say(f"storing {plan.stored_orders:,} orders")
    preload(bench, data, plan.stored_orders)
    # Generator and server share both cores, as the budget says; more loops than one would only contend.
    with Souk(bench.souk, data, core=None) as souk:
        souk.init(PRODUCT, ENDLESS_STOCK)
        bench.say(f"offering {plan.accepted_rate:,}/s for {plan.accepted_seconds:g} s")
        foreign, cpu_before = ForeignLoad(souk), souk.cpu_seconds()
        result = offer_rate(bench, souk, plan.accepted_rate, plan.accepted_seconds, CONNECTIONS)
        backlog = souk.backlog()
        busy_elsewhere = foreign.cores()
        drain = souk.wait_drained()
        cpu_us = (souk.cpu_seconds() - cpu_before) * 1e6 / max(result["accepted"]["count"], 1)
    check_all_accepted(result)

    rate = result["accepted"]["count"] / result["seconds"]
    where = f"on {plan.stored_orders:,} stored orders"
    bench.report.add("accepted", f"durable orders {where}, {plan.accepted_rate:,}/s offered for "
                     f"{plan.accepted_seconds:g} s", f"{rate:,.0f}/s{noise_text(busy_elsewhere)}",
                     f">= {PER_SECOND_MIN:,}/s", rate >= PER_SECOND_MIN, cpu_us_with_worker=cpu_us,
                     foreign_cores=busy_elsewhere, **result)
    bench.report.add("accepted", "latency from the moment the order was due", latency_text(result), "p99 <= 15 ms",
                     result["all"]["p99_us"] <= P99_US_MAX)
    bench.report.add("accepted", "backlog at the end", f"{backlog:,} (drained in {drain:.2f} s)",
                     f"<= {BACKLOG_MAX:,}", backlog <= BACKLOG_MAX)
    bench.report.add("accepted", "CPU per order, worker included", f"{cpu_us:.1f} us")
