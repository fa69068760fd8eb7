"""What the data is: volumes in patient space, pairs on one grid, findings about them."""
