"""Read a YAML file a person wrote: duplicate keys are errors, and every key knows its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from data_contracts.errors import WorkledgerError

KeyPath = tuple[str | int, ...]


class YamlFile:
    """A parsed document: ``data`` as plain Python values, ``line_of`` for messages."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: dict[KeyPath, int] = {}
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise WorkledgerError("The file does not exist", where=str(path)) from None
        except UnicodeDecodeError as error:
            raise WorkledgerError(
                "The file is not UTF-8 text", where=f"{path}, byte {error.start}", remedy="Save it as UTF-8."
            ) from None
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise WorkledgerError(
                f"The file is not valid YAML: {error.problem}", where=f"{path}, line {line}"
            ) from None
        self.data: Any = None if node is None else self._build(node, ())

    def where(self, key_path: KeyPath) -> str:
        """``file, line N, key a.b`` for the deepest part of ``key_path`` that the file has."""
        known = key_path
        while known and known not in self._lines:
            known = known[:-1]
        dotted = ".".join(str(part) for part in key_path)
        line = f", line {self._lines[known]}" if known in self._lines else ""
        return f"{self.path}{line}" + (f", {dotted}" if dotted else "")

    def _build(self, node: yaml.Node, at: KeyPath) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at)
        if isinstance(node, yaml.SequenceNode):
            for index, child in enumerate(node.value):
                self._lines[(*at, index)] = child.start_mark.line + 1
            return [self._build(child, (*at, index)) for index, child in enumerate(node.value)]
        loader = yaml.SafeLoader("")
        return loader.construct_object(node, deep=True)

    def _mapping(self, node: yaml.MappingNode, at: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in result:
                raise WorkledgerError(
                    f"The name {key!r} stands twice under {'.'.join(map(str, at)) or 'the top level'}",
                    where=f"{self.path}, line {line} and line {self._lines[(*at, key)]}",
                    remedy="Give each its own name.",
                )
            self._lines[(*at, key)] = line
            result[key] = self._build(value_node, (*at, key))
        return result
