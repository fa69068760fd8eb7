"""Many cases fused with nobody watching: what is fused, how each case ends, and where it runs."""
