"""What a reader needs to judge a fused volume, and what is kept of the judgement."""
