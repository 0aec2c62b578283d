"""Who is meant: a person by key, e-mail address or number, looked up in the directory of a version."""

from __future__ import annotations

from pathlib import Path

from data_contracts.errors import WorkledgerError
from orchestration.publication.layout import AUDIENCE_FILES


class NobodyError(WorkledgerError):
    """A version knows nobody of that key, address or number."""


def person_key_of(files: Path, person: str) -> str:
    """The key of a person named by key, e-mail address or number. Raises WorkledgerError where it is several,
    NobodyError where nobody."""
    import duckdb

    asked = person.strip()
    with duckdb.connect(str(files / AUDIENCE_FILES["directory"]), read_only=True) as connection:
        found = connection.execute(
            "select person_key from core.dim_person_names where person_key = $asked or lower(person_email) = lower($asked)"
            " or upper(trim(person_number)) = upper($asked) order by all",
            {"asked": asked},
        ).fetchall()
    if len(found) != 1:
        error = WorkledgerError if found else NobodyError
        raise error(
            f"{'Several people are' if found else 'Nobody is'} known as {asked!r}",
            where=str(files / AUDIENCE_FILES["directory"]),
            remedy="Name the person by key, e-mail address or number, as in core.dim_person_names of the directory.",
        )
    return str(found[0][0])
