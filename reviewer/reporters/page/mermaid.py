"""The Mermaid that our own tables write, read back so that we can draw it ourselves without Mermaid's script.

Three kinds: `erDiagram`, `flowchart` and `sequenceDiagram`, in the few forms we generate. What is not understood
is left out of the picture; the source is always shown beside it.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

LINES = 400


@dataclass(frozen=True, slots=True)
class Node:
    """A box: an entity with its fields, a step, a participant."""

    id: str
    label: str
    fields: tuple[str, ...] = ()
    shape: str = "box"  # box | store | choice


@dataclass(frozen=True, slots=True)
class Edge:
    start: str
    end: str
    label: str = ""
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """`kind` is er, flow or sequence. Edges name nodes that exist."""

    kind: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


_ENTITY = re.compile(r'([\w-]+)(?:\["?([^"\]]*)"?\])?\s*\{')
_RELATION = re.compile(r'([\w-]+)\s+([|}o][|o](?:--|\.\.)[|o][|{o])\s+([\w-]+)\s*:\s*"?([^"]*)"?')
_NODE = r'([A-Za-z][\w-]*?)(?:(\[\(|\[\[|\(\[|\(\(|\[|\(|\{)\s*"?(.*?)"?\s*(?:\)\]|\]\]|\]\)|\)\)|\]|\)|\}))?'
_ARROW = r"\s*(-->|---|-\.->|==>|--x)\s*(?:\|\s*\"?([^|]*?)\"?\s*\|)?\s*"
_FLOW_EDGE = re.compile(_NODE + _ARROW + _NODE)
_FLOW_NODE = re.compile(_NODE)
_PARTICIPANT = re.compile(r'(?:participant|actor)\s+(\w+)(?:\s+as\s+"?([^"]*)"?)?')
_MESSAGE = re.compile(r"(\w+)\s*(--?>>?|--?x|--?\))\s*[+-]?(\w+)\s*:\s*(.*)")
_CODE = re.compile(r"#(\d{1,7}|quot|amp|lt|gt);")


def read(source: str) -> Picture | None:
    """The picture a source describes, or None for another kind or nothing to draw."""
    lines = [line.strip() for line in source.splitlines()[:LINES]]
    lines = [line for line in lines if line and not line.startswith("%%")]
    head = lines[0] if lines else ""
    reader = {"erDiagram": _er, "flowchart": _flow, "graph": _flow, "sequenceDiagram": _sequence}.get(
        head.split(" ")[0]
    )
    picture = reader(lines[1:]) if reader else None
    return picture if picture and picture.nodes else None


def _label(text: str) -> str:
    text = _CODE.sub(
        lambda m: chr(int(m[1])) if m[1].isdigit() and int(m[1]) < 0x110000 else html.unescape(f"&{m[1]};"), text
    )
    return " ".join(re.sub(r"<br\s*/?>", " ", text).split())


def _er(lines: list[str]) -> Picture:
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    inside, fields = "", list[str]()
    for line in lines:
        if inside:
            if line == "}":
                nodes[inside] = Node(inside, nodes[inside].label, tuple(fields))
                inside = ""
            else:
                fields.append(_label(line.replace('"', " ")))
        elif entity := _ENTITY.fullmatch(line):
            inside, fields = entity[1], []
            nodes[inside] = Node(inside, _label(entity[2] or inside))
        elif relation := _RELATION.fullmatch(line):
            for name in (relation[1], relation[3]):
                nodes.setdefault(name, Node(name, name))
            edges.append(Edge(relation[1], relation[3], _label(relation[4]), ".." in relation[2]))
    return Picture("er", tuple(nodes.values()), tuple(edges))


def _flow(lines: list[str]) -> Picture:
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []

    def add(name: str, bracket: str | None, label: str | None) -> None:
        if bracket or name not in nodes:
            shape = {"{": "choice", "[(": "store"}.get(bracket or "", "box")
            nodes[name] = Node(name, _label(label or name), shape=shape)

    for line in (text.rstrip(";") for text in lines):
        if edge := _FLOW_EDGE.fullmatch(line):
            add(edge[1], edge[2], edge[3])
            add(edge[6], edge[7], edge[8])
            edges.append(Edge(edge[1], edge[6], _label(edge[5] or ""), edge[4] == "-.->"))
        elif (node := _FLOW_NODE.fullmatch(line)) and node[2]:
            add(node[1], node[2], node[3])
    return Picture("flow", tuple(nodes.values()), tuple(edges))


def _sequence(lines: list[str]) -> Picture:
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    for line in lines:
        if participant := _PARTICIPANT.fullmatch(line):
            nodes[participant[1]] = Node(participant[1], _label(participant[2] or participant[1]))
        elif message := _MESSAGE.fullmatch(line):
            for name in (message[1], message[3]):
                nodes.setdefault(name, Node(name, name))
            edges.append(Edge(message[1], message[3], _label(message[4]), message[2].startswith("--")))
    return Picture("sequence", tuple(nodes.values()), tuple(edges))
