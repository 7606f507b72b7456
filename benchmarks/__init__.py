"""Ours beside a floor, in one run: ratios, not seconds."""
