"""Mirrors the programs; fakes, layout and e2e beside them."""
