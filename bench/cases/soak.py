"""A long sale: 20,000 accepts/s with sell-outs and /init between, then the books are checked exactly."""

from __future__ import annotations

from statistics import mean

from cases import books
from cases.accepted import latency_text
from cases.preload import preload
from harness import disk, http
from harness.causes import cause_of, generator_spans, server_spans, span_of
from harness.load import offer
from harness.plan import Bench
from harness.processes import ForeignLoad, Souk, noise_text
from harness.watch import Watch, database_bytes

P999_US_MAX = 50_000
CONNECTIONS = 256
PRODUCTS = 5
SALE_SECONDS = 20               # of one product; shorter in short runs
KEY_LIFE_SECONDS = 60           # the default; shorter in short runs, or nothing could become flat
RETIRED_PER_SECOND = 2_000      # as fast as retention goes, so that it is at it for the whole run
PAUSE_MS = 5                    # from here on the server names its pauses
GROWTH_MAX = 1.10               # of memory and log from the middle of the run to its end
JUDGED_SECONDS_MIN = 120        # a shorter run is still filling its caches when it ends
WAL_BYTES_MAX = 64 * 2**20
DESCRIPTORS_SPARE = 2
DISK_SECONDS_PART = 0.2         # of the soak's length
MB = 2**20


def settings(seconds: float) -> dict[str, str]:
    return {
        "SOUK_LOG_PAUSE_MS": str(PAUSE_MS),
        "FLASH_IDEMPOTENCY_TTL_SECONDS": str(int(min(KEY_LIFE_SECONDS, max(seconds / 6, 1)))),
        "FLASH_ORDERS_KEEP_DAYS": "1",
        "FLASH_ORDERS_ARCHIVE": "delete",
    }


def report_speed(bench: Bench, result: dict, foreign: float) -> None:
    plan = bench.plan
    bench.report.add("soak", f"{plan.soak_rate:,} accepts/s offered for {plan.soak_seconds:g} s",
                     latency_text(result) + noise_text(foreign), "p99.9 <= 50 ms",
                     result["all"]["p999_us"] <= P999_US_MAX, foreign_cores=foreign, **result)
    accepted = result["accepted"]["count"]
    bench.report.add("soak", "accepted", f"{accepted:,} ({accepted / result['seconds']:,.0f}/s), sold out "
                     f"{result['sold_out']['count']:,}, sent again {result['sent_again']:,}")


def report_pauses(bench: Bench, souk: Souk, result: dict) -> None:
    """Time in which orders were under way and no answer came."""
    candidates = server_spans(souk.log) + generator_spans(result)
    for place, pause in enumerate(result["pauses"], 1):
        cause = cause_of(span_of(result, pause), candidates, PAUSE_MS)
        bench.report.add("soak", f"pause {place}", f"{pause['length_us'] / 1000:.1f} ms at "
                         f"{pause['at_us'] / 1e6:.1f} s: {cause}")


def report_disk(bench: Bench, like: disk.Writes) -> None:
    """The yardstick of the latency: an order cannot be answered before its sync."""
    bench.say("the same writes without Souk")
    found = disk.alone(bench.work, like, bench.plan.soak_seconds * DISK_SECONDS_PART)
    bench.report.add("soak", "the disk alone with the same writes", f"{found.bytes_per_second / 1e6:.0f} MB/s, "
                     f"{like.syncs / like.seconds:.0f} syncs/s of the log: p99.9 {found.p999_ms:.1f} ms, longest "
                     f"{found.longest_ms:.1f} ms", **found._asdict())


def log_syncs(souk: Souk) -> int:
    return int(sum(http.metrics(souk.admin_port, "souk_flash_log_commit_seconds_count").values()))


def report_use(bench: Bench, watch: Watch) -> None:
    is_long = bench.plan.soak_seconds >= JUDGED_SECONDS_MIN
    first, last = watch.samples[0], watch.samples[-1]
    middle, end = (mean(sample.resident for sample in watch.part(*part)) for part in ((0.4, 0.6), (0.8, 1.0)))
    most = max(sample.resident for sample in watch.samples)
    bench.report.add("soak", "memory at start, end, most", f"{first.resident / MB:.0f}, {last.resident / MB:.0f}, "
                     f"{most / MB:.0f} MB; last fifth {end / middle:.2f} x the middle", f"<= {GROWTH_MAX} x",
                     end <= GROWTH_MAX * middle if is_long else None, samples=[vars(sample) for sample in watch.samples])
    counts = [sample.descriptors for sample in watch.part(0.2, 1.0)]
    bench.report.add("soak", "descriptors at start, end, most", f"{first.descriptors}, {last.descriptors}, "
                     f"{max(counts)}", f"spread <= {DESCRIPTORS_SPARE}", max(counts) - min(counts) <= DESCRIPTORS_SPARE)
    bench.report.add("soak", "backlog, most", f"{max(sample.backlog for sample in watch.samples):,}")


def report_files(bench: Bench, watch: Watch, grown: int, sold: int, retired: int) -> None:
    log_middle, log_end = (watch.largest("flash-log.db", *part) for part in ((0.4, 0.6), (0.8, 1.0)))
    bench.report.add("soak", "order log", f"{log_end / MB:.0f} MB at the end, {log_end / max(log_middle, 1):.2f} x the "
                     "middle", f"<= {GROWTH_MAX} x",
                     log_end <= GROWTH_MAX * log_middle if bench.plan.soak_seconds >= JUDGED_SECONDS_MIN else None)
    wal = max(watch.largest("flash-log.db-wal"), watch.largest("flash.db-wal"))
    bench.report.add("soak", "larger WAL, most", f"{wal / MB:.0f} MB", f"<= {WAL_BYTES_MAX // MB} MB",
                     wal <= WAL_BYTES_MAX)
    more = sold - retired
    each = f", {grown / more:.0f} bytes for each order more" if more > 0 else ""
    bench.report.add("soak", "tables", f"grew {grown / MB:.0f} MB: {sold:,} orders came, retention removed {retired:,} "
                     f"old ones{each}")


def report_books(bench: Bench, found: books.Books) -> None:
    text = (f"{found.promised:,} promised, {found.rows:,} rows, same ids and keys; {found.sales} sales, of which "
            f"{found.sold_out} sold out to the unit")
    bench.report.add("soak", "books", "; ".join(found.faults[:5]) or text, "exact", not found.faults)
    if found.faults:
        bench.report.problems.append(f"soak: {found.faults[0]}")


def run(bench: Bench) -> None:
    plan = bench.plan
    data = bench.fresh_data("soak")
    old_orders = int(plan.soak_seconds * RETIRED_PER_SECOND)
    bench.say(f"storing {old_orders:,} orders that retention will remove")
    preload(bench, data, old_orders, days_old=10)
    stored_bytes = database_bytes(data)
    stock = int(plan.soak_rate * min(SALE_SECONDS, plan.soak_seconds / 3) / PRODUCTS) + 1
    with Souk(bench.souk, data, core=None, settings=settings(plan.soak_seconds)) as souk:
        bench.say(f"offering {plan.soak_rate:,} accepts/s for {plan.soak_seconds:g} s")
        foreign = ForeignLoad(souk)
        written = disk.written_by(souk.pid)
        with Watch(souk, plan.soak_seconds) as watch:
            result = offer(bench.offer, "soak", souk.port, "--rate", plan.soak_rate, "--seconds", plan.soak_seconds,
                           "--connections", CONNECTIONS, "--products", PRODUCTS, "--stock", stock, core=None)
        busy_elsewhere = foreign.cores()
        writes = disk.Writes(disk.written_by(souk.pid) - written, log_syncs(souk), result["seconds"])
        souk.wait_drained()
        retired = int(sum(http.metrics(souk.admin_port, "souk_flash_orders_retired_total").values()))
        gate = {product: souk.stock(product) for product in result["sales"]}
    bench.say("checking the books")
    report_speed(bench, result, busy_elsewhere)
    report_pauses(bench, souk, result)
    report_use(bench, watch)
    found = books.check(data, result, gate)
    report_files(bench, watch, database_bytes(data) - stored_bytes, found.rows, retired)
    report_books(bench, found)
    report_disk(bench, writes)
