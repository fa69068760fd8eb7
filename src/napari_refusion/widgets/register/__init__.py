"""The Register page."""
