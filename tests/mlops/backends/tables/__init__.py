"""Tests of the tables in files."""
