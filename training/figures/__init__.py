"""Figures of a fused image that a reader understands, each kind in a module of its own; `catalogue` names them all."""
