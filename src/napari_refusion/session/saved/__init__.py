"""A whole session in a folder: what it holds, how it is written, and how it is found again."""
