"""Mirrors mlops."""
