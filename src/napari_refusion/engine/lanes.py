"""How many numbers the processor computes at once; needs Numba."""

from typing import Final

import llvmlite
import llvmlite.binding
import numba


def processor() -> tuple[str, str]:
    """Return name and features of the processor that code is compiled for, as LLVM calls them.

    Numba's own settings ``NUMBA_CPU_NAME`` and ``NUMBA_CPU_FEATURES`` are respected.
    """
    name = numba.config.CPU_NAME or llvmlite.binding.get_host_cpu_name()
    if numba.config.CPU_FEATURES is not None:
        return name, numba.config.CPU_FEATURES
    if numba.config.CPU_NAME and numba.config.CPU_NAME != "host":
        return name, ""
    return name, llvmlite.binding.get_host_cpu_features().flatten()


LANES: Final = 16 if "+avx512f" in processor()[1].split(",") else 8
"""Numbers in a vector: a register of AVX-512, or else one of AVX2 (or two of ARM)."""
