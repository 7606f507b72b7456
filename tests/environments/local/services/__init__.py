"""Mirrors the program."""
