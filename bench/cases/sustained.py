"""A long run at a steady rate: what the slowest thousandth waits, and how long the longest pauses are."""

from __future__ import annotations

from cases.accepted import PRODUCT, check_all_accepted, latency_text, offer_rate
from harness.plan import ENDLESS_STOCK, Bench
from harness.processes import ForeignLoad, Souk, noise_text

P999_US_MAX = 50_000
CONNECTIONS = 128


def pauses_text(pauses: list[dict], count: int) -> str:
    return ", ".join(f"{pause['length_us'] / 1000:.1f} ms at {pause['at_us'] / 1e6:.1f} s"
                     for pause in pauses[:count]) or "none"


def run(bench: Bench) -> None:
    plan = bench.plan
    with Souk(bench.souk, bench.fresh_data("sustained"), core=None) as souk:
        souk.init(PRODUCT, ENDLESS_STOCK)
        bench.say(f"offering {plan.sustained_rate:,}/s for {plan.sustained_seconds:g} s")
        foreign = ForeignLoad(souk)
        result = offer_rate(bench, souk, plan.sustained_rate, plan.sustained_seconds, CONNECTIONS)
        busy_elsewhere = foreign.cores()
        backlog = souk.backlog()
        drain = souk.wait_drained()
        resident = souk.resident_bytes()
    check_all_accepted(result)

    bench.report.add("sustained", f"{plan.sustained_rate:,}/s offered for {plan.sustained_seconds:g} s",
                     latency_text(result) + noise_text(busy_elsewhere), "p99.9 <= 50 ms",
                     result["all"]["p999_us"] <= P999_US_MAX, foreign_cores=busy_elsewhere, **result)
    # A pause is time in which orders were under way and no answer came. One that coincides with a pause
    # of the generator was the machine's, not the server's.
    bench.report.add("sustained", "longest pauses", pauses_text(result["pauses"], 10))
    bench.report.add("sustained", "longest pauses of the generator itself", pauses_text(result["generator_pauses"], 3))
    bench.report.add("sustained", "backlog and memory at the end",
                     f"{backlog:,} (drained in {drain:.2f} s), {resident / 2**20:.0f} MB resident")
