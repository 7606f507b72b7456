"""What can be wrong with the files that a user writes."""


class ProjectFileError(Exception):
    """The project file cannot be used; the message says where and why, a line for each thing wrong."""


class PlatformFileError(Exception):
    """The stack outputs cannot be used; the message says what is missing."""
