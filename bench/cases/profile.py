"""The contract's load profile, with the limiter at 50 a second and without it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from harness.load import offer
from harness.plan import Bench
from harness.processes import Souk

PRODUCT = "iphone-15"
UNITS = 100
KINDS = ("accepted", "limited", "sold_out")


def stored(data: Path) -> tuple[int, int]:
    """Rows and remaining stock of the product, read after the program has stopped."""
    database = sqlite3.connect(data / "flash.db")
    try:
        rows = database.execute("SELECT count(*) FROM orders WHERE product_id = ?", (PRODUCT,)).fetchone()[0]
        stock = database.execute("SELECT stock FROM products WHERE id = ?", (PRODUCT,)).fetchone()[0]
        return rows, stock
    finally:
        database.close()


def kind_text(result: dict, kind: str) -> str:
    figures = result[kind]
    if not figures["count"]:
        return f"{kind} 0"
    return (f"{kind} {figures['count']:,} (p50 {figures['p50_us'] / 1000:.2f}, p95 {figures['p95_us'] / 1000:.2f}, "
            f"p99 {figures['p99_us'] / 1000:.2f} ms)")


def run_with(bench: Bench, limit: int) -> None:
    name = f"limiter {limit}/s" if limit else "limiter off"
    bench.say(f"{name}, {25 * bench.plan.profile_scale:g} s")
    data = bench.fresh_data("profile")
    with Souk(bench.souk, data, rate_limit=limit, core=None) as souk:
        souk.init(PRODUCT, UNITS)
        result = offer(bench.offer, "profile", souk.port, "--scale", bench.plan.profile_scale, "--product", PRODUCT,
                       core=None)
        souk.wait_drained()
        gate = souk.stock(PRODUCT)
    rows, stock = stored(data)

    total = result["all"]["count"]
    right = total - result["unexpected"]["count"] - result["ignored"]["count"]
    bench.report.add("profile", f"{name}: answers that are 200, 302 or 409", f"{right:,} of {total:,}", "all",
                     right == total and not result["broken_connections"], **result)
    bench.report.add("profile", f"{name}: rate", f"{total / result['seconds']:,.0f}/s")
    for kind in KINDS:
        bench.report.add("profile", f"{name}: latency", kind_text(result, kind))
    # An accepted answer can be lost with a user who leaves, so the rows decide, not the answers.
    all_sold = rows == UNITS and stock == 0 and gate == 0
    few_tries = bool(limit) and rows == UNITS - gate == UNITS - stock and rows < UNITS and bench.plan.profile_scale < 1
    bench.report.add("profile", f"{name}: rows, stock and gate afterwards", f"{rows}, {stock}, {gate}",
                     f"{UNITS}, 0, 0", all_sold or few_tries)


def run(bench: Bench) -> None:
    run_with(bench, 50)
    run_with(bench, 0)
