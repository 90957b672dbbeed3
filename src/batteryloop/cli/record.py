"""The commands of `batteryloop record`: which battery it is, and what happened to it."""

import typer

from batteryloop.cli.codes import code, code_make

app = typer.Typer(help="Say which battery it is, and keep its life.", no_args_is_help=True)
app.command("code")(code)
app.command("code-make")(code_make)
