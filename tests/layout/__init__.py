"""The seams of the house itself: set-up, imports, READMEs."""
