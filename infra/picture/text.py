"""How wide text is, on the safe side: fonts differ from reader to reader, so the widest common one is taken."""

# Parts of the font's size, rounded up from DejaVu Sans, which is wider than Helvetica, Arial and Segoe UI.
_WIDTHS = (("ijl|'.,:;!I", 0.35), (' frt()[]-/"', 0.42), ("mwMW@%", 0.99), ("ABCDEFGHJKLNOPQRSTUVXYZ+=<>~#&", 0.84))
_OTHER = 0.645
_WIDTH = {letter: width for letters, width in _WIDTHS for letter in letters}


def width(text: str, size: float) -> float:
    """Of one line in a proportional font; at least as wide as it will be."""
    return size * sum(_WIDTH.get(letter, _OTHER) for letter in text)


def fitted(text: str, size: float, room: float) -> str:
    """The text, or as much of its beginning as there is room for."""
    if width(text, size) <= room:
        return text
    while text and width(f"{text}…", size) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


def wrapped(text: str, size: float, room: float) -> list[str]:
    """The text in lines, broken between words."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width(longer, size) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return [fitted(line, size, room) for line in lines]
