"""Look, decide, remember, act."""
