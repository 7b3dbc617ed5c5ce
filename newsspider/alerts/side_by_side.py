"""Calls in threads, side by side, for so many seconds and no more."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Thread

Call = Callable[[], object]


async def all_of(calls: Mapping[str, Call], seconds: float) -> dict[str, Exception | None]:
    """Name -> what came of it; TimeoutError of a call that is still at it. Nobody waits for its thread any more."""
    if not calls:
        return {}
    futures = {name: _begin(call) for name, call in calls.items()}
    await asyncio.wait(futures.values(), timeout=seconds)
    return {name: future.result() if future.done() else TimeoutError() for name, future in futures.items()}


def _begin(call: Call) -> asyncio.Future[Exception | None]:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Exception | None] = loop.create_future()

    def work() -> None:
        error = _error(call)
        with suppress(RuntimeError):  # the loop is closed: too late
            loop.call_soon_threadsafe(future.set_result, error)

    Thread(target=work, daemon=True).start()
    return future


def _error(call: Call) -> Exception | None:
    try:
        call()
    except Exception as error:  # whatever it is, it is one warning
        return error
    return None
