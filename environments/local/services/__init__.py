"""One file a resource provider: what it fills in, checks and refuses."""
