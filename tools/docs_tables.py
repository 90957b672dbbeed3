"""A hook of mkdocs: tables in the manual are made from the tables and commands of the code.

A line `<!-- made: NAME -->` in a page becomes the table called NAME.
"""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from typing import Any

import click
import typer

from batteryloop import errors
from batteryloop.quantities import QUANTITIES

_MARK = re.compile(r"^<!-- made: ([a-z0-9-]+) -->$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Return the page with each mark replaced by its table."""
    return _MARK.sub(lambda match: MADE[match.group(1)](), markdown)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(c) for c in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def quantities() -> str:
    """Return every quantity with unit, sign, range and meaning."""
    return table(
        ("name", "unit", "sign", "low", "high", "meaning", "Battery Data Format"),
        (
            (
                f"`{q.name}`",
                q.unit,
                q.sign,
                "" if q.low == float("-inf") else f"{q.low:g}",
                "" if q.high == float("inf") else f"{q.high:g}",
                q.meaning,
                f"[`{q.bdf_name}`]({q.bdf_iri})" if q.bdf_iri else "",
            )
            for q in QUANTITIES.values()
        ),
    )


def reference_table(room: str, name: str) -> str:
    """Return a CSV of the package as a table."""
    text = files(f"batteryloop.{room}").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    header, *rows = list(csv.reader(text.splitlines()))
    return table([h.replace("_", " ") for h in header], rows)


def error_tree() -> str:
    """Return every error with its code and what it means."""
    return table(
        ("code", "class", "means"),
        (
            (f"`{kind.code}`", f"`{kind.__name__}`", (kind.__doc__ or "").splitlines()[0])
            for kind in vars(errors).values()
            if isinstance(kind, type) and issubclass(kind, errors.BatteryloopError)
        ),
    )


def formats() -> str:
    """Return every file format that is read."""
    from batteryloop.readers import FORMATS

    return table(
        ("format", "what it is", "known by"),
        (
            (f"`{f.name}`", f.title, _condition(f.recognises.__doc__ or ""))
            for f in FORMATS
            if f.is_read
        ),
    )


def _condition(docstring: str) -> str:
    return docstring.splitlines()[0].removeprefix("Return whether ").rstrip(".")


def simulated_faults() -> str:
    """Return every fault that can be simulated, with its unit and usual strength."""
    from batteryloop.simulation import FAULT_KINDS

    return table(
        ("fault", "unit of strength", "usual strength", "what it does"),
        (
            (f"`{k.name}`", k.unit, f"{k.strength_low:g} to {k.strength_high:g}", k.meaning)
            for k in FAULT_KINDS.values()
        ),
    )


def rules() -> str:
    """Return every rule that a frame is held against."""
    from batteryloop.telemetry.rules import RULES

    return table(
        ("rule", "asks", "severity", "next step"),
        ((f"`{r.name}`", r.asks, r.severity, r.next_step) for r in RULES),
    )


def commands() -> str:
    """Return every command with what it does, its arguments and its options."""
    from batteryloop.cli.main import app

    return "\n\n".join(_command(path, command) for path, command in every_command(app))


def every_command(app: typer.Typer) -> list[tuple[str, click.Command]]:
    """Return each command of the app with its words, groups opened."""
    found: list[tuple[str, click.Command]] = []

    def walk(words: str, command: Any) -> None:
        if hasattr(command, "commands"):
            for name, inner in command.commands.items():
                walk(f"{words} {name}", inner)
        else:
            found.append((words, command))

    walk("batteryloop", typer.main.get_command(app))
    return found


def _command(words: str, command: Any) -> str:
    rows = []
    for parameter in command.params:
        if parameter.name == "help":
            continue
        is_option = parameter.param_type_name == "option"
        name = ", ".join(parameter.opts) if is_option else str(parameter.name).upper()
        default = parameter.default
        shown = "" if default in (None, False) or callable(default) else f" Default: {default}."
        rows.append((f"`{name}`", (getattr(parameter, "help", None) or "") + shown))
    text = f"## `{words}`\n\n{(command.help or '').strip()}\n\n"
    return text + table(("argument or option", "meaning"), rows)


def profiles() -> str:
    """Return every shipped profile with its version, source and how far that was read."""
    from batteryloop.evaluation.profile import shipped_profiles

    return table(
        ("profile", "version", "what it is", "source", "how far it was read"),
        (
            (f"`{p.name}`", p.version, p.title, p.source, p.trust)
            for p in shipped_profiles().values()
        ),
    )


def profile_rows(kind: str) -> str:
    """Return the parameters, requirements or grades of every shipped profile."""
    from batteryloop.evaluation.judge import bound_words
    from batteryloop.evaluation.profile import shipped_profiles

    rows: list[tuple[str, ...]] = []
    for p in shipped_profiles().values():
        if kind == "parameters":
            rows += [
                (
                    p.name,
                    a.name,
                    f"`{a.figure or a.statement}`",
                    a.reference,
                    *(", ".join(c) for c in (a.mandatory, a.conditional, a.voluntary)),
                )
                for a in p.parameters
            ]
        elif kind == "requirements":
            rows += [
                (p.name, r.name, bound_words(r), r.dated, r.source, r.trust) for r in p.requirements
            ]
        else:
            rows += [(p.name, g.grade, f"`{g.figure}`", bound_words(g), g.source) for g in p.grades]
    headers = {
        "parameters": "profile, parameter, figure, reference, mandatory, conditional, voluntary",
        "requirements": "profile, requirement, bound, dated, source, read",
        "grades": "profile, grade, figure, bound, source",
    }
    return table(headers[kind].split(", "), rows)


def _server() -> Any:
    """Return the server's app, which nobody asks anything: its routes are what is wanted."""
    from batteryloop.api.app import make_app
    from batteryloop.wiring.settings import Settings

    parts: Any = None
    return make_app(
        Settings(), parts, parts, passwords=parts, session_key="", now=parts, new_secret=parts
    )


def rest() -> str:
    """Return every route of the interface, from its OpenAPI."""
    document = _server().openapi()
    by_tag: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            by_tag.setdefault(operation["tags"][0], []).append(
                _operation(method.upper(), path, operation)
            )
    return "\n\n".join(
        f"## {tag}\n\n" + "\n\n".join(texts) for tag, texts in sorted(by_tag.items())
    )


def _operation(method: str, path: str, operation: Any) -> str:
    text = f"### `{method} {path}`\n\n{operation['description']}\n\n"
    body = operation.get("requestBody", {}).get("content", {})
    kinds = [_kind(content["schema"]) for content in body.values()]
    if kinds:
        text += f"Body: {', '.join(kinds)}.\n\n"
    good = [
        f"{status} {', '.join(_kind(c.get('schema', {})) for c in r.get('content', {}).values())}"
        for status, r in operation["responses"].items()
        if int(status) < 400
    ]
    bad = [status for status in operation["responses"] if int(status) >= 400]
    text += f"Answers: {'; '.join(good).strip()}; problems {', '.join(bad)}.\n\n"
    rows = [
        (f"`{p['name']}`", p["in"], p.get("description") or p["schema"].get("description", ""))
        for p in operation.get("parameters", [])
    ]
    return text + (table(("parameter", "in", "meaning"), rows) if rows else "")


def _kind(schema: Any) -> str:
    if "$ref" in schema:
        return f"`{schema['$ref'].rpartition('/')[2]}`"
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    return str(schema.get("type", "JSON"))


def access() -> str:
    """Return the table of access: who may call each route."""
    rules = _server().state.house.rules
    return table(
        ("route", "on their own organisation's", "on others'", "scope", "reads are kept"),
        (
            (
                f"`{method} {path}`",
                _roles(rule.own),
                _roles(rule.foreign),
                rule.scope.value,
                "yes" if rule.is_restricted else "",
            )
            for (method, path), rule in rules.items()
        ),
    )


def _roles(roles: Any) -> str:
    from batteryloop.api.access import EVERYONE, SIGNED_IN

    named = {EVERYONE: "everyone", SIGNED_IN: "everyone who has signed in", frozenset(): "nobody"}
    return named.get(roles) or ", ".join(sorted(roles))


def settings() -> str:
    """Return every setting of the server."""
    from batteryloop.wiring.settings import PREFIX, Settings

    return table(
        ("setting", "environment variable", "meaning", "unless set"),
        (
            (f"`{name}`", f"`{PREFIX}{name.upper()}`", field.description or "",
             "" if field.default in (None, "") else f"`{field.default}`")
            for name, field in Settings.model_fields.items()
        ),
    )  # fmt: skip


MADE: dict[str, Callable[[], str]] = {
    "quantities": quantities,
    "chemistries": lambda: reference_table("reference", "chemistries"),
    "ageing-parameters": lambda: reference_table("reference", "ageing_parameters"),
    "cell-parameters": lambda: reference_table("reference", "cell_parameters"),
    "electrode-windows": lambda: reference_table("reference", "electrode_windows"),
    "duties": lambda: reference_table("simulation", "duties"),
    "climates": lambda: reference_table("simulation", "climates"),
    "faults": simulated_faults,
    "life-rules": lambda: reference_table("record", "life_rules"),
    "errors": error_tree,
    "formats": formats,
    "rules": rules,
    "units": lambda: reference_table("readers", "units"),
    "synonyms": lambda: reference_table("readers", "synonyms"),
    "passport-attributes": lambda: reference_table("passport", "attributes"),
    "passport-status": lambda: reference_table("passport", "status_rules"),
    "passport-uploads": lambda: reference_table("passport.cn", "upload_rules"),
    "commands": commands,
    "rest": rest,
    "access": access,
    "settings": settings,
    "obligations": lambda: reference_table("evaluation", "obligations"),
    "evaluation-limits": lambda: reference_table("evaluation", "limits"),
    "figures": lambda: reference_table("evaluation", "figures"),
    "profiles": profiles,
    "profile-parameters": lambda: profile_rows("parameters"),
    "profile-requirements": lambda: profile_rows("requirements"),
    "profile-grades": lambda: profile_rows("grades"),
}
