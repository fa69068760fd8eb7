"""The rotating projection of PET and SPECT, in a view of its own beside the planes."""
