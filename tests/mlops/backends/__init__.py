"""The adapters towards Azure."""
