"""One subject a file: settings and what already stands go in, components come out."""
