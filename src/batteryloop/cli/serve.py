"""`batteryloop serve`: the server of the interface and the pages."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from batteryloop.cli import screen
from batteryloop.cli.options import AsJson
from batteryloop.wiring.accounts import FIRST
from batteryloop.wiring.settings import Settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    record: Annotated[
        str | None, typer.Option(help="The record: a file, or the URL of SQLite or PostgreSQL.")
    ] = None,
    lake: Annotated[Path | None, typer.Option(help="The lake of telemetry.")] = None,
    keys: Annotated[Path | None, typer.Option(help="Folder of signing keys.")] = None,
    models: Annotated[
        Path | None, typer.Option(help="Folder of models from `health train`, to grade cells by.")
    ] = None,
    schemas: Annotated[
        Path | None, typer.Option(help="Folder of the official passport schemas.")
    ] = None,
    public_url: Annotated[
        str | None, typer.Option(help="How others reach it, such as https://loop.example.org.")
    ] = None,
    settings: Annotated[
        Path | None, typer.Option(help="TOML file of settings; secrets belong here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Serve the interface and the pages until stopped; the first start makes an admin.

    Every setting can be given as an environment variable too, `BATTERYLOOP_PORT` and so on.

    Example: `batteryloop serve --record sqlite:///loop.db --lake lake --port 8300`
    """
    wanted = Settings.read(
        os.environ, settings, host=host, port=port, record=record, lake=lake, keys=keys,
        models=models, schemas=schemas, public_url=public_url,
    )  # fmt: skip
    # The server and its libraries are loaded only where they are wanted.
    import uvicorn

    from batteryloop.api.start import start
    from batteryloop.web.app import mount

    started = start(wanted)
    mount(started.app)
    admin = {"account_id": FIRST, "password": started.admin_password}
    if as_json:
        is_new = started.admin_password is not None
        screen.print_json({"address": wanted.address, "admin": admin if is_new else None})
    else:
        if started.admin_password is not None:
            screen.out.print(
                f"First start: account [bold]{FIRST}[/], password "
                f"[bold]{escape(started.admin_password)}[/]\n"
                "It is shown this once and kept nowhere; change it after signing in.",
                soft_wrap=True,
            )
        screen.out.print(f"Serving at {escape(wanted.address)}", soft_wrap=True)
    sys.stdout.flush()
    uvicorn.run(
        started.app,
        host=wanted.host,
        port=wanted.port,
        log_level="warning",
        server_header=False,
        forwarded_allow_ips=wanted.trusted_proxies or None,
        proxy_headers=bool(wanted.trusted_proxies),
    )
