"""Paths into trees of plain data."""

from hypothesis import given
from hypothesis import strategies as st

from batteryloop.passport.mappings.paths import MISSING, get, leaves, path_of, put, written

KEYS = st.sampled_from(["a", "b", "c"])
STEPS = st.one_of(KEYS, st.integers(0, 2), st.tuples(st.just("k"), st.sampled_from(["x", "y"])))

MIDDLE = st.lists(STEPS, max_size=4)


@st.composite
def paths(draw):
    """Draw a path that begins and ends with a key; an element with a key is a table."""
    steps = [(step, "t") if isinstance(step, tuple) else (step,) for step in draw(MIDDLE)]
    return (draw(KEYS), *(step for pair in steps for step in pair), "end")


@given(paths(), st.integers())
def test_what_is_put_is_found_again(path, value):
    tree = {}
    put(tree, path, value)
    assert get(tree, path) == value


@given(paths())
def test_a_path_is_written_and_read_as_itself(path):
    assert path_of(written(path)) == path


@given(paths())
def test_nothing_is_found_in_an_empty_tree(path):
    assert get({}, path) is MISSING


@given(st.recursive(st.integers(), lambda t: st.lists(t) | st.dictionaries(KEYS, t)))
def test_every_leaf_stands_where_it_says(tree):
    for path, value in leaves(tree):
        assert get(tree, path) == value
