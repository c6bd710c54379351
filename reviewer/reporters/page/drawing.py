"""Pictures as inline SVG: entities, flows and sequences, with a small layout of our own. Colours come from the page."""

from __future__ import annotations

from typing import NamedTuple

from reviewer.reporters.page.mermaid import Edge, Node, Picture
from reviewer.reporters.page.text import esc

CHAR, ROW, PAD, GAP_X, GAP_Y = 7.3, 18, 10, 90, 28
WIDEST = 34  # characters of a label
COLUMNS = 3  # entities side by side


class Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def draw(picture: Picture, title: str) -> str:
    """One `<svg>` with a title for those who cannot see it."""
    body, width, height = {"er": _entities, "flow": _flow, "sequence": _sequence}[picture.kind](picture)
    return (
        f'<svg class="drawing" role="img" aria-label="{esc(title)}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}"><title>{esc(title)}</title>{body}</svg>'
    )


def _short(text: str, limit: int = WIDEST) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _size(node: Node) -> tuple[float, float]:
    lines = [_short(node.label), *(_short(field) for field in node.fields)]
    return max(80.0, CHAR * max(len(line) for line in lines) + 2 * PAD), ROW * len(lines) + PAD + (
        6 if node.fields else 2
    )


def _text(x: float, y: float, text: str, *, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{esc(_short(text))}</text>'


def _box(node: Node, box: Box) -> str:
    radius = {"choice": box.height / 2, "store": 10}.get(node.shape, 4)
    out = [
        f'<rect class="node {node.shape}" x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="{radius:.1f}"/>'
    ]
    out.append(_text(box.x + box.width / 2, box.y + ROW, node.label, kind="name", anchor="middle"))
    if node.fields:
        line = box.y + ROW + 7
        out.append(
            f'<line class="rule" x1="{box.x:.1f}" y1="{line:.1f}" x2="{box.x + box.width:.1f}" y2="{line:.1f}"/>'
        )
        out += [_text(box.x + PAD, line + ROW * at - 4, field, kind="field") for at, field in enumerate(node.fields, 1)]
    return "".join(out)


def _arrow(x: float, y: float, direction: int) -> str:
    back = x - 8 * direction
    return f'<path class="tip" d="M{x:.1f},{y:.1f} L{back:.1f},{y - 4:.1f} L{back:.1f},{y + 4:.1f} Z"/>'


def _link(start: Box, end: Box, edge: Edge) -> str:
    """A curve from the side of one box to the side of another; boxes of one column are joined on their right."""
    forward = end.x >= start.x + start.width
    backward = end.x + end.width <= start.x
    x1 = start.x if backward else start.x + start.width
    x2 = end.x if forward else end.x + end.width
    bend = 40 if not forward else max(30.0, (x2 - x1) / 2)
    c1, c2 = (x1 - bend, x2 + bend) if backward else (x1 + bend, x2 - bend if forward else x2 + bend)
    dash = ' stroke-dasharray="5 4"' if edge.dashed else ""
    path = f'<path class="edge"{dash} d="M{x1:.1f},{start.middle:.1f} C{c1:.1f},{start.middle:.1f} {c2:.1f},{end.middle:.1f} {x2:.1f},{end.middle:.1f}"/>'
    x = (x1 + 3 * c1 + 3 * c2 + x2) / 8
    label = (
        _text(x, (start.middle + end.middle) / 2 - 5, edge.label[:24], kind="label", anchor="middle")
        if edge.label
        else ""
    )
    return path + _arrow(x2, end.middle, 1 if forward else -1) + label


def _columns(columns: list[list[Node]], gap: float) -> tuple[dict[str, Box], float, float]:
    boxes: dict[str, Box] = {}
    x, tallest = 6.0, 0.0
    for column in columns:
        widest = max(_size(node)[0] for node in column)
        y = 6.0
        for node in column:
            width, height = _size(node)
            boxes[node.id] = Box(x + (widest - width) / 2, y, width, height)
            y += height + GAP_Y
        tallest = max(tallest, y - GAP_Y)
        x += widest + gap
    return boxes, x - gap + 60, tallest + 8


def _compose(picture: Picture, columns: list[list[Node]]) -> tuple[str, float, float]:
    labels = [len(edge.label[:24]) for edge in picture.edges]
    boxes, width, height = _columns(columns, max(GAP_X, CHAR * 0.85 * max(labels, default=0) + 24))
    known = [edge for edge in picture.edges if edge.start in boxes and edge.end in boxes]
    body = "".join(_link(boxes[edge.start], boxes[edge.end], edge) for edge in known)
    return body + "".join(_box(node, boxes[node.id]) for node in picture.nodes), width, height


def _entities(picture: Picture) -> tuple[str, float, float]:
    """Parents left of their children where the number of columns allows it."""
    depth = _depths(picture)
    columns: list[list[Node]] = [[] for _ in range(COLUMNS)]
    for at, node in enumerate(picture.nodes):
        linked = any(node.id in {edge.start, edge.end} for edge in picture.edges)
        columns[min(depth[node.id], COLUMNS - 1) if linked else at % COLUMNS].append(node)
    return _compose(picture, [column for column in columns if column])


def _flow(picture: Picture) -> tuple[str, float, float]:
    depth = _depths(picture)
    columns: list[list[Node]] = [[] for _ in range(max(depth.values()) + 1)]
    for node in picture.nodes:
        columns[depth[node.id]].append(node)
    return _compose(picture, [column for column in columns if column])


def _depths(picture: Picture) -> dict[str, int]:
    """The longest way to each node from where nothing leads to; a circle ends after as many rounds as there are nodes."""
    depth = {node.id: 0 for node in picture.nodes}
    rounds = min(len(depth), 12)
    for _ in range(rounds):
        for edge in picture.edges:
            if edge.start != edge.end and edge.start in depth and edge.end in depth:
                depth[edge.end] = min(rounds, max(depth[edge.end], depth[edge.start] + 1))
    used = sorted(set(depth.values()))
    return {name: used.index(value) for name, value in depth.items()}


def _sequence(picture: Picture) -> tuple[str, float, float]:
    widths = [max(90.0, CHAR * len(_short(node.label)) + 2 * PAD) for node in picture.nodes]
    step = max(max(widths) + 30, CHAR * 0.85 * max((len(_short(edge.label)) for edge in picture.edges), default=0) + 40)
    middle = {node.id: 6 + widths[0] / 2 + at * step for at, node in enumerate(picture.nodes)}
    bottom = 60 + 36 * len(picture.edges)
    out = []
    for node, width in zip(picture.nodes, widths, strict=True):
        x = middle[node.id]
        out.append(f'<line class="life" x1="{x:.1f}" y1="38" x2="{x:.1f}" y2="{bottom}"/>')
        out.append(_box(node, Box(x - width / 2, 6, width, 30)))
    for at, edge in enumerate(picture.edges):
        x1, x2, y = middle[edge.start], middle[edge.end], 72 + 36 * at
        dash = ' stroke-dasharray="5 4"' if edge.dashed else ""
        if edge.start == edge.end:
            out.append(f'<path class="edge"{dash} d="M{x1:.1f},{y - 10} h30 v12 h-22"/>' + _arrow(x1 + 2, y + 2, -1))
            out.append(_text(x1 + 36, y, edge.label, kind="label"))
            continue
        out.append(f'<path class="edge"{dash} d="M{x1:.1f},{y} L{x2:.1f},{y}"/>' + _arrow(x2, y, 1 if x2 > x1 else -1))
        out.append(_text((x1 + x2) / 2, y - 6, edge.label, kind="label", anchor="middle"))
    return "".join(out), max(middle.values()) + max(widths) / 2 + 120, bottom + 8
