"""What to say of rows that cannot be used."""


class DataError(Exception):
    """Rows that were given cannot be read or used as they are; the message says which file, why, and what to do."""
