"""The three networks of ReFusion, their two losses and their weights files."""
