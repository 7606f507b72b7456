"""Collected rows, labels and training sets in blob storage, by Azure's storage SDK."""
