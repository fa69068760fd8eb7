"""Weights for other programs: ONNX files, and a MONAI Bundle."""
