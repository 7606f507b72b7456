"""Projects that a user copies."""
