"""The one error type shown to people: what happened, where, what to do."""

from __future__ import annotations


class WorkledgerError(Exception):
    """A user's mistake or a state that needs a person.

    ``what`` is a sentence, ``where`` names file, row, column or key, ``remedy`` says what to do next. The command line prints the
    three as one paragraph and no traceback.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        todo = f" {self.remedy}" if self.remedy else ""
        stop = "" if not place and self.what.endswith((".", "!", "?")) else "."
        return f"{self.what}{place}{stop}{todo}"
