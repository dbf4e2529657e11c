"""Differential tests: Lamina beside Keras."""
