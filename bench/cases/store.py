"""`store`: lists, search, details, carts and tokens on a shop of many products, beside the bare floor."""

from __future__ import annotations

import contextlib
import shutil
from statistics import median
from typing import Iterable, NamedTuple

from cases import issuer
from cases.shop import (PRIVATE_KEY, WORDS, ask, fill, other_tokens, random_pages, request_bytes, token_of)
from harness import http
from harness.load import WrkRun, wrk_file, write_requests
from harness.plan import Bench
from harness.processes import BenchError, Floor, Server, Souk, free_port, noise_text

CONNECTIONS = 64
REVIEWED, REVIEWS = 200, 20
LIST_RATIO_MAX = 2.0
DETAIL_US_MAX = 60.0
# More than the cache of lists and that of tokens hold, so that none of them is there when it comes around again.
DIFFERENT_LISTS = 25_000
DIFFERENT_TOKENS = 12_000
EMAIL = "bench@example.com"


class Measure(NamedTuple):
    name: str
    requests: list[bytes]
    status: int = 200
    ratio_max: float | None = None
    cpu_us_max: float | None = None
    has_floor: bool = False


def measures(souk: Souk, token: str, products: int) -> Iterable[Measure]:
    first_page = request_bytes("GET", "/api/product")
    yield Measure("list of 20, cached in the process", [first_page], ratio_max=LIST_RATIO_MAX, has_floor=True)
    yield Measure(f"list, not cached, any page of {products:,} products",
                  [request_bytes("GET", path) for path in random_pages(DIFFERENT_LISTS, products // 20)])
    yield Measure(f"search for two words, not cached, {products:,} products", [
        request_bytes("GET", f"/api/product?q={a}%20{b}&page={page}&limit={limit}")
        for page in range(1, 8) for limit in range(20, 29) for a in WORDS for b in WORDS])
    yield Measure(f"search that finds nothing, not cached, {products:,} products", [
        request_bytes("GET", f"/api/product?q=no%20such%20thing%20{i}") for i in range(DIFFERENT_LISTS)])
    yield Measure(f"detail with {REVIEWS} reviews",
                  [request_bytes("GET", f"/api/product/{i + 1}") for i in range(REVIEWED)],
                  cpu_us_max=DETAIL_US_MAX, has_floor=True)
    yield Measure("cart add, durable", [
        request_bytes("POST", "/api/cart", token, {"product_id": i % products + 1, "quantity": 1})
        for i in range(500)])
    yield Measure("upload signature: a token known from before", [request_bytes("GET", "/api/cdn-auth", token)],
                  has_floor=True)
    yield Measure("upload signature: a token never seen", [
        request_bytes("GET", "/api/cdn-auth", one) for one in other_tokens(souk, token, DIFFERENT_TOKENS)])


class Pair(NamedTuple):
    souk: WrkRun
    floor: WrkRun | None


def measure(bench: Bench, what: Measure, souk: Souk) -> list[Pair]:
    file = write_requests(bench.work / "requests.bytes", what.requests)
    sample = ask(souk.store_port, what.requests[0])
    if http.status_of(sample) != what.status:
        raise BenchError(f"{what.name}: expected {what.status}, got {sample[:300]!r}")
    pairs = []
    with contextlib.ExitStack() as servers:
        floor = servers.enter_context(Floor(bench.floor, sample, bench.work)) if what.has_floor else None
        for _ in range(bench.plan.rounds):
            run = wrk_file(souk, souk.store_port, file, connections=CONNECTIONS, seconds=bench.plan.hot_seconds)
            if run.above_399:
                raise BenchError(f"{what.name}: {run.above_399} of {run.requests} answers were refusals")
            beside = floor and wrk_file(floor, floor.port, file, connections=CONNECTIONS,
                                        seconds=bench.plan.hot_seconds)
            pairs.append(Pair(run, beside))
    return pairs


def record(bench: Bench, what: Measure, pairs: list[Pair]) -> None:
    runs = [pair.souk for pair in pairs]
    cpu, rate, p50, p99 = (median(getattr(run, name) for run in runs) for name in ("cpu_us", "per_second", "p50_us",
                                                                                  "p99_us"))
    measured = f"{cpu:.1f} us CPU, {rate:,.0f}/s, p50 {p50 / 1000:.2f} ms, p99 {p99 / 1000:.2f} ms"
    budget, met = "", None
    if what.has_floor:
        ratio = median(pair.souk.cpu_us / pair.floor.cpu_us for pair in pairs)
        measured = f"{ratio:.2f} x floor; {measured}"
        if what.ratio_max:
            budget, met = f"<= {what.ratio_max:g} x floor", ratio <= what.ratio_max
    if what.cpu_us_max:
        budget, met = f"<= {what.cpu_us_max:g} us CPU", cpu <= what.cpu_us_max
    measured += noise_text(max(run.foreign_cores for run in runs))
    bench.report.add("store", what.name, measured, budget, met, rounds=[run._asdict() for run in runs])


@contextlib.contextmanager
def redis(bench: Bench):
    """A redis-server for the cache, on the generator's core as the rest of the world would be."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(bench.work)]
    with Server(command, 1, bench.work / "redis.log") as server:
        server.wait_started(lambda: http.accepts(port), "redis-server")
        yield port


def run_embedded(bench: Bench) -> None:
    settings = {"IMAGE_KIT_PRIVATE_KEY": PRIVATE_KEY}
    with Souk(bench.souk, bench.fresh_data("store"), services=("store",), settings=settings) as souk:
        token = token_of(souk, EMAIL)
        products = bench.plan.stored_products
        bench.say(f"storing {products:,} products")
        fill(souk, token, products, min(REVIEWED, products), REVIEWS)
        for what in measures(souk, token, products):
            bench.say(what.name)
            record(bench, what, measure(bench, what, souk))
        bench.report.add("store", f"resident with {products:,} products and full caches",
                         f"{souk.resident_bytes() / 2**20:.0f} MB")


def run_redis(bench: Bench) -> None:
    if not shutil.which("redis-server"):
        raise BenchError("the list from Redis needs redis-server (Debian: apt install redis-server)")
    with redis(bench) as port:
        settings = {"REDIS_URL": f"redis://127.0.0.1:{port}"}
        with Souk(bench.souk, bench.fresh_data("store-redis"), services=("store",), settings=settings) as souk:
            fill(souk, token_of(souk, EMAIL), 100, 1, 1)
            what = Measure("list of 20, cached in Redis", [request_bytes("GET", "/api/product")], has_floor=True,
                           ratio_max=LIST_RATIO_MAX)
            bench.say(what.name)
            record(bench, what, measure(bench, what, souk))


def run(bench: Bench) -> None:
    run_embedded(bench)
    run_redis(bench)
    issuer.run(bench)
