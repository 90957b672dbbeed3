"""The commands of `batteryloop record`: which battery it is, and what happened to it."""

import typer

from batteryloop.cli.codes import code, code_make
from batteryloop.cli.record_keep import add, event, party
from batteryloop.cli.record_proof import checkpoint, export, migrate, read, verify
from batteryloop.cli.record_show import history, show
from batteryloop.cli.record_transfer import transfer, transfer_draft, transfer_sign

app = typer.Typer(help="Say which battery it is, and keep its life.", no_args_is_help=True)
app.command("code")(code)
app.command("code-make")(code_make)
app.command("add")(add)
app.command("event")(event)
app.command("show")(show)
app.command("history")(history)
app.command("party")(party)
app.command("verify")(verify)
app.command("checkpoint")(checkpoint)
app.command("export")(export)
app.command("import")(read)
app.command("transfer-draft")(transfer_draft)
app.command("transfer-sign")(transfer_sign)
app.command("transfer")(transfer)
app.command("migrate")(migrate)
