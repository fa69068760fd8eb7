"""Fuse co-registered MRI, CT, PET and SPECT with ReFusion and review the result slice by slice."""

__version__ = "0.1.0"
