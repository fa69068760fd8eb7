"""The Worklist widget."""
