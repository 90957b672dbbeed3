"""The commands of `batteryloop circular`: where does a battery go next, and what is that worth."""

import typer

from batteryloop.cli.blend import blend
from batteryloop.cli.circular_demo import demo
from batteryloop.cli.circular_match import match
from batteryloop.cli.circular_triage import triage
from batteryloop.cli.collect import collect
from batteryloop.cli.recycle import recycle, trace
from batteryloop.cli.repurpose import repurpose
from batteryloop.cli.responsibility import responsibility
from batteryloop.cli.returns import returns

app = typer.Typer(
    help="Decide where returned batteries go next, and carry it out.", no_args_is_help=True
)
app.command("triage")(triage)
app.command("match")(match)
app.command("repurpose")(repurpose)
app.command("collect")(collect)
app.command("recycle")(recycle)
app.command("blend")(blend)
app.command("trace")(trace)
app.command("returns")(returns)
app.command("responsibility")(responsibility)
app.command("demo")(demo)


@app.callback()
def _room() -> None:
    """Decide where returned batteries go next, and carry it out."""
