# Figures out of Prometheus text, found by the words in their name or labels.
from prometheus_client.parser import text_string_to_metric_families


def families(text):
    """The metric families of an exposition, by name; fails when the text is not valid."""
    found = list(text_string_to_metric_families(text))
    assert found, "no metrics at all"
    names = [family.name for family in found]
    assert len(names) == len(set(names)), "a family stands twice"
    return found


def total(text, kind, *words):
    """The sum over samples of this kind of family whose name or labels hold one of the words."""
    values = [
        sample.value
        for family in families(text) if family.type == kind
        for sample in family.samples
        if not sample.name.endswith(("_created", "_bucket", "_sum"))
        and any(word in said for word in words
                for said in (sample.name, *(v.lower() for v in sample.labels.values())))
    ]
    assert values, f"no {kind} has one of {words}"
    return sum(values)
