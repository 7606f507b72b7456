"""What a candidate must show before it gets traffic."""
