"""The commands of `batteryloop passport`: what may be told of a battery, to whom, how proved."""

import typer

from batteryloop.cli import passport_keys, passport_signing, passport_transfer
from batteryloop.cli.passport_exchange import export, read
from batteryloop.cli.passport_issue import issue, show
from batteryloop.cli.passport_label import label
from batteryloop.cli.passport_life import remanufacture, retire, second_life
from batteryloop.cli.passport_uploads import uploads
from batteryloop.cli.passport_validate import validate

app = typer.Typer(help="Issue, show, check and export battery passports.", no_args_is_help=True)
app.command("issue")(issue)
app.command("show")(show)
app.command("validate")(validate)
app.command("export")(export)
app.command("import")(read)
app.command("second-life")(second_life)
app.command("remanufacture")(remanufacture)
app.command("retire")(retire)
app.command("uploads")(uploads)
app.command("sign")(passport_signing.sign)
app.command("verify")(passport_signing.verify)
app.command("revoke")(passport_signing.revoke)
app.command("publish-status")(passport_signing.publish_status)
app.command("label")(label)
app.add_typer(passport_keys.app, name="keys")
app.add_typer(passport_transfer.app, name="transfer")


@app.callback()
def _room() -> None:
    """Issue, show, check and export battery passports."""
