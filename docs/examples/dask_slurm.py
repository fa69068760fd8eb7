"""A cohort on workers that dask-jobqueue asks SLURM for: ``python dask_slurm.py BIDS fused``.

``pip install dask-jobqueue``. Scheduler and workers speak TLS, with certificates that are made for this run.
"""

import os
import subprocess
import sys
from pathlib import Path

from dask_jobqueue import SLURMCluster
from distributed.security import Security

JOBS = int(os.environ.get("REFUSION_JOBS", "20"))


def main(folder: str, output: str) -> int:
    """Fuse a cohort on SLURM, and return the exit status."""
    shared = Path.home() / ".refusion-tls"  # a folder that every node sees, and nobody else
    shared.mkdir(mode=0o700, exist_ok=True)
    security = Security.temporary()
    with SLURMCluster(
        cores=1,  # of a worker, which works on one case at a time
        processes=1,
        memory="8GB",
        walltime="04:00:00",
        protocol="tls://",
        security=security,
        shared_temp_directory=str(shared),
        scheduler_options={"dashboard_address": None},
    ) as cluster:
        cluster.scale(jobs=JOBS)
        own = {
            "CA_FILE": security.tls_ca_file,
            "CLIENT__CERT": security.tls_client_cert,
            "CLIENT__KEY": security.tls_client_key,
        }
        known = {f"DASK_DISTRIBUTED__COMM__TLS__{name}": text for name, text in own.items()}
        command = ["napari-refusion", "cohort", folder, output, "participant", "--scheduler", cluster.scheduler_address]
        return subprocess.run(command, env=os.environ | known, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
