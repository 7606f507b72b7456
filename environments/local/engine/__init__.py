"""The Pulumi engine where none is installed: its pins, and the small language host."""
