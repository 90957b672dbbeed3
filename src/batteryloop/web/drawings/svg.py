"""One element of an SVG as text, with everything in it escaped."""

from xml.sax.saxutils import escape, quoteattr

Attribute = str | int | float | None
Attributes = dict[str, Attribute]
_AS_WRITTEN = ("viewBox", "preserveAspectRatio")


def element(tag: str, *children: str, **attributes: Attribute) -> str:
    """Return `<tag …>children</tag>`; children are markup already, see `words`.

    An underscore in an attribute's name stands for a dash, one at its end for nothing
    (`class_`); None leaves the attribute out; floats are kept to a tenth.

    Examples
    --------
    >>> element("circle", class_="dot", r=3.25, fill_opacity="0.5")
    '<circle class="dot" r="3.2" fill-opacity="0.5"/>'
    >>> element("g", element("title", words("1 < 2")))
    '<g><title>1 &lt; 2</title></g>'
    """
    written = "".join(
        f" {_name(name)}={quoteattr(_text(value))}"
        for name, value in attributes.items()
        if value is not None
    )
    inside = "".join(children)
    return f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>"


def words(text: str) -> str:
    """Return plain words as markup.

    Examples
    --------
    >>> words("R & D")
    'R &amp; D'
    """
    return escape(text)


def _name(name: str) -> str:
    if name in _AS_WRITTEN:
        return name
    return name.removesuffix("_").replace("_", "-")


def _text(value: str | int | float) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
