"""Reading and writing files; the only floor that knows other axis orders than (Inferior, Posterior, Left)."""
