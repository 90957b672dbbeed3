"""The command `batteryloop`, and how it ends: 0 well, 2 the caller can repair it, 1 we must."""

import sys
from typing import Annotated

import typer

from batteryloop import __version__
from batteryloop.cli import account, circular, evaluation, health, passport, record, telemetry
from batteryloop.cli.demo import demo
from batteryloop.cli.serve import serve
from batteryloop.cli.simulate import simulate
from batteryloop.errors import BatteryloopError, InputWrong, NotKnown

app = typer.Typer(
    name="batteryloop",
    help="Keeps batteries in use: reads what they leave behind and judges how healthy they are.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.add_typer(telemetry.app, name="telemetry")
app.add_typer(health.app, name="health")
app.add_typer(evaluation.app, name="evaluation")
app.add_typer(circular.app, name="circular")
app.add_typer(passport.app, name="passport")
app.add_typer(record.app, name="record")
app.add_typer(account.app, name="account")
app.command("serve")(serve)
app.command("simulate")(simulate)
app.command("demo")(demo)


def _version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"batteryloop {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keep batteries in use."""


def run() -> None:
    """Run the command line; an error is one line on stderr."""
    try:
        app()
    except BatteryloopError as error:
        sys.stderr.write(f"batteryloop: {' '.join(str(error).split())}\n")
        sys.exit(2 if isinstance(error, InputWrong | NotKnown) else 1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    run()
