# Requests made from an OpenAPI description, and what every answer to them must be.
import hypothesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 60
SECONDS_MAX = 5  # for one answer

# What the server itself says of a request it does not pass on; described once, as "default".
REFUSED_BEFORE = {400, 404, 405, 408, 413, 414, 415, 417, 426, 431}
REFUSED = range(400, 500)


def as_described(case, answer):
    case.validate_response(answer, checks=CHECKS)
    described = {int(status) for status in case.operation.definition.raw["responses"] if status.isdigit()}
    assert answer.status_code in described | REFUSED_BEFORE, answer.status_code
    if answer.content and answer.status_code >= 400:
        assert answer.headers["content-type"][0].removesuffix("; charset=utf-8") == "application/json"


def try_all(strategy, seed, attempt):
    """Calls `attempt` with what is generated; how much that is is fixed, what it is says the seed."""

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=EXAMPLES, deadline=None, database=None,
        suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(strategy)
    def run(generated):
        attempt(generated)

    run()
