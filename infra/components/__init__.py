"""One component, one args dataclass, one file."""
