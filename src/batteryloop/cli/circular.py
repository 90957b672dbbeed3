"""The commands of `batteryloop circular`: where does a battery go next, and what is that worth."""

import typer

app = typer.Typer(
    help="Decide where returned batteries go next, and carry it out.", no_args_is_help=True
)


@app.callback()
def _room() -> None:
    """Decide where returned batteries go next, and carry it out."""
