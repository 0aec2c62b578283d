"""What a mutant is: one rule of the dbt project, said wrongly."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Mutant(NamedTuple):
    """``old`` stands exactly once in ``file`` (under dbt_project) and says a rule; ``new`` says it wrongly."""

    name: str
    file: str
    old: str
    new: str

    def text(self, project: Path) -> str:
        """The file as it reads with the mutant in it. Raises ValueError where the rule no longer stands there exactly once."""
        text = (project / self.file).read_text(encoding="utf-8")
        if (count := text.count(self.old)) != 1:
            raise ValueError(f"{self.name}: the text stands {count} times in {self.file}: {self.old!r}")
        if self.old == self.new:
            raise ValueError(f"{self.name}: changes nothing")
        return text.replace(self.old, self.new)
