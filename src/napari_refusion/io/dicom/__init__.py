"""DICOM in: series found, checked and read."""
