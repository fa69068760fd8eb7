"""Baseline and follow-up side by side, and what changed lesion by lesion."""
