"""The drawing as SVG: one file that looks right on light and on dark pages, and that screen readers can tell."""

from xml.sax.saxutils import escape

from infra.picture.layout import WIDTH, Path, Rect, Text, draw
from infra.picture.values import Picture

_COLOURS = (
    "#3b82f6",
    "#d97706",
    "#16a34a",
    "#db2777",
    "#8b5cf6",
    "#0d9488",
    "#dc2626",
    "#a16207",
    "#64748b",
    "#0891b2",
    "#be185d",
    "#4d7c0f",
)
_READ = 'role="img" aria-labelledby="t d"'
_STYLE = """
.page{fill:#fff}.panel{fill:#f6f8fa;stroke:#d0d7de}.box{fill:#fff;stroke:#afb8c1}
text{fill:#1f2328;font-family:'Segoe UI',Helvetica,Arial,'DejaVu Sans',sans-serif}
.h1{font-size:22px;font-weight:600}.head{font-weight:600;fill:#57606a}.title{font-weight:600}
.tag{text-anchor:middle}.name,.note{fill:#57606a}.badge{fill:#f6f8fa;stroke:#afb8c1}.badge.open{stroke:#cf222e}.badge.closed{stroke:#1a7f37}
.badge.protected{stroke:#0969da}path{fill:none;stroke-width:1.4;stroke-linejoin:round}
path.uses,path.grant{stroke:#57606a}path.private{stroke:#1a7f37;stroke-dasharray:5 3}
circle.uses,circle.grant{fill:#57606a}circle.private{fill:#1a7f37}
@media (prefers-color-scheme:dark){
.page{fill:#0d1117}.panel{fill:#161b22;stroke:#30363d}.box{fill:#0d1117;stroke:#484f58}
text{fill:#e6edf3}.head,.name,.note{fill:#9da7b3}.badge{fill:#161b22;stroke:#484f58}.badge.open{stroke:#ff7b72}
.badge.closed{stroke:#3fb950}.badge.protected{stroke:#58a6ff}
path.uses,path.grant{stroke:#9da7b3}path.private{stroke:#3fb950}
circle.uses,circle.grant{fill:#9da7b3}circle.private{fill:#3fb950}}
"""


def svg(name: str, about: str, picture: Picture) -> str:
    """Draw an environment."""
    drawing = draw(picture)
    count = sum(len(box.stands_for) for box in picture.boxes)
    told = f"{about} {count} resources, each in a box, a row or a count."
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {drawing.height:g}" {_READ}>',
        f'<title id="t">{escape(name)}: what the program builds</title>',
        f'<desc id="d">{escape(_described(told, picture))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{drawing.height:g}"/>',
        f'<text class="h1" x="20" y="36">{escape(name)}</text>',
        f'<text class="note" x="20" y="58" font-size="12.5">{escape(told)}</text>',
        *_legend(),
        *(_rect(rect) for rect in drawing.rects),
        *(_path(path) for path in drawing.paths),
        *(_text(text) for text in drawing.texts),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _described(told: str, picture: Picture) -> str:
    titles = {box.key: f"{box.title} {box.name}".strip() for box in picture.boxes}
    panels = "; ".join(
        f"{subject.title}: {', '.join(titles[box.key] for box in boxes)}" for subject, boxes in picture.panels
    )
    return f"{told} {panels}."


def _legend() -> list[str]:
    text = 'y="80" class="note" font-size="11.5"'
    return [
        f'<path d="M20 76H46" stroke="{_COLOURS[0]}"/><text x="52" {text}>has these roles on (a colour each)</text>',
        f'<path class="uses" d="M272 76H298"/><text x="304" {text}>uses</text>',
        f'<path class="private" d="M350 76H376"/><text x="382" {text}>private endpoint of</text>',
        f'<circle cx="510" cy="76" r="4.5" fill="{_COLOURS[0]}"/><text x="520" {text}>works as that identity</text>',
    ]


def _rect(rect: Rect) -> str:
    size = f'x="{rect.x:g}" y="{rect.y:g}" width="{rect.width:g}" height="{rect.height:g}"'
    return f'<rect class="{rect.kind}" {size} rx="{8 if rect.kind.startswith("badge") else 6}"/>'


def _text(text: Text) -> str:
    dot = ""
    if text.dot is not None:
        dot = f'<circle cx="{text.x - 9:g}" cy="{text.y - 4:g}" r="4.5" fill="{_colour(text.dot)}"/>'
    kind = "tag" if text.kind == "badge" else text.kind
    place = f'x="{text.x:g}" y="{text.y:g}" font-size="{text.size:g}"'
    return f'{dot}<text class="{kind}" {place}>{escape(text.text)}</text>'


def _path(path: Path) -> str:
    (x, y), *rest = path.points
    bends = "".join(f"L{right:g} {down:g}" for right, down in rest)
    stroke = f' stroke="{_colour(path.colour)}"' if path.colour is not None else ""
    kind = f' class="{path.means}"' if path.colour is None else ""
    end_x, end_y = path.points[-1]
    fill = f'fill="{_colour(path.colour)}"' if path.colour is not None else f'class="{path.means}"'
    return f'<path{kind}{stroke} d="M{x:g} {y:g}{bends}"/><circle {fill} cx="{end_x:g}" cy="{end_y:g}" r="2.6"/>'


def _colour(number: int) -> str:
    return _COLOURS[number % len(_COLOURS)]
