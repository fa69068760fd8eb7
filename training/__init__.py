"""The training program of ReFusion: the meta-learning cycle, its data, recipes and loop. Not part of the wheel."""
