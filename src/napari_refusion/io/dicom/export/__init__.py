"""DICOM out: a fused volume as objects that an archive takes."""
