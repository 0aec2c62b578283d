"""Who is to be erased: everything that leads to a person, from what the kept versions know.

Rows of an account that is theirs may stand under another key in an older version, a closed month or a release: the key that the
account had before it was known whose it is. Which keys that can have been follows from the account and the workspace's salt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from connectors.persons import Lent, Person, find_in_files
from connectors.sql_text import literal
from connectors.suppression import Suppressed
from data_contracts.errors import WorkledgerError
from data_contracts.load import load_streams
from orchestration.key_salt import key_salt
from orchestration.person_lookup import NobodyError, person_key_of
from orchestration.publication.layout import database_files
from orchestration.publication.versions import current_version, list_versions, version_folder
from orchestration.workspace import Workspace

KNOWN = """
with own as (
    select source, person_email, person_number, person_source_id, person_name
    from state.intermediate.int_actors_matched where person_key in {keys}
    union
    select source, person_email, person_number, person_source_id, null
    from state.intermediate.int_people_identified where person_key in {keys}
    union
    select null, told_email, told_number, null, null
    from state.intermediate.int_people_identified where person_key in {keys}
    union
    select null, person_email, person_number, null, person_name
    from directory.core.dim_person_names where person_key in {keys}
), identifiers as (
    select 'email' as kind, null as source, person_email as value from own
    union select 'number', null, person_number from own
    union select 'source_id', source, person_source_id from own where source is not null
    union select 'name', null, person_name from own
    union select 'account', source, person_name from own
    where source is not null and coalesce(person_email, person_number, person_source_id) is null
    union select 'roster_id', source, coalesce(person_source_id, source_record_id)
    from state.intermediate.int_people_identified where person_key in {keys}
), others as (
    select identifier_kind as kind, source, identifier as value
    from state.intermediate.int_person_identifiers_mapped where person_key not in {keys}
    union select 'name', null, person_name from directory.core.dim_person_names where person_key not in {keys}
    union select 'name', null, person_name from state.intermediate.int_actors_matched where person_key not in {keys}
    union select identifier_kind, source, identifier
    from newest_state.intermediate.int_person_identifiers_mapped where person_key not in {keys}
    union select 'name', null, person_name from newest_directory.core.dim_person_names where person_key not in {keys}
    union select 'source_id', source, person_source_id
    from newest_state.intermediate.int_actors_matched where is_resolved and person_key not in {keys}
    union select 'account', source, person_name from newest_state.intermediate.int_actors_matched
    where is_resolved and coalesce(person_email, person_number, person_source_id) is null and person_key not in {keys}
)
select identifiers.kind, identifiers.source, identifiers.value
from identifiers left join others
    on identifiers.kind = others.kind and identifiers.source is not distinct from others.source
    and lower(identifiers.value) = lower(others.value)
where identifiers.value is not null and others.kind is null
group by all
"""

LENT = """
select matched.source, coalesce(matched.person_email, ''), coalesce(matched.person_number, ''),
    coalesce(matched.person_source_id, ''), coalesce(matched.person_name, ''),
    lent.valid_from_date::varchar, lent.valid_to_date::varchar, lent.actor_key
from state.intermediate.int_actors_lent as lent
join state.intermediate.int_actors_matched as matched on lent.actor_key = matched.actor_key
where lent.person_key in {keys}
"""


def identify(workspace: Workspace, asked: str, suppressed: Suppressed) -> Person:
    """Everything that leads to the person named by key, e-mail address or number.

    An address or number that no kept version knows is a person's where rows that came in bear it. Raises WorkledgerError where
    nothing is published, and where the person is nobody, several or erased already.
    """
    current = current_version(workspace.published)
    if current is None:
        raise WorkledgerError("Nothing is published yet, so nobody is known", remedy="workledger refresh")
    # What readers see now says best whose an account is; versions that are older know of accounts that are gone.
    others = [name for name in reversed(list_versions(workspace.published)) if name != current]
    folders = [version_folder(workspace.published, name) for name in (current, *others)]
    key = _key_in(folders, asked)
    if key is None and _is_erased(suppressed, asked):
        raise WorkledgerError(
            "This person is erased already",
            where=str(workspace.erasures),
            remedy="If an export still names them, their rows are left out as it comes in.",
        )
    person = Person(keys=frozenset({key})) if key is not None else _unpublished(asked)
    salt = key_salt(workspace.key_salt)
    for folder in folders:
        # A number that came later, or a crosswalk, gave the person another key in another version.
        person = replace(person, keys=person.keys | {*_keys(folder, person)} | possible_keys(person, salt))
        known, roster_ids = _known(folder, person, folders[0])
        # On which days an account was lent is told by the newest version that knows of any: the days may have been corrected.
        person = person.and_also(replace(known, lent=frozenset()) if person.lent else known)
        person = replace(person, keys=person.keys | possible_keys(person, salt, roster_ids))
    if key is None and not _has_rows(workspace, person):
        person_key_of(folders[0], asked)
    return person


def _key_in(folders: Iterable[Path], asked: str) -> str | None:
    """The person's key in the first version that knows one; None where none does."""
    for folder in folders:
        try:
            return person_key_of(folder, asked)
        except NobodyError:
            continue
    return None


def _has_rows(workspace: Workspace, person: Person) -> bool:
    """Whether rows are the person's. That texts mention what was asked for is not enough: others' addresses may hold it."""
    import duckdb

    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        return any(
            found.own
            for stream in sorted(load_streams())
            for found in find_in_files(
                con, person, stream, sorted((workspace.data / "streams" / stream).glob("*.parquet"))
            ).values()
        )


def _unpublished(asked: str) -> Person:
    text = asked.strip()
    if "@" in text:
        return Person(emails=frozenset({text.lower()}))
    return Person(numbers=frozenset({text.upper()}))


def possible_keys(person: Person, salt: str, roster_ids: Iterable[tuple[str, str]] = ()) -> frozenset[str]:
    """Keys that the models give to what is the person's (int_people_identified, int_actors_matched)."""
    parts = [
        *(("number", number) for number in person.numbers),
        *(("unresolved number", number) for number in person.numbers),
        *(("email", email) for email in person.emails),
        *(("unresolved email", email) for email in person.emails),
        *(("unresolved id", *account) for account in person.source_ids),
        *(("unresolved name", *account) for account in person.accounts),
        *person.source_ids,
        *roster_ids,
    ]
    return frozenset(hashlib.md5("\x1f".join((salt, *part)).encode()).hexdigest() for part in parts)


def _is_erased(suppressed: Suppressed, asked: str) -> bool:
    text = asked.strip()
    return any(
        suppressed.has(kind, value)
        for kind, value in (("email", text.lower()), ("number", text.upper()), ("key", text))
    )


def _known(folder: Path, person: Person, newest: Path) -> tuple[Person, frozenset[tuple[str, str]]]:
    """What a version knows of a person, and the ids of their roster rows; nothing that is somebody else's in the ``newest``."""
    import duckdb

    keys = _listed(person.keys)
    found: dict[str, set[tuple[str, str]]] = {}
    files = database_files(folder)
    with duckdb.connect() as con:
        for catalog in ("state", "directory"):
            con.execute(f"attach {literal(files[catalog])} as {catalog} (read_only)")
        for catalog, file in database_files(newest).items():
            if catalog in ("state", "directory"):
                con.execute(f"attach {literal(file)} as newest_{catalog} (read_only)")
        try:
            rows = con.execute(KNOWN.format(keys=keys)).fetchall()
            lent = frozenset(Lent(*row) for row in con.execute(LENT.format(keys=keys)).fetchall())
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            if folder == newest:
                raise WorkledgerError(
                    "The current version was made by older code and does not say whose an account is",
                    where=str(folder),
                    remedy="workledger refresh, and erase then",
                ) from error
            # What older code called otherwise is not asked for; rows of the keys and addresses that are known go all the same.
            return Person(), frozenset()
    for kind, source, value in rows:
        found.setdefault(kind, set()).add((source, value.strip()))
    values = {kind: frozenset(value for _, value in pairs) for kind, pairs in found.items()}
    none: frozenset[str] = frozenset()
    known = Person(
        emails=frozenset(value.lower() for value in values.get("email", none)),
        numbers=frozenset(value.upper() for value in values.get("number", none)),
        source_ids=frozenset(found.get("source_id", set())),
        accounts=frozenset(found.get("account", set())),
        names=values.get("name", none),
        lent=lent,
    )
    return known, frozenset(found.get("roster_id", set()))


def _keys(folder: Path, person: Person) -> list[str]:
    import duckdb

    directory = database_files(folder)["directory"]
    if not directory.is_file():
        return []
    with duckdb.connect(str(directory), read_only=True) as con:
        rows = con.execute(
            "select person_key from core.dim_person_names"
            f" where lower(trim(person_email)) in {_listed(person.emails)}"
            f" or upper(trim(person_number)) in {_listed(person.numbers)}"
        ).fetchall()
    return [key for (key,) in rows]


def _listed(values: frozenset[str]) -> str:
    return f"({', '.join(map(literal, sorted(values)))})" if values else "(null)"
