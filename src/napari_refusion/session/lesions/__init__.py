"""The lesions of the pair that is shown: drawn, measured, listed, undone and written."""
