"""Judging resources outside of the engine: what is looked at, where it is read from, and what is found."""
