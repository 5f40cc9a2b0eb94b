"""A widget."""
