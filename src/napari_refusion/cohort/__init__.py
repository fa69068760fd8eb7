"""Many cases and two readers: worklists, progress, agreement."""
