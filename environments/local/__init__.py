"""Azure's own protocol, served on this machine."""
