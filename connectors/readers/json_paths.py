"""Paths of a format's parts in a JSON document, as a tree to walk along."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from connectors.format_spec import FormatSpec, Part

LIST = "[*]"
ABOVE = re.compile(r"((?:\.\./)+)(.+)")


@dataclass
class Node:
    """A place in the document: the part whose records are here, and the ways on."""

    path: str
    part: str | None = None
    keys: dict[str, Node] = field(default_factory=dict)
    items: Node | None = None

    @property
    def is_way(self) -> bool:
        """Whether records are only further down."""
        return self.part is None and bool(self.keys or self.items)


def tree_of(spec: FormatSpec) -> Node:
    """Where the parts of a format are in its document."""
    root = Node("")
    for name, part in spec.tables.items():
        node = root
        for step in steps_of(str(part.path)):
            if step == LIST:
                node.items = node.items or Node(node.path + LIST)
                node = node.items
            else:
                node = node.keys.setdefault(step, Node(f"{node.path}.{step}".lstrip(".")))
        node.part = name
    return root


def steps_of(path: str) -> list[str]:
    """``a.b[*].c`` as a, b, [*], c; ``$`` is the document itself."""
    return [step for step in re.split(r"(\[\*\])|\.", path.removeprefix("$")) if step]


def claimed_within(spec: FormatSpec, part: str) -> frozenset[str]:
    """Dotted paths within the part's records that other parts read."""
    own = steps_of(str(spec.tables[part].path))
    found = set()
    for other in spec.tables.values():
        steps = steps_of(str(other.path))
        if len(steps) > len(own) and steps[: len(own)] == own:
            inner = steps[len(own) :]
            found.add(".".join(inner[: inner.index(LIST)] if LIST in inner else inner))
    return frozenset(found)


def borrowed_headers(part: Part) -> tuple[tuple[str, int, tuple[str, ...]], ...]:
    """Headers that are taken from a record above: header, levels up, way down."""
    names = (*part.headers.required, *part.headers.optional)
    found = [(name, ABOVE.fullmatch(name)) for name in names]
    return tuple((name, match[1].count("/"), tuple(match[2].split("."))) for name, match in found if match)


def is_within_records(spec: FormatSpec, part: str) -> bool:
    """Whether the part's records lie inside records that another part or a further list has."""
    steps = steps_of(str(spec.tables[part].path))
    parents = [steps_of(str(other.path)) for name, other in spec.tables.items() if name != part]
    return steps.count(LIST) > 1 or any(len(own) < len(steps) and steps[: len(own)] == own for own in parents)


def outermost_list(spec: FormatSpec, part: str) -> str | None:
    """Where the outermost list around a part's records is; None where they lie in a record that another part reads."""
    steps = steps_of(str(spec.tables[part].path))
    outer = steps[: steps.index(LIST)] if LIST in steps else steps
    others = [steps_of(str(other.path)) for name, other in spec.tables.items() if name != part]
    if LIST not in steps or any(own == steps[: len(own)] for own in others):
        return None
    return ".".join(outer)


def walk(record: Any, way: tuple[str, ...]) -> tuple[bool, Any]:
    """Whether there is something at the end of a way, and what."""
    for step in way:
        if not isinstance(record, dict) or step not in record:
            return False, None
        record = record[step]
    return True, record
