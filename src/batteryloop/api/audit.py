"""Keeps every read of restricted data before it is answered, many reads in one commit."""

import asyncio

from starlette.concurrency import run_in_threadpool

from batteryloop.record.accounts import Reading
from batteryloop.usecases.accounts_port import Accounts


class Audit:
    """Gathers readings that arrive while the last commit runs, and keeps them together.

    A read whose reading cannot be kept is not answered.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._waiting: list[tuple[Reading, asyncio.Future[None]]] = []
        self._drain: asyncio.Task[None] | None = None

    async def keep(self, reading: Reading) -> None:
        """Return once the reading is kept."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append((reading, done))
        if self._drain is None or self._drain.done():
            self._drain = loop.create_task(self._keep_waiting())
        await done

    async def _keep_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                readings = [reading for reading, _ in batch]
                await run_in_threadpool(self._accounts.keep_readings, readings)
            except Exception as exc:
                for _, done in batch:
                    if not done.done():
                        done.set_exception(exc)
            else:
                for _, done in batch:
                    if not done.done():
                        done.set_result(None)
