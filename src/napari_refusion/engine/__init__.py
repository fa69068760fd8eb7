"""The fusion network on the processor, compiled by Numba: in strips that stay in the cache, to the same numbers."""
