"""A transport document as text and as a page to print."""

from html import escape

from batteryloop.circular.collect.document import DocumentLine, TransportDocument

_STYLE = (
    "body{font:14px system-ui,sans-serif;margin:2em;max-width:60em}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid;padding:.3em .5em;text-align:left;vertical-align:top}"
)


def document_text(document: TransportDocument) -> str:
    """Return a document as plain text.

    Examples
    --------
    >>> from datetime import date
    >>> empty = TransportDocument("T1", date(2026, 11, 25), "18 t", (), 0.0, False, (), ())
    >>> document_text(empty).splitlines()[0]
    'TRANSPORT DOCUMENT T1 (ADR 5.4.1), 2026-11-25, vehicle 18 t'
    """
    said = [
        f"TRANSPORT DOCUMENT {document.document_id} (ADR 5.4.1), {document.day}, "
        f"vehicle {document.vehicle}",
        "",
    ]
    for line in document.lines:
        said += [f"{line.description}"]
        said += [f"  {name}: {text}" for name, text in _entries(line) if text]
        said.append("")
    said += [f"Points (1.1.3.6): {_points(document)}", f"Driver: {_driver(document)}"]
    said += [f"Aboard: {thing}" for thing in document.equipment]
    said += [f"Paper: {paper}" for paper in document.papers]
    return "\n".join(said) + "\n"


def document_html(document: TransportDocument) -> str:
    """Return a document as a page of its own, to be printed; everything from outside escaped."""
    rows = "".join(
        f"<tr><td>{escape(line.description)}</td><td>{line.n_packages} × "
        f"{escape(line.package_kind)}</td><td>{line.quantity_kg:,.1f} kg</td>"
        f"<td>{escape(line.consignor)}</td><td>{escape(line.consignee)}</td>"
        f"<td>{escape('; '.join(text for _, text in _entries(line)[4:] if text))}</td></tr>"
        for line in document.lines
    )
    papers = "".join(f"<li>{escape(text)}</li>" for text in (*document.equipment, *document.papers))
    title = f"Transport document {document.document_id}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f"<p>ADR 5.4.1 · {document.day} · vehicle {escape(document.vehicle)}</p>"
        "<table><thead><tr><th>UN number, proper shipping name, class (tunnel code)</th>"
        "<th>Packages</th><th>Quantity</th><th>Consignor</th><th>Consignee</th>"
        f"<th>Statements and marks</th></tr></thead><tbody>{rows}</tbody></table>"
        f"<p>Points (1.1.3.6): {escape(_points(document))}. "
        f"Driver: {escape(_driver(document))}.</p>"
        f"<ul>{papers}</ul></body></html>\n"
    )


def _entries(line: DocumentLine) -> list[tuple[str, str]]:
    return [
        ("packages", f"{line.n_packages} × {line.package_kind}"),
        ("quantity", f"{line.quantity_kg:,.1f} kg net"),
        ("consignor", line.consignor),
        ("consignee", line.consignee),
        ("statement", "; ".join(line.statements)),
        ("mark on packages", line.mark),
        ("approval", line.approval),
    ]


def _points(document: TransportDocument) -> str:
    if document.points is None:
        return "transport category 0, no exempt quantity"
    return f"{document.points:,.0f}"


def _driver(document: TransportDocument) -> str:
    return "ADR certificate needed" if document.needs_certified_driver else "no ADR certificate"
