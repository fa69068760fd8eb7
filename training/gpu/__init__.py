"""Training by elapsed time on a lent GPU: all data on it, captured steps, a checkpoint every minute."""
