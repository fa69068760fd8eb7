"""What can be said about a fused volume without its reader: maps, numbers, limits, checks."""
