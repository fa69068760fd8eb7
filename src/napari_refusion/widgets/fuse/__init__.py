"""The Fuse page."""
