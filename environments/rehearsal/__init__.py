"""A stack's whole life on a throw-away local environment, before it costs anything."""
