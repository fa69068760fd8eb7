"""The planes of a volume: hung upright, named, beside each other."""
