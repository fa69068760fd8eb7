"""Regions that others drew: DICOM SEG, RTSTRUCT and label maps in, label maps out."""
