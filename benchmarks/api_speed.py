"""`python -m benchmarks.api_speed`: requests a second of the list route, beside a bare route.

One server process on one core, asked over open connections by another process on another core.
The list route reads 100 batteries from the database for each answer; the bare Starlette route
answers fixed bytes of the same length, under the same uvicorn, uvloop and httptools.
With `--big URL` the medians of fleet and battery answers of a record made by
`benchmarks.make_record` are printed instead.
"""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

N_BATTERIES, N_CONNECTIONS, SECONDS, N_ROUNDS = 1_000, 16, 4.0, 3
LIST = "/api/v1/record/batteries?n_most=100"
START = datetime(2026, 3, 1, tzinfo=UTC)


def serve_house(url: str, port: int) -> None:
    from batteryloop.api.start import start
    from batteryloop.record.accounts import Role, Scope
    from batteryloop.usecases.issue_token import issue_token
    from batteryloop.usecases.open_account import open_account
    from batteryloop.wiring.settings import Settings

    settings = Settings(
        record=url, requests_per_minute=10**9, port=port, keys=Path(tempfile.mkdtemp())
    )
    app = start(settings).app
    house = app.state.house
    if house.accounts.account("bench") is None:
        orgs = {state.holder_id for state in _some(house.record)}
        open_account(house.accounts, house.passwords, "bench", Role.OPERATOR, orgs, None, now=START)
    now = house.now()
    scopes = {Scope.READ}
    token, _ = issue_token(house.accounts, "bench", house.new_secret(), scopes=scopes, now=now)
    overseer, _ = issue_token(house.accounts, "admin", house.new_secret(), scopes=scopes, now=now)
    print(token, overseer, flush=True)
    _run(app, port)


def _some(record):
    from batteryloop.record import FleetQuery

    return record.batteries(FleetQuery(n_most=100)).batteries


def serve_bare(n_bytes: int, port: int) -> None:
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Route

    body = b" " * n_bytes

    async def bare(_):
        return Response(body, media_type="application/json")

    print("- -", flush=True)
    _run(Starlette(routes=[Route("/", bare)]), port)


def _run(app, port: int) -> None:
    import uvicorn

    os.sched_setaffinity(0, {0})
    uvicorn.run(
        app, port=port, loop="uvloop", http="httptools", log_level="error", access_log=False,
        lifespan="off",
    )  # fmt: skip


def make_small(folder: Path) -> str:
    from batteryloop.record import EventKind, LifeEvent
    from batteryloop.wiring.records import open_record

    url = str(folder / "record.sqlite")
    record = open_record(url)
    events = []
    for number in range(N_BATTERIES):
        name = f"BAT-{number:06d}"
        described = {"application": "car", "chemistry": "LFP", "model": "bench"}
        soh = {"soh_frac": 0.9, "soh_low_frac": 0.88, "soh_high_frac": 0.92, "grade": "A"}
        for kind, details in (("made", {"battery": described}), ("evaluated", soh)):
            event_id = f"{kind}-{number}"
            events.append(LifeEvent(event_id, name, EventKind(kind), START, "depot", details))
    record.append(events, recorded_by="bench", recorded_at=START)
    record.close()
    return url


async def _connection(
    port: int, request: bytes, until: float, spans: list[float]
) -> tuple[int, int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    n, n_bytes = 0, 0
    while time.perf_counter() < until:
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError((head + await reader.read(500)).decode())
        lower = head.lower()
        at = lower.index(b"content-length:") + 15
        n_bytes = int(lower[at : lower.index(b"\r\n", at)])
        await reader.readexactly(n_bytes)
        spans.append(time.perf_counter() - began)
        n += 1
    writer.close()
    return n, n_bytes


async def _ask(
    port: int, path: str, token: str, *, n_connections: int, seconds: float
) -> tuple[float, float, int]:
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
    ).encode()
    began = time.perf_counter()
    spans: list[float] = []
    done = await asyncio.gather(
        *(_connection(port, request, began + seconds, spans) for _ in range(n_connections))
    )
    took = time.perf_counter() - began
    return sum(n for n, _ in done) / took, median(spans) * 1e3, done[0][1]


def ask(
    port: int, path: str, token: str, *, n_connections: int = N_CONNECTIONS,
    seconds: float = SECONDS,
) -> tuple[float, float, int]:  # fmt: skip
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_ask(port, path, token, n_connections=n_connections, seconds=seconds))


def started(*words: str) -> tuple[subprocess.Popen[str], int, str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.api_speed", *words, "--port", str(port)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    token, overseer = process.stdout.readline().split()
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process, port, token, overseer
        time.sleep(0.05)
    raise TimeoutError("the server does not listen")


def cpu_s(process: subprocess.Popen[str]) -> float:
    """Return the CPU seconds that a process has used, from the system's own count."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rate(process: subprocess.Popen[str], port: int, path: str, token: str) -> tuple[float, float]:
    """Return requests a second, and a second of the server's CPU."""
    before, began = cpu_s(process), time.perf_counter()
    a_second = ask(port, path, token)[0]
    n = a_second * (time.perf_counter() - began)
    return a_second, n / (cpu_s(process) - before)


def compare(folder: Path) -> None:
    house, house_port, token, _ = started("--serve", make_small(folder))
    ask(house_port, LIST, token, seconds=1.0)
    n_bytes = ask(house_port, LIST, token, seconds=0.2)[2]
    bare, bare_port, _, _ = started("--bare", str(n_bytes))
    ask(bare_port, "/", "none", seconds=1.0)
    floors, lists = [], []
    for _ in range(N_ROUNDS):
        floors.append(rate(bare, bare_port, "/", "none"))
        lists.append(rate(house, house_port, LIST, token))
    for process in (house, bare):
        process.terminate()
        process.wait()
    print(f"load {os.getloadavg()[0]:.1f}, {N_CONNECTIONS} connections, answers of {n_bytes} bytes")
    floor, found = (
        [median(column) for column in zip(*runs, strict=True)] for runs in (floors, lists)
    )
    print("                          requests/s   a second of the server's CPU")
    print(f"bare Starlette route      {floor[0]:10.0f} {floor[1]:10.0f}")
    print(f"list of 100 batteries     {found[0]:10.0f} {found[1]:10.0f}")
    print(f"ratio to the bare route   {found[0] / floor[0]:10.2f} {found[1] / floor[1]:10.2f}")


BIG = {
    "fleet, first page": "/api/v1/record/batteries",
    "fleet, worst health first": "/api/v1/record/batteries?order=soh_frac",
    "fleet, gravest first, filtered": (
        "/api/v1/record/batteries?order=severity&is_descending=true&severity_min=1"
    ),
    "stages": "/api/v1/record/stages",
    "battery": "/api/v1/record/batteries/{battery}",
    "battery, components": "/api/v1/record/batteries/{battery}/components",
    "battery, history": "/api/v1/record/batteries/{battery}/history",
    "battery, lineage": "/api/v1/record/batteries/{battery}/lineage",
}


def big(url: str) -> None:
    from batteryloop.wiring.records import open_record

    record = open_record(url)
    page = _some(record)
    battery, n_total = page[len(page) // 2].battery.battery_id, record.head()[0]
    record.close()
    process, port, _, overseer = started("--serve", url)
    print(f"{n_total} events in the record; one caller, milliseconds at the median")
    for name, path in BIG.items():
        where = path.format(battery=battery)
        for page_path, label in ((where, name), (_second(port, where, overseer), f"{name}, on")):
            if page_path is None:
                continue
            rate = ask(port, page_path, overseer, n_connections=1, seconds=1.5)
            print(f"{label:36} {rate[1]:8.1f} ms {rate[2]:9} bytes")
    process.terminate()
    process.wait()


def _second(port: int, path: str, token: str) -> str | None:
    """Return the address of the page after, for lists."""
    import httpx

    if "batteries/" in path or "stages" in path:
        return None
    answer = httpx.get(
        f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {token}"}
    )
    after = answer.json()["next_after"]
    return f"{path}{'&' if '?' in path else '?'}after={after}" if after else None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.api_speed", description=__doc__)
    parser.add_argument("--big", help="URL of a record that make_record has made")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--bare", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve_house(args.serve, args.port)
    elif args.bare is not None:
        serve_bare(args.bare, args.port)
    elif args.big:
        big(args.big)
    else:
        os.sched_setaffinity(0, set(range(1, os.cpu_count() or 2)) or {0})
        with tempfile.TemporaryDirectory() as folder:
            compare(Path(folder))


if __name__ == "__main__":
    main()
