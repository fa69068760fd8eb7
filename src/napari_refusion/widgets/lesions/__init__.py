"""The Lesions page."""
