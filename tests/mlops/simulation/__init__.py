"""The made-up world: what it does to the loop, and what the loop does in it."""
