"""Fusing a pair slice by slice, with the provenance of the result."""
