"""Opening what holds several series or volumes: which of them, and as which layers."""
