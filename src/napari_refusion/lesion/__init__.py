"""Volumes of interest, what is measured in them, and a reader's list of lesions; pure values, no files, no window."""
