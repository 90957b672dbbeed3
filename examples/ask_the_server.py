"""Start a server on an empty record, tell it of a battery, and ask what the public may see.

A programme would start the server with `batteryloop serve` and get its token from
`batteryloop account token`; here both are done in one file.
"""

import json
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import uvicorn

from batteryloop.api.start import start
from batteryloop.record.accounts import Role, Scope
from batteryloop.usecases.issue_token import issue_token
from batteryloop.usecases.open_account import open_account
from batteryloop.wiring.settings import Settings


def ask(address: str, token: str = "", body: Any = None) -> Any:
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(address, data, headers), timeout=20) as answer:
        return json.load(answer)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        settings = Settings(record=str(place / "loop.sqlite"), keys=place / "keys")
        app = start(settings).app
        house = app.state.house
        open_account(
            house.accounts, house.passwords, "meier", Role.OPERATOR, ["depot-7"], None,
            now=house.now(),
        )  # fmt: skip
        token, _ = issue_token(
            house.accounts, "meier", house.new_secret(), scopes=[Scope.READ, Scope.WRITE],
            now=house.now(),
        )  # fmt: skip

        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}"

        made = {
            "battery_id": "BAT-1", "kind": "made", "happened_at": "2026-03-01T08:00:00Z",
            "party_id": "depot-7",
            "details": {"battery": {"application": "car", "chemistry": "LFP", "mass_kg": 410}},
        }  # fmt: skip
        (entry,) = ask(f"{url}/api/v1/record/events", token, [made])
        print(f"entry {entry['sequence']} of the ledger: {entry['entry_hash'][:16]}…")
        fleet = ask(f"{url}/api/v1/record/batteries", token)
        print(f"{fleet['n_total']} battery: {fleet['batteries'][0]['battery_id']}")

        extra = {"attributes": {"soce_frac": 0.97}}
        passport = ask(f"{url}/api/v1/passports/of/BAT-1", token, extra)
        address = f"{url}/api/v1/passports/{passport['attributes']['passport_id']['value']}"
        whole, public = ask(address, token)["attributes"], ask(address)["attributes"]
        print(f"mass for everybody: {public['mass_kg']['value']} kg")
        print(f"only for some: {', '.join(sorted(set(whole) - set(public))[:3])} …")

        server.should_exit = True
        thread.join()


if __name__ == "__main__":
    main()
