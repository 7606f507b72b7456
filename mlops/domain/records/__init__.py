"""How decisions and what they were made on are written down, and what shows that a log was changed."""
