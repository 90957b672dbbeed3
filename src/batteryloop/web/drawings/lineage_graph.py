"""Which batteries became which: ancestors on the left, descendants on the right."""

from collections.abc import Mapping, Sequence

from batteryloop.record import Descent
from batteryloop.web.drawings.svg import Attributes, element, words

_COLUMN, _ROW, _WIDTH, _HEIGHT = 230, 44, 170, 30


def draw_lineage(
    battery_id: str, descents: Sequence[Descent], *, hrefs: Mapping[str, str], title: str
) -> str:
    """Return the graph as SVG text, or nothing where the battery has no relation.

    Parameters
    ----------
    battery_id : str
        The battery that it is about; drawn in bold.
    descents : sequence of Descent
        Every step between its ancestors and its descendants.
    hrefs : mapping of str to str
        The page of each battery that the viewer may open.
    title : str
        For who cannot see it.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> svg = draw_lineage("C", [Descent("A", "C", at, ("m1", "m2")), Descent("B", "C", at)],
    ...                    hrefs={}, title="t")
    >>> svg.count("<rect"), "2 parts" in svg
    (3, True)
    """
    if not descents:
        return ""
    columns = _columns(descents)
    places: dict[str, tuple[int, int]] = {}
    for column in sorted(set(columns.values())):
        members = sorted(name for name, at in columns.items() if at == column)
        for row, name in enumerate(members):
            places[name] = (column * _COLUMN, row * _ROW)
    width = (max(columns.values()) + 1) * _COLUMN
    height = max(y for _, y in places.values()) + _ROW
    return element(
        "svg",
        element("title", words(title)),
        *(_edge(places[d.parent_id], places[d.child_id], d) for d in descents),
        *(
            _node(name, place, href=hrefs.get(name), is_subject=name == battery_id)
            for name, place in places.items()
        ),
        class_="lineage",
        viewBox=f"-4 -4 {width} {height}",
        role="group",
        aria_label=title,
    )


def _columns(descents: Sequence[Descent]) -> dict[str, int]:
    """Return for each battery the longest way from an ancestor without parents."""
    depth = {name: 0 for d in descents for name in (d.parent_id, d.child_id)}
    for _ in depth:
        is_settled = True
        for d in descents:
            if depth[d.child_id] < depth[d.parent_id] + 1:
                depth[d.child_id] = depth[d.parent_id] + 1
                is_settled = False
        if is_settled:
            break
    return depth


def _edge(start: tuple[int, int], end: tuple[int, int], descent: Descent) -> str:
    x1, y1 = start[0] + _WIDTH, start[1] + _HEIGHT // 2
    x2, y2 = end[0], end[1] + _HEIGHT // 2
    x = (x1 + x2) // 2
    n_parts = len(descent.serials)
    what = f"{n_parts} part{'s' if n_parts != 1 else ''}" if n_parts else "whole"
    middle: Attributes = {"x": x, "y": (y1 + y2) // 2 - 4, "text_anchor": "middle"}
    return element(
        "g",
        element("title", words(f"{descent.happened_at:%Y-%m-%d}: {what}")),
        element("path", class_="edge", d=f"M{x1} {y1}C{x} {y1} {x} {y2} {x2} {y2}"),
        element("text", what, class_="tick", **middle),
    )


def _node(name: str, place: tuple[int, int], *, href: str | None, is_subject: bool) -> str:
    x, y = place
    size = {"x": x, "y": y, "width": _WIDTH, "height": _HEIGHT, "rx": 5}
    box = element("rect", class_="node subject" if is_subject else "node", **size)
    body = box + element("text", words(name), x=x + 10, y=y + 20)
    return element("a", body, href=href) if href and not is_subject else body
