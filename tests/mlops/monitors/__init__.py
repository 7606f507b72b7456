"""Numbers to measurements."""
