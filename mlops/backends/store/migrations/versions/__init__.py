"""One file a revision, each a copy of what its tables were: never imported from today's schema."""
