"""A made-up world for the loop to live in: the ports over it, what it costs, and what came of a year in it."""
