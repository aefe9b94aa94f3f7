"""CPU per request of the hot answers, against a bare server that sends the same bytes."""

from __future__ import annotations

from statistics import median
from typing import Callable, NamedTuple

from harness import http
from harness.load import WrkRun, wrk
from harness.plan import ENDLESS_STOCK, Bench
from harness.processes import BenchError, Floor, Souk, noise_text

RATIO_MAX = 1.4
PER_SECOND_MIN = 120_000
PRIMING_SECONDS = 1.0
PRIMING_RUNS_MAX = 20
PRODUCT = "bench-phone"


class Answer(NamedTuple):
    name: str
    mode: str                                  # of the wrk script
    stock: int
    status: int
    prepare: Callable[[Souk], None] | None
    has_budget: bool
    limited: bool = False                      # a limiter of one a second, so that all are redirected


def use_up_all_keys(souk: Souk) -> None:
    """Sends the script's keys until a whole run of them takes no more stock, so that each is a duplicate."""
    for _ in range(PRIMING_RUNS_MAX):
        before = souk.stock(PRODUCT)
        wrk(souk, souk.port, mode="cycle", product=PRODUCT, run=0, connections=64, seconds=PRIMING_SECONDS)
        if souk.stock(PRODUCT) == before:
            souk.wait_drained()
            return
    raise BenchError("the keys meant to be duplicates keep being accepted")


ANSWERS = [
    Answer("sold out", "cycle", 0, 409, None, True),
    Answer("duplicate", "cycle", ENDLESS_STOCK, 200, use_up_all_keys, True),
    Answer("over limit", "cycle", 0, 302, None, True, limited=True),
    Answer("accepted", "fresh", ENDLESS_STOCK, 200, None, False),
]


class Pair(NamedTuple):
    souk: WrkRun
    floor: WrkRun
    backlog: int              # accepted orders not yet in the database when the run ended
    drain_seconds: float


def sample_bytes(answer: Answer, souk: Souk) -> bytes:
    """One real answer of the kind measured, for the floor to repeat."""
    key = "00000000-0000-4000-8000-000000000001"
    wanted = answer.status
    http.raw_order(souk.port, PRODUCT, key)     # takes the limiter's token, or makes the key a duplicate
    raw = http.raw_order(souk.port, PRODUCT, key if answer.name == "duplicate" else None)
    if http.status_of(raw) != wanted:
        raise BenchError(f"{answer.name}: expected {wanted}, got {raw[:200]!r}")
    return raw


def check_outcome(answer: Answer, run: WrkRun, taken: int) -> None:
    """The run must have measured what its name says: by status where wrk counts it, by stock where not."""
    wanted_errors = run.requests if answer.status > 399 else 0
    tokens = run.requests / run.per_second + 2 if answer.limited else 0   # what passes the limiter is sold out
    if abs(run.above_399 - wanted_errors) > tokens:
        raise BenchError(f"{answer.name}: {run.above_399} of {run.requests} answers were above 399")
    if answer.name == "accepted" and taken < run.requests:
        raise BenchError(f"accepted: {run.requests} answers took only {taken} units")
    if answer.name == "duplicate" and taken:
        raise BenchError(f"duplicate: {taken} orders were accepted")


def measure(bench: Bench, answer: Answer, souk: Souk, floor: Floor, connections: int) -> list[Pair]:
    pairs = []
    for _ in range(bench.plan.rounds):
        options = {"mode": answer.mode, "product": PRODUCT, "connections": connections,
                   "seconds": bench.plan.hot_seconds, "run": bench.next_run()}
        before = souk.stock(PRODUCT)
        of_souk = wrk(souk, souk.port, **options)
        check_outcome(answer, of_souk, before - souk.stock(PRODUCT))
        backlog = souk.backlog()
        drain = souk.wait_drained()     # or its worker would run beside the floor
        pairs.append(Pair(of_souk, wrk(floor, floor.port, **options), backlog, drain))
    return pairs


def record(bench: Bench, answer: Answer, limiter: str, connections: int, pairs: list[Pair]) -> None:
    ratio = median(pair.souk.cpu_us / pair.floor.cpu_us for pair in pairs)
    cpu, floor_cpu = (median(pair[side].cpu_us for pair in pairs) for side in (0, 1))
    rate, floor_rate = (median(pair[side].per_second for pair in pairs) for side in (0, 1))
    p50, p99 = (median(getattr(pair.souk, name) for pair in pairs) for name in ("p50_us", "p99_us"))
    busy = median(pair.souk.busy for pair in pairs)
    foreign = max(run.foreign_cores for pair in pairs for run in (pair.souk, pair.floor))
    what = f"{answer.name}, limiter {limiter}, {connections} connections"
    figures = {"rounds": [pair._asdict() | {"souk": pair.souk._asdict(), "floor": pair.floor._asdict()}
                          for pair in pairs]}
    bench.report.add(
        "hot", what, f"{ratio:.2f} x floor ({cpu:.2f} us against {floor_cpu:.2f} us; p50 {p50:.0f} us, p99 {p99:.0f} us"
        f"{noise_text(foreign)})", f"<= {RATIO_MAX} x floor" if answer.has_budget else "",
        ratio <= RATIO_MAX if answer.has_budget else None, **figures)
    # Below about 5 us per request the generator's core is full before the server's is.
    rates = f"{rate:,.0f}/s (floor {floor_rate:,.0f}/s; server {busy:.0%} busy)"
    if answer.has_budget:
        bench.report.add("hot", f"{what}: rate", rates, f">= {PER_SECOND_MIN:,}/s", rate >= PER_SECOND_MIN)
        return
    bench.report.add("hot", f"{what}: rate", rates)
    worst = max(pairs, key=lambda pair: pair.backlog)
    bench.report.add("hot", f"{what}: backlog", f"{worst.backlog:,}, drained in {worst.drain_seconds:.2f} s")


def run(bench: Bench) -> None:
    for answer in ANSWERS:
        for limit in (1,) if answer.limited else bench.plan.limiters:
            limiter = "on" if limit else "off"
            bench.say(f"{answer.name}, limiter {limiter}")
            # Keys must stay used for as long as the rounds last.
            settings = {"FLASH_IDEMPOTENCY_TTL_SECONDS": "3600"} if answer.name == "duplicate" else None
            with Souk(bench.souk, bench.fresh_data("hot"), rate_limit=limit, settings=settings) as souk:
                souk.init(PRODUCT, answer.stock)
                if answer.prepare:
                    answer.prepare(souk)
                with Floor(bench.floor, sample_bytes(answer, souk), bench.work) as floor:
                    for connections in bench.plan.hot_connections:
                        record(bench, answer, limiter, connections, measure(bench, answer, souk, floor, connections))
