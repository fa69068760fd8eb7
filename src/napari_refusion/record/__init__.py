"""What a reader said, kept so that it stands: events, what they add up to, and the files that hold them."""
