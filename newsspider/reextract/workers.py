"""Who does the work: this process, processes of this machine, or a Dask cluster. What comes out is the same."""

import logging
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import resource_tracker
from typing import Any, Protocol

from newsspider import __version__
from newsspider.reextract import ClusterError, ReextractError

A_THREAD = 3
"""Calls under way or waiting for each thread of the workers: none is idle, and little is in memory."""
PATIENCE = 20
"""Seconds to wait for a scheduler, and for its first worker."""
WORTH = 4 << 20
"""Bytes of files for which it takes longer to start a process than to read them."""
A_TREE = 32 << 20
"""Bytes that a worker may keep free: Dask's usual 64 KB give the memory of every page back, to be asked for again."""
DEATHS = 1
"""Workers that may die of a call; of the next one it is given up."""

Call = tuple[Any, ...]


class Workers(Protocol):
    """Some processes."""

    count: int

    def each(self, function: Callable[..., Any], calls: Iterable[Call]) -> Iterator[tuple[Call, Any]]:
        """Every call and what it gave, in order; None where it killed every worker that was given it."""


class Here:
    """This process."""

    count = 1

    def each(self, function: Callable[..., Any], calls: Iterable[Call]) -> Iterator[tuple[Call, Any]]:
        for call in calls:
            yield call, function(*call)


class Cluster:
    """Dask's workers. A call whose worker dies is done by another; nothing is asked for long before it is needed."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.count = self._threads()

    def _threads(self) -> int:
        return sum(self.client.nthreads().values()) or 1

    def each(self, function: Callable[..., Any], calls: Iterable[Call]) -> Iterator[tuple[Call, Any]]:
        under_way: deque[tuple[Call, Any]] = deque()
        for call in calls:
            under_way.append((call, self.client.submit(function, *call, pure=False)))
            if len(under_way) >= A_THREAD * self.count:
                yield self._done(*under_way.popleft())
        while under_way:
            yield self._done(*under_way.popleft())

    def _done(self, call: Call, future: Any) -> tuple[Call, Any]:
        from distributed import CancelledError, KilledWorker

        try:
            return call, future.result()
        except KilledWorker:
            return call, None
        except (CancelledError, OSError) as error:
            raise ReextractError(f"the scheduler was lost ({type(error).__name__}); run it again") from None


@contextmanager
def workers(count: int | None, scheduler: str | None, size: int) -> Iterator[Workers]:
    """`count` processes of this machine (1: this one), or those of the cluster at `scheduler`. Raises ClusterError.

    By default as many as there are cores, or as few as `size` bytes of files are worth.
    """
    count = count or min(len(os.sched_getaffinity(0)), max(size // WORTH, 1))
    if scheduler is None and count == 1:
        yield Here()
        return
    with _configured(), _remote(scheduler) if scheduler else _local(count) as client:
        yield Cluster(client)


@contextmanager
def _configured() -> Iterator[None]:
    import dask
    import distributed  # noqa: F401  # its defaults are there from now on

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with dask.config.set(
        {
            "distributed.scheduler.allowed-failures": DEATHS,
            "distributed.logging": {"distributed": "critical"},
            # What nobody looks at: together it costs idle processes a twentieth of a core.
            "distributed.worker.profile.enabled": False,
            "distributed.admin.tick.interval": "1s",
            "distributed.admin.system-monitor.interval": "5s",
            "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": A_TREE,
        }
    ):
        yield


@contextmanager
def _local(count: int) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    with _held_back(signal.SIGINT) as let_go:  # a terminal sends it to the workers, too; they inherit this
        try:
            cluster = LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=count,
                threads_per_worker=1,
                processes=True,
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
            )
        except (OSError, RuntimeError) as error:
            raise ClusterError(f"no workers could be started: {error}; --workers 1 does without") from None
        with cluster, Client(cluster) as client:  # type: ignore[no-untyped-call]
            let_go()
            yield client


@contextmanager
def _held_back(number: signal.Signals) -> Iterator[Callable[[], object]]:
    """A signal comes when it is let go, or at the end; in processes that are started meanwhile it never does."""
    resource_tracker.ensure_running()  # or multiprocessing lets go of it when it starts this one
    usual = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    let_go = partial(signal.pthread_sigmask, signal.SIG_SETMASK, usual)
    try:
        yield let_go
    finally:
        let_go()


@contextmanager
def _remote(scheduler: str) -> Iterator[Any]:
    from distributed import Client

    try:
        client = Client(scheduler, timeout=PATIENCE)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError):
        raise ClusterError(f"no scheduler answers at {scheduler}; start one with `dask scheduler`") from None
    with client:
        _check(client, scheduler)
        yield client


def _check(client: Any, scheduler: str) -> None:
    """Raises ClusterError where the workers would do something else than this process."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
        versions = client.run(version)
    except TimeoutError:
        raise ClusterError(f"{scheduler} has no workers; start some with `dask worker {scheduler}`") from None
    except (ImportError, AttributeError):
        raise ClusterError(f"the workers of {scheduler} have no newsspider like this one; install it there") from None
    if other := next((each for each in versions.values() if each != __version__), None):
        raise ClusterError(f"a worker of {scheduler} has newsspider {other}, and this is {__version__}")


def version() -> str:
    """Of the newsspider here."""
    return __version__
