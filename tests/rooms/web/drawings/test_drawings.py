"""Pictures say what the data say, whole and safe."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from batteryloop.record import Descent
from batteryloop.web.drawings.cell_map import draw_cells
from batteryloop.web.drawings.health_chart import HealthPoint, Mark, draw_health
from batteryloop.web.drawings.histogram import draw_histogram
from batteryloop.web.drawings.lineage_graph import draw_lineage
from batteryloop.web.drawings.loop import STAGE_HUES, LoopStage, draw_loop
from batteryloop.web.drawings.scale import round_ticks

AT = datetime(2026, 1, 1, tzinfo=UTC)


def parsed(svg):
    return ET.fromstring(svg)


def texts(svg):
    return [node.text for node in parsed(svg).iter() if node.tag.endswith("text")]


@given(st.lists(st.floats(0, 1e6), min_size=7, max_size=7))
def test_a_ring_of_any_counts_is_whole(weights):
    stages = [
        LoopStage(key, key, str(w), hue, weight=w)
        for (key, hue), w in zip(STAGE_HUES.items(), weights, strict=True)
    ]
    svg = draw_loop(stages, centre="n", centre_note="", title="t", description="d")
    paths = [n for n in parsed(svg).iter() if n.tag.endswith("path")]
    assert len(paths) == 7
    assert "nan" not in svg


def test_words_from_outside_cannot_become_markup():
    evil = "<script>alert('x')</script>\"&"
    for svg in (
        draw_health([HealthPoint(AT, 0.9)], marks=[Mark(AT, evil)], title=evil),
        draw_cells([1.0], title=evil),
        draw_lineage(evil, [Descent("A", evil, AT)], hrefs={"A": evil}, title=evil),
        draw_histogram([1], level_frac=0.5, title=evil),
    ):
        assert "<script" not in svg
        parsed(svg)


def test_an_estimate_is_drawn_with_its_interval():
    svg = draw_health([HealthPoint(AT, 0.9, 0.88, 0.92)], title="t")
    assert 'class="interval"' in svg
    assert "2026-01-01: 90.0 % (88.0–92.0)" in svg


def test_a_forecast_is_dashed_in_a_band_beyond_now():
    ahead = [HealthPoint(AT + timedelta(days=k), 0.9 - k / 1000, 0.8, 0.95) for k in range(3)]
    svg = draw_health([HealthPoint(AT, 0.9)], forecast=ahead, now=AT, title="t")
    assert 'class="forecast"' in svg
    assert 'class="band"' in svg
    assert "now" in texts(svg)


def test_no_evaluation_draws_nothing():
    assert draw_health([], title="t") == ""


def test_a_simulated_battery_has_a_hatched_edge():
    assert "hatched" in draw_health([HealthPoint(AT, 0.9)], title="t", is_simulated=True)


def test_a_far_cell_carries_its_figure_and_an_unknown_one_says_so():
    svg = draw_cells([-6.0, 0.2, None], title="t")
    assert texts(svg) == ["−6.0"]
    assert "cell 3: not known" in svg


def test_a_battery_of_three_parents_stands_right_of_them():
    descents = [Descent(p, "child", AT, ("m",)) for p in ("a", "b", "c")]
    svg = draw_lineage("child", descents, hrefs={"a": "/fleet/a"}, title="t")
    boxes = {
        n.get("class"): float(n.get("x")) for n in parsed(svg).iter() if n.tag.endswith("rect")
    }
    assert boxes["node subject"] > boxes["node"]
    assert svg.count("<a ") == 1


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_ticks_lie_within_the_span(low, width):
    ticks = round_ticks((low, low + width))
    assert all(low - 1e-6 * width <= t <= low + width * (1 + 1e-6) for t in ticks)
    assert ticks
