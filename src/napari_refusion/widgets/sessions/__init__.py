"""Layouts that are remembered for kinds of pairs, and whole sessions that are saved and opened again."""
