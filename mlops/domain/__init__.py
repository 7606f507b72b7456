"""Frozen values and decisions; standard library only."""
