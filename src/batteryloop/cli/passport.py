"""The commands of `batteryloop passport`: what may be told of a battery, to whom, how proved."""

import typer

app = typer.Typer(help="Issue, show, check and export battery passports.", no_args_is_help=True)


@app.callback()
def _room() -> None:
    """Issue, show, check and export battery passports."""
