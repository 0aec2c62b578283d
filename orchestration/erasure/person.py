"""Who is to be erased: everything that leads to a person, from what the kept versions know."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from connectors.persons import Lent, Person
from connectors.readers.text_tables import literal
from connectors.suppression import Suppressed
from data_contracts.errors import WorkledgerError
from orchestration.person_lookup import person_key_of
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
), others as (
    select identifier_kind as kind, source, identifier as value
    from state.intermediate.int_person_identifiers_mapped where person_key not in {keys}
    union select 'name', null, person_name from directory.core.dim_person_names where person_key not in {keys}
    union select 'name', null, person_name from state.intermediate.int_actors_matched where person_key not in {keys}
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

    Raises WorkledgerError where nothing is published, and where the person is nobody, several or erased already.
    """
    version = current_version(workspace.published)
    if version is None:
        raise WorkledgerError("Nothing is published yet, so nobody is known", remedy="workledger refresh")
    folder = version_folder(workspace.published, version)
    try:
        key = person_key_of(folder, asked)
    except WorkledgerError:
        if _is_erased(suppressed, asked):
            raise WorkledgerError(
                "This person is erased already",
                where=str(workspace.erasures),
                remedy="If an export still names them, their rows are left out as it comes in.",
            ) from None
        raise
    person = _known(folder, Person(keys=frozenset({key})))
    # A number that came later, or a crosswalk, gave the person another key in another version.
    keys = {key for name in list_versions(workspace.published) for key in _keys(workspace, name, person)}
    return replace(person, keys=person.keys | keys)


def _is_erased(suppressed: Suppressed, asked: str) -> bool:
    text = asked.strip()
    return any(
        suppressed.has(kind, value)
        for kind, value in (("email", text.lower()), ("number", text.upper()), ("key", text))
    )


def _known(folder: Path, person: Person) -> Person:
    import duckdb

    keys = _listed(person.keys)
    found: dict[str, set[tuple[str, str]]] = {}
    files = database_files(folder)
    with duckdb.connect() as con:
        for catalog in ("state", "directory"):
            con.execute(f"attach {literal(str(files[catalog]))} as {catalog} (read_only)")
        for kind, source, value in con.execute(KNOWN.format(keys=keys)).fetchall():
            found.setdefault(kind, set()).add((source, value.strip()))
        lent = frozenset(Lent(*row) for row in con.execute(LENT.format(keys=keys)).fetchall())
    values = {kind: frozenset(value for _, value in pairs) for kind, pairs in found.items()}
    none: frozenset[str] = frozenset()
    return Person(
        keys=person.keys,
        emails=frozenset(value.lower() for value in values.get("email", none)),
        numbers=frozenset(value.upper() for value in values.get("number", none)),
        source_ids=frozenset(found.get("source_id", set())),
        accounts=frozenset(found.get("account", set())),
        names=values.get("name", none),
        lent=lent,
    )


def _keys(workspace: Workspace, version: str, person: Person) -> list[str]:
    import duckdb

    directory = database_files(version_folder(workspace.published, version))["directory"]
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
