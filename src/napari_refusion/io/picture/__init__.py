"""PNG, TIFF and JPEG."""
