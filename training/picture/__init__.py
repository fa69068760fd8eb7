"""What a fused picture must be, as losses that a network can learn from: torch alone, no synchronisation with a GPU."""
