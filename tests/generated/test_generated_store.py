# Requests made from store's OpenAPI description, valid and invalid ones, against the running program, with
# and without a token: every answer is one the description has, and the program is well afterwards.
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode

from support.generation import REFUSED, SECONDS_MAX, as_described, try_all
from support.store import some_address

pytestmark = pytest.mark.slow

OPERATIONS = [
    ("GET", "/"), ("GET", "/health"), ("GET", "/api/cdn-auth"), ("GET", "/api/product"), ("POST", "/api/product"),
    ("GET", "/api/product/{product_id}"), ("GET", "/api/cart"), ("POST", "/api/cart"), ("POST", "/api/review"),
    ("POST", "/api/contact"), ("POST", "/api/checkout"),
]
WITH_BODY = [operation for operation in OPERATIONS if operation[0] == "POST"]


@pytest.fixture
def description(store):
    answer = store.http.get(store.souk.ops + "/openapi/store.json")
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture
def schema(description):
    return schemathesis.openapi.from_dict(description)


def is_well(store):
    for address in (store.souk.api + "/health", store.souk.ops + "/readyz"):
        assert store.http.get(address).status_code == 200
    assert store.souk.running


def tried(store, operation, mode, seed, signed_in=True):
    """Statuses of the answers to what is generated."""
    who, statuses = store.caller(), set()

    def attempt(case):
        case.headers = dict(case.headers or {}) | {"X-Forwarded-For": some_address()}
        case.headers.pop("Authorization", None)
        if signed_in:
            case.headers |= who.headers
        answer = case.call(base_url=store.souk.api, timeout=SECONDS_MAX, allow_redirects=False)
        as_described(case, answer)
        statuses.add(answer.status_code)

    try_all(operation.as_strategy(generation_mode=mode), seed, attempt)
    return statuses


@pytest.mark.parametrize("method, path", OPERATIONS)
def test_valid_requests_to_store_are_answered_as_described(schema, store, generation_seed, method, path):
    assert tried(store, schema[path][method], GenerationMode.POSITIVE, generation_seed), "nothing was tried"
    is_well(store)


@pytest.mark.parametrize("method, path", WITH_BODY)
def test_invalid_requests_to_store_are_refused_as_described(schema, store, generation_seed, method, path):
    statuses = tried(store, schema[path][method], GenerationMode.NEGATIVE, generation_seed)
    assert any(status in REFUSED for status in statuses), f"only {statuses}"
    is_well(store)


@pytest.mark.parametrize("method, path", [("GET", "/api/cart"), *WITH_BODY])
def test_without_a_token_only_the_contact_form_gets_further(schema, store, generation_seed, method, path):
    statuses = tried(store, schema[path][method], GenerationMode.POSITIVE, generation_seed, signed_in=False)
    assert path == "/api/contact" or statuses <= {401, 413, 415}, statuses


def test_any_text_is_searched_and_any_product_text_comes_back(store, generation_seed):
    who = store.caller()
    text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60)

    def attempt(name):
        made = store.product(who, name=name, description=name)
        assert made["name"] == made["description"] == name
        pages = range(1, 10_000)
        for page in pages:
            found = store.products(q=name, page=page, limit=100)
            if made in found:
                break
            assert found, f"{name!r} is not found"

    try_all(text, generation_seed, attempt)
    is_well(store)


@pytest.mark.parametrize("path", ["/api/product/", "/api/product?q=", "/api/product?page=", "/api/product?limit="])
def test_any_bytes_in_the_address_are_answered(store, generation_seed, path):
    def attempt(name):
        written = "".join(f"%{byte:02X}" for byte in name)
        answer = store.get(path + written, timeout=SECONDS_MAX)
        assert answer.status_code in (200, 307, 404, 422), (answer.status_code, name)

    text = st.text(min_size=1, max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
    try_all(st.one_of(st.binary(min_size=1, max_size=300), text), generation_seed, attempt)
    is_well(store)


def test_every_operation_of_store_is_tried(description):
    described = {
        (method.upper(), path) for path, item in description["paths"].items() for method in item
    }
    assert described == set(OPERATIONS)
