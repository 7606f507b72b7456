"""One subject a file: what is looked at in Azure, and what is to be thought of it."""
