"""The commands `mlops monitor …`: files in, a table for people or JSON for programs out.

They need no project and no loop, so they start with nothing but what reads files.
"""

from mlops.measuring.arguments import add

__all__ = ["add"]
