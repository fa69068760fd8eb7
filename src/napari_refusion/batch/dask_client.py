"""The workers that a cohort asks Dask for: own processes on this machine, or a scheduler that is running."""

from __future__ import annotations

import importlib.util
import ipaddress
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import dask
from distributed import Client, LocalCluster
from distributed.core import Status
from distributed.security import Security
from distributed.system import MEMORY_LIMIT

from napari_refusion.batch.derivative import make_folder
from napari_refusion.volume.finding import refuse

if TYPE_CHECKING:
    from napari_refusion.batch.workers import Workers

_PATIENCE: Final = "30s"
"""How long a scheduler may take to answer."""

_LIBRARIES: Final = 512
"""MB of a process that the limit of a case does not count: libraries, which processes share."""

_SETTINGS: Final = {
    # a worker that keeps memory between two cases is no reason to give it none, and nothing is worth writing to disk
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.target": False,
    # a case waits at the scheduler until a worker is free: one that only waits is not blamed for a worker's death
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.work-stealing": False,
    # native code holds Python's lock for long, which is no sign of death
    "distributed.scheduler.worker-ttl": "30 minutes",
    "distributed.admin.tick.limit": "1 hour",
    "distributed.worker.profile.enabled": False,
    # pages that anyone on this machine could read
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # a busy machine takes long to start a process
    "distributed.deploy.lost-worker-timeout": "1 minute",
    "distributed.scheduler.no-workers-timeout": "10 minutes",
}

_LOOKED_AFTER: Final = 5.0
"""Seconds between two looks at whether all workers are there."""


@contextmanager
def client_of(workers: Workers, count: int) -> Iterator[tuple[Client, int]]:
    """Yield a client of the workers, and the memory of a case on them in MB, 0 for no limit.

    Parameters
    ----------
    count
        Processes of this machine, where no scheduler is named.

    Raises
    ------
    RefusedError
        If a scheduler is not reached, or not over a connection that nobody else can speak on; or if the folder for what
        workers keep cannot be made.
    """
    for name in ("distributed", "distributed.client"):  # Dask gives the client's reports a level of their own
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is said by outcomes
    if workers.scheduler:
        check_address(workers.scheduler)
        _check_certificates(workers.scheduler)
        with _connected(workers.scheduler) as client:
            yield client, workers.megabytes
        return
    if workers.work is not None:
        make_folder(workers.work)  # workers that cannot make it die, and are started again, for ever
    megabytes = (workers.megabytes or MEMORY_LIMIT // 2**20) // count
    with dask.config.set({**_SETTINGS, "distributed.scheduler.allowed-failures": workers.retries}):
        cluster = LocalCluster(
            n_workers=0,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            memory_limit=(megabytes + _LIBRARIES) * 2**20,
            local_directory=str(workers.work) if workers.work else None,
            # other users of this machine reach its ports as well
            security=Security.temporary() if importlib.util.find_spec("cryptography") else None,
            silence_logs=logging.CRITICAL,
        )
        with cluster, Client(cluster) as client, _looked_after(cluster, count):
            yield client, megabytes


@contextmanager
def _looked_after(cluster: LocalCluster, count: int) -> Iterator[None]:
    """Keep so many workers in a cluster: Dask itself starts none anew that was killed as it started."""

    async def mend() -> None:
        for name, worker in list(cluster.workers.items()):
            if worker.status in (Status.failed, Status.closed):
                del cluster.workers[name]
        cluster.scale(count)

    def look() -> None:
        while not over.wait(_LOOKED_AFTER):
            cluster.sync(mend)

    cluster.scale(count)
    over = threading.Event()
    looking = threading.Thread(target=look, name="refusion workers", daemon=True)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        client = Client(address, timeout=_PATIENCE, security=Security())
    except (OSError, ValueError) as error:
        sentence = f"Start the scheduler, or correct its address: none answers at {address} ({error})."
        raise refuse("device", sentence, address) from error
    with client:
        yield client


def check_address(address: str) -> None:
    """Refuse a scheduler that is reached over a network in the clear: whoever speaks to it runs programs.

    Raises
    ------
    RefusedError
        Also for what is no address.
    """
    parts = urlsplit(address)
    if parts.scheme == "tls" and parts.hostname:
        return
    if parts.scheme != "tcp" or not parts.hostname:
        raise refuse("device", f"Give an address as tls://HOST:PORT, not {address!r}.", address)
    if not _is_loopback(parts.hostname):
        sentence = (
            f"Use tls:// or a tunnel to this machine (tcp://127.0.0.1:PORT), not {address}: over a network in the "
            "clear, anyone could run programs as you."
        )
        raise refuse("device", sentence, address)


def _check_certificates(address: str) -> None:
    """Refuse a scheduler that speaks TLS where Dask's configuration names no certificates to speak it with."""
    if urlsplit(address).scheme == "tls" and Security().get_connection_args("client").get("ssl_context") is None:
        names = "distributed.comm.tls.ca-file, .client.cert and .client.key"
        sentence = f"Name your certificates in Dask's configuration ({names}): {address} is reached with them alone."
        raise refuse("device", sentence, address)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
