"""Speed, measured as ratios against the plain formulation in the same run."""
