"""Documents of strangers: whatever stands in a place, reading ends with a report."""

import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batteryloop.passport.mappings.paths import leaves
from batteryloop.usecases.export_passport import export_passport, import_passport

SHARE = st.floats(0, 1, exclude_max=True)
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner,
                                                                max_size=2),
    max_leaves=4,
)  # fmt: skip


@pytest.mark.parametrize("model", ["batterypass", "catenax", "untp"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(SHARE, SHARE, ODD), min_size=1, max_size=3))
def test_any_oddity_anywhere_is_reported_and_never_raised(full, model, changes):
    document = copy.deepcopy(export_passport(full, model, is_filled=True).document)
    for which, how_deep, odd in changes:
        paths = [path for path, _ in leaves(document) if path]
        if not paths:
            break
        path = paths[int(which * len(paths))]
        path = path[: 1 + int(how_deep * len(path))]
        place = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = copy.deepcopy(odd)
    imported = import_passport(document, model)
    assert imported.report.model
