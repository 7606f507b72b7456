"""Planted bugs: each a change of one place by name, that a test must find.  `make mutants` plants them all."""
