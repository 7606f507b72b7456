"""Tests of mlops."""
