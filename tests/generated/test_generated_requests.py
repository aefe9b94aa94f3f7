# Requests made from the OpenAPI description, valid and invalid ones, against the running program:
# every answer is one the description has, and the program is well afterwards.
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode

from support.generation import REFUSED, SECONDS_MAX, as_described, try_all

pytestmark = pytest.mark.slow

OPERATIONS = [
    ("POST", "/init"), ("POST", "/order"), ("POST", "/cancel/{orderId}"),
    ("GET", "/status/{orderId}"), ("GET", "/inventory/{productId}"), ("GET", "/capacity"),
    ("GET", "/health"), ("GET", "/metrics"), ("GET", "/events"), ("GET", "/"),
]


@pytest.fixture(scope="module")
def description(souk):
    answer = souk.http.get(souk.ops + "/openapi/flash.json")
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture(scope="module")
def schema(description):
    return schemathesis.openapi.from_dict(description)


@pytest.fixture(scope="module", autouse=True)
def sale(souk):
    """Something to sell under the names that generated orders are most likely to use."""
    for product in ("phone", "0", "a"):
        body = {"productId": product, "quantity": 1_000_000}
        assert souk.http.post(souk.api + "/init", json=body).status_code == 200


def send(souk, case):
    """The answer; a connection that is cut off or hangs is an error."""
    base = souk.waiting_room if case.operation.path == "/" else souk.api
    return case.call(base_url=base, timeout=SECONDS_MAX, allow_redirects=False)


def is_well(souk):
    for address in (souk.api + "/health", souk.ops + "/readyz"):
        assert souk.http.get(address).status_code == 200
    assert souk.running


@pytest.mark.parametrize("method, path", OPERATIONS)
def test_valid_requests_are_answered_as_described(schema, souk, generation_seed, method, path):
    operation = schema[path][method]
    statuses = set()

    def attempt(case):
        answer = send(souk, case)
        as_described(case, answer)
        statuses.add(answer.status_code)

    try_all(operation.as_strategy(generation_mode=GenerationMode.POSITIVE), generation_seed, attempt)
    assert statuses, "nothing was tried"
    is_well(souk)


@pytest.mark.parametrize("method, path", OPERATIONS[:3])
def test_invalid_requests_are_refused_as_described(schema, souk, generation_seed, method, path):
    operation = schema[path][method]
    statuses = set()

    def attempt(case):
        answer = send(souk, case)
        as_described(case, answer)
        statuses.add(answer.status_code)

    try_all(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), generation_seed, attempt)
    assert any(status in REFUSED for status in statuses), f"only {statuses}"
    is_well(souk)


@pytest.mark.parametrize("path", ["/status/", "/inventory/", "/cancel/"])
def test_any_bytes_as_an_id_are_answered(souk, generation_seed, path):
    def attempt(name):
        written = "".join(f"%{byte:02X}" for byte in name)
        send_one = souk.http.post if path == "/cancel/" else souk.http.get
        answer = send_one(souk.api + path + written, timeout=SECONDS_MAX)
        assert answer.status_code in (200, 400, 404, 409), (answer.status_code, name)
        assert isinstance(answer.json(), dict)

    text = st.text(min_size=1, max_size=300).map(str.encode)
    try_all(st.one_of(st.binary(min_size=1, max_size=300), text), generation_seed, attempt)
    is_well(souk)


def test_every_operation_is_tried(description):
    described = {
        (method.upper(), path) for path, item in description["paths"].items() for method in item
    }
    assert described == set(OPERATIONS)
