# docs/operations.md and the program name the same metrics: each one with a meaning, its labels as they are, and alert rules
# that speak of what there is.
import re
from pathlib import Path

import pytest

from support.console import Console
from support.eventually import eventually
from support.metrics import families
from support.store import Both, Shop

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
METRIC = re.compile(r"`([a-z]+(?:_[a-z]+)+)(?:\{([a-z,]+)\})?`")
MATCHER = re.compile(r"\{([^{}]*)\}")
LABEL = re.compile(r'([a-z]+)="([^"]*)"')

# Prometheus makes this one itself, about each program it asks.
OF_PROMETHEUS = {"up"}
# Appears with the first series that finds no room, which no healthy program refuses.
ONLY_IN_TROUBLE = {"souk_metrics_series_refused_total"}
# Of which outcome a request was, shows a label's value only once there was one; these are known from the code's own words.
OUTCOMES_LATER = {("souk_jobs_total", "outcome"): {"done", "retried", "given_up"}}


def section(title):
    return re.search(rf"^## {title}$(.*?)(?=^## |\Z)", PAGE.read_text(), re.M | re.S).group(1)


def rows():
    """The table's rows: (metrics with their labels, meaning, alert rule)."""
    lines = [line for line in section("Metrics").splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    assert len(cells) > 20, "the table of metrics is not where it was"
    return [(METRIC.findall(names), meaning, rule) for names, meaning, rule in cells]


def documented():
    return {name: set(filter(None, labels.split(","))) for metrics, _, _ in rows() for name, labels in metrics}


def sample_name(family):
    """As the name stands in the text, which the reader of the format takes apart."""
    return family.name + "_total" if family.type == "counter" else family.name


def exported(souk):
    """Every metric with the values of each of its labels."""
    found = {}
    for family in families(Console(souk).get("/metrics").text):
        labels = found.setdefault(sample_name(family), {})
        for sample in family.samples:
            for label, value in sample.labels.items():
                if label != "le":
                    labels.setdefault(label, set()).add(value)
    return found


@pytest.fixture(scope="module")
def souk(issuer):
    """Both services on their own databases, asked once each, so that routes and lists have their series."""
    with Both.start(clerk_issuer=issuer.url, flash_orders_keep_days=1) as both:
        shop = Shop(both, issuer)
        shop.product()
        shop.products()
        assert both.http.get(f"http://127.0.0.1:{both.flash_port}/health").status_code == 200
        eventually(lambda: "souk_store_products_created_total 1" in Console(both).get("/metrics").text, 15)
        yield both
    both.discard()


def test_each_metric_that_is_exported_stands_in_the_page_and_no_other(souk):
    program, page = set(exported(souk)), set(documented())
    assert program - page == set(), "exported, and not in docs/operations.md"
    assert page - program - ONLY_IN_TROUBLE == set(), "in docs/operations.md, and not exported"


def test_each_metric_has_a_meaning_and_a_rule_or_says_that_there_is_none():
    for metrics, meaning, rule in rows():
        assert metrics and meaning and rule, (metrics, meaning, rule)


def test_each_stands_there_once():
    names = [name for metrics, _, _ in rows() for name, _ in metrics]
    assert sorted(names) == sorted(set(names))


def test_labels_are_those_of_the_program(souk):
    program = exported(souk)
    for name, labels in documented().items():
        assert labels <= set(program.get(name, {})), f"{name} has no such labels: {labels}"


def test_alert_rules_speak_of_labels_and_values_there_are(souk):
    program, checked = exported(souk), 0
    for metrics, _, rule in rows():
        for label, value in (pair for matcher in MATCHER.findall(rule) for pair in LABEL.findall(matcher)):
            for name, _ in metrics:
                values = OUTCOMES_LATER.get((name, label), set()) | program[name].get(label, set())
                assert value in values, f"{name}{{{label}={value!r}}} of an alert rule: there are {sorted(values)}"
                checked += 1
    assert checked > 3, "no rule with a label was found"


def test_every_metric_that_is_named_anywhere_in_the_page_is_exported(souk):
    known = set(exported(souk)) | ONLY_IN_TROUBLE | OF_PROMETHEUS
    named = set(re.findall(r"\b(?:souk|process)_[a-z_]+", PAGE.read_text()))
    assert named - known == set()
    alone = set(re.findall(r"`([a-z_]+) ==", section("Metrics")))
    assert alone <= known, "a rule about what is not there"


def test_rules_lead_to_what_to_do():
    anchors = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
               for title in re.findall(r"^#+ (.*)$", PAGE.read_text(), re.M)}
    for anchor in re.findall(r"\]\(#([^)]*)\)", PAGE.read_text()):
        assert anchor in anchors, f"#{anchor} leads nowhere"


@pytest.mark.engine
def test_on_postgres_nothing_else_is_exported(start_postgres_store):
    assert set(exported(start_postgres_store().souk)) <= set(documented())


def test_on_libsql_nothing_else_is_exported(start_libsql_store):
    assert set(exported(start_libsql_store().souk)) <= set(documented())
