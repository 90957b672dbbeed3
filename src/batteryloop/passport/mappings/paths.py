"""Paths into a tree of plain data: `a.b`, `list[0]`, `list[*].c`, `list[key=value].d`."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

# A step is a key, an index, EACH, or a pair (key, value) that an element of a list must have.
Step = str | int | tuple[str, str | int]
Path = tuple[Step, ...]
EACH = "*"
MISSING: Any = object()
_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


@cache
def path_of(text: str) -> Path:
    """Return the steps of a path.

    Examples
    --------
    >>> path_of("materials[*].name")
    ('materials', '*', 'name')
    >>> path_of("recycled[metal=Lead].share[0]")
    ('recycled', ('metal', 'Lead'), 'share', 0)
    """
    steps: list[Step] = []
    for inside, key in _STEP.findall(text):
        if key:
            steps.append(key)
        elif inside == EACH:
            steps.append(EACH)
        elif "=" in inside:
            name, _, value = inside.partition("=")
            steps.append((name, int(value) if value.isdecimal() else value))
        else:
            steps.append(int(inside))
    return tuple(steps)


def written(path: Path) -> str:
    """Return a path as text.

    Examples
    --------
    >>> written(("a", 0, "b", ("k", "v")))
    'a[0].b[k=v]'
    """
    text = ""
    for step in path:
        if isinstance(step, tuple):
            text += f"[{step[0]}={step[1]}]"
        elif isinstance(step, int) or step == EACH:
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def with_indices(path: Path, indices: tuple[int, ...]) -> Path:
    """Return the path with each EACH made an index, in order.

    Examples
    --------
    >>> with_indices(("a", "*", "b", "*"), (2, 0))
    ('a', 2, 'b', 0)
    """
    left = iter(indices)
    return tuple(next(left) if step == EACH else step for step in path)


def instances(tree: Any, path: Path) -> Iterator[tuple[int, ...]]:  # noqa: ANN401
    """Yield the indices of every list element that the EACHs of a path go through.

    Examples
    --------
    >>> list(instances({"a": [{"b": [1, 2]}, {"b": []}, {}]}, ("a", "*", "b", "*")))
    [(0, 0), (0, 1)]
    >>> list(instances({}, ("a", "b")))
    [()]
    """
    if EACH not in path:
        yield ()
        return
    at = path.index(EACH)
    found = get(tree, path[:at])
    if isinstance(found, list):
        for i, element in enumerate(found):
            for rest in instances(element, path[at + 1 :]):
                yield (i, *rest)


def resolved(tree: Any, path: Path) -> Path | None:  # noqa: ANN401
    """Return the path with its selectors made indices, or None where it leads nowhere.

    Examples
    --------
    >>> resolved({"a": [{"k": "x"}, {"k": "y", "v": 1}]}, ("a", ("k", "y"), "v"))
    ('a', 1, 'v')
    """
    found: list[Step] = []
    for step in path:
        if isinstance(step, tuple):
            at = _selected(tree, step)
            if at is None:
                return None
            step = at
        if isinstance(step, int):
            if not isinstance(tree, list) or not 0 <= step < len(tree):
                return None
        elif not isinstance(tree, dict) or step not in tree:
            return None
        tree = tree[step]
        found.append(step)
    return tuple(found)


def get(tree: Any, path: Path) -> Any:  # noqa: ANN401
    """Return what stands at a path, or MISSING."""
    there = resolved(tree, path)
    if there is None:
        return MISSING
    for step in there:
        tree = tree[step]
    return tree


def put(tree: Any, path: Path, value: Any) -> None:  # noqa: ANN401
    """Write a value at a path; what leads there is made on the way.

    Examples
    --------
    >>> tree = {}
    >>> put(tree, ("a", ("k", "x"), "v", 0), 7)
    >>> tree
    {'a': [{'k': 'x', 'v': [7]}]}
    """
    for at, step in enumerate(path):
        if isinstance(step, tuple):
            index = _selected(tree, step)
            if index is None:
                tree.append({step[0]: step[1]})
                index = len(tree) - 1
            step = index
        is_last = at == len(path) - 1
        if isinstance(step, int):
            while len(tree) <= step:
                tree.append(_container(path, at))
        if is_last:
            tree[step] = value
        elif isinstance(step, int):
            tree = tree[step]
        else:
            tree = tree.setdefault(step, _container(path, at))


def leaves(tree: Any, before: Path = ()) -> Iterator[tuple[Path, Any]]:  # noqa: ANN401
    """Yield every path that ends in a value that is no dictionary and no list, unless empty."""
    items: Any = ()
    if isinstance(tree, dict):
        items = tree.items()
    elif isinstance(tree, list):
        items = enumerate(tree)
    if not items or not len(tree):
        yield before, tree
        return
    for step, inner in items:
        yield from leaves(inner, (*before, step))


def _container(path: Path, at: int) -> Any:  # noqa: ANN401
    following = path[at + 1] if at + 1 < len(path) else None
    return [] if isinstance(following, int | tuple) else {}


def _selected(tree: Any, step: tuple[str, str | int]) -> int | None:  # noqa: ANN401
    if isinstance(tree, list):
        for i, element in enumerate(tree):
            if isinstance(element, dict) and element.get(step[0]) == step[1]:
                return i
    return None
