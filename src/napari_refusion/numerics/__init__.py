"""Pure functions on numpy arrays and torch tensors: gradients, colour, intensity windows."""
