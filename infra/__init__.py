"""Builds the platform of one environment."""
