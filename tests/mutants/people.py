"""Mutants of who somebody is, where they belong on a day, and how much time the contract gives."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_MATCHED = "models/intermediate/int_actors_matched.sql"
_IDENTIFIED = "models/intermediate/int_people_identified.sql"
_FACTS = "models/intermediate/int_person_facts_dated.sql"
_SPANS = "models/intermediate/int_person_spans_resolved.sql"
_DAYS = "models/intermediate/int_person_days_contracted.sql"
_CAPACITY = "models/core/fct_capacity_days.sql"
_ABSENCES = "models/intermediate/int_absence_days_dated.sql"

PEOPLE = (
    Mutant(
        "the number goes before the address",
        _MATCHED,
        "            emails.person_key,\n            numbers.person_key,",
        "            numbers.person_key,\n            emails.person_key,",
    ),
    Mutant(
        "addresses are told apart by case",
        "macros/keys.sql",
        "nullif(lower(trim({{ expression }})), '')",
        "nullif(trim({{ expression }}), '')",
    ),
    Mutant(
        "the crosswalk is ignored",
        _MATCHED,
        "where valid_from_date is null and valid_to_date is null",
        "where false",
    ),
    Mutant(
        "a stranger's id is the same stranger in every source",
        _MATCHED,
        """person_key_of(["'unresolved id'", 'source', 'person_source_id'])""",
        """person_key_of(["'unresolved id'", 'person_source_id'])""",
    ),
    Mutant(
        "a stranger's address is another in every source",
        _MATCHED,
        """person_key_of(["'unresolved email'", 'person_email'])""",
        """person_key_of(["'unresolved email'", 'source', 'person_email'])""",
    ),
    Mutant("a system account is a person", _MATCHED, "when not is_person then null", "when false then null"),
    Mutant(
        "a shared login keeps its first owner",
        "models/intermediate/int_actors_lent.sql",
        "order by lent.first_date desc, lent.last_date desc",
        "order by lent.first_date, lent.last_date desc",
    ),
    Mutant(
        "a lent account is never lent",
        "models/intermediate/int_actors_lent.sql",
        "where person_key is not null",
        "where false",
    ),
    Mutant(
        "an identifier of two people leads to one of them",
        "models/intermediate/int_person_identifiers_mapped.sql",
        "having count(distinct person_key) = 1",
        "having count(distinct person_key) >= 1",
    ),
    Mutant(
        "an address is another person than its number",
        _IDENTIFIED,
        "when email_numbers.number_count = 1",
        "when false",
    ),
    Mutant(
        "a dated line says who a roster row is",
        _IDENTIFIED,
        "where valid_from_date is null and valid_to_date is null",
        "where true",
    ),
    Mutant(
        "of lines that disagree one is right",
        _IDENTIFIED,
        "having count(distinct person_key) = 1",
        "having count(distinct person_key) >= 1",
    ),
    Mutant(
        "the crosswalk corrects an address that HR knows",
        _IDENTIFIED,
        """        and coalesce(emails.first_source, offered.source) = offered.source
        and coalesce(emails.last_source, offered.source) = offered.source
""",
        "",
    ),
    Mutant(
        "the crosswalk corrects no address",
        _IDENTIFIED,
        "coalesce(offered.line_person_key <> offered.own_person_key, false)",
        "coalesce(offered.line_person_key <> offered.own_person_key, false) and offered.own_email is null",
    ),
    Mutant(
        "of two holders the lesser key is right",
        "models/intermediate/int_actors_lent.sql",
        "having count(distinct coalesce(person_key, '')) = 1",
        "",
    ),
    Mutant(
        "leave of a lent account is the account's",
        _ABSENCES,
        "coalesce(lent.person_key, absences.person_key)",
        "absences.person_key",
    ),
    Mutant(
        "a listed account is never lent",
        "models/intermediate/int_actors_lent.sql",
        "(actors.match_basis = 'source_id' and known_by_id_alone.person_key is not null)",
        "false",
    ),
    Mutant(
        "whoever left still works",
        _FACTS,
        "coalesce(facts.left_date, date '9999-12-31'),",
        "date '9999-12-31',",
    ),
    Mutant(
        "leaving ends the last fact only",
        _FACTS,
        "coalesce(leavings.last_employed_date, date '9999-12-31'),",
        "date '9999-12-31',",
    ),
    Mutant(
        "work begins before the day of hire",
        _FACTS,
        "greatest(facts.valid_from_date, coalesce(facts.hired_date, facts.valid_from_date)) as first_date",
        "facts.valid_from_date as first_date",
    ),
    Mutant("a fact has no end", _FACTS, "coalesce(facts.valid_to_date, date '9999-12-31'),", "date '9999-12-31',"),
    Mutant(
        "whoever is gone from the roster stays",
        _FACTS,
        "where sightings.picture_date is null",
        "where false",
    ),
    Mutant(
        "absence speaks for every format of a roster",
        _FACTS,
        "and seen.delivery_format = pictures.delivery_format",
        "and seen.delivery_format <> pictures.delivery_format",
    ),
    Mutant(
        "a picture holds on the day of the next one",
        _FACTS,
        "coalesce({{ add_days('sequenced.next_picture_date', -1) }}, date '9999-12-31')",
        "coalesce(sequenced.next_picture_date, date '9999-12-31')",
    ),
    Mutant(
        "of two facts the one that starts earlier holds",
        _SPANS,
        "order by facts.first_date desc,",
        "order by facts.first_date asc,",
    ),
    Mutant("any roster employs", _SPANS, "    having min(roster_rank) = 1\n", ""),
    Mutant(
        "an observed roster goes before a dated one",
        _SPANS,
        "order by bool_or(valid_from_basis = 'reported') desc",
        "order by bool_or(valid_from_basis = 'reported') asc",
    ),
    Mutant(
        "hours of two rosters are mixed",
        _SPANS,
        " filter (where fact_rank = contract_rank)",
        "",
    ),
    Mutant("a position hides the contract", _SPANS, "facts.source, facts.delivery_format\n", "facts.source\n"),
    Mutant(
        "of two formats the earlier start speaks first",
        _SPANS,
        "roster_rank, first_date desc",
        "roster_rank, first_date asc",
    ),
    Mutant(
        "a hole between two facts is employment",
        _SPANS,
        "and intervals.from_date <= facts.last_date",
        "",
    ),
    Mutant(
        "today's team and role",
        "models/intermediate/int_activities_dated.sql",
        "    and coalesce(parted.part_date, parted.first_date)\n    between person_spans.valid_from_date and coalesce(",
        "    and coalesce(date '9999-12-31', parted.part_date)\n    between person_spans.valid_from_date and coalesce(",
    ),
    Mutant(
        "an unknown contract is 0 hours",
        _DAYS,
        "when spans.contracted_week_us is null then null",
        "when spans.contracted_week_us is null then 0",
    ),
    Mutant(
        "an unknown contract is 8 hours",
        _DAYS,
        "when is_free and pattern_day_us is not null then 0 else pattern_day_us end",
        "when is_free and pattern_day_us is not null then 0 else coalesce(pattern_day_us, 28800000000) end",
    ),
    Mutant(
        "part-timers work full time",
        _DAYS,
        "        spans.*,\n",
        "        spans.* replace (greatest(contracted_week_us, 144000000000) as contracted_week_us),\n",
    ),
    Mutant("a work schedule is ignored", _DAYS, "when spans.work_schedule is not null then", "when false then"),
    Mutant(
        "nobody works on a holiday",
        _DAYS,
        "place_days.is_holiday and not coalesce(scheduled.is_worked_on_holidays, false)",
        "place_days.is_holiday",
    ),
    Mutant(
        "a schedule of which nobody says the hours asks for none",
        _DAYS,
        "then scheduled.scheduled_us",
        "then coalesce(scheduled.scheduled_us, 0)",
    ),
    Mutant(
        "a cycle runs backwards before its first day",
        "models/intermediate/int_schedule_days_cycled.sql",
        "(placed.days_after_start + placed.cycle_days) % placed.cycle_days",
        "abs(placed.days_after_start)",
    ),
    Mutant(
        "a cycle begins a day late",
        "models/intermediate/int_schedule_days_cycled.sql",
        "% placed.cycle_days + 1 = asked.cycle_day",
        "% placed.cycle_days + 1 = asked.cycle_day % placed.cycle_days + 1",
    ),
    Mutant("the pattern of the week is ignored", _DAYS, "when spans.has_pattern then", "when false then"),
    Mutant(
        "a silent day of a full pattern is unknown",
        _DAYS,
        "when spans.pattern_us = spans.contracted_week_us or not place_days.is_policy_weekday then 0",
        "when not place_days.is_policy_weekday then 0",
    ),
    Mutant(
        "what does not divide is lost",
        _DAYS,
        "<= spans.contracted_week_us % place_days.weekday_count then 1",
        "<= spans.contracted_week_us % place_days.weekday_count then 0",
    ),
    Mutant(
        "a holiday is worked",
        _DAYS,
        "case when is_free and pattern_day_us is not null then 0",
        "case when false then 0",
    ),
    Mutant(
        "a part of a country has no holidays of the country",
        _DAYS,
        "coalesce(own.place, country.place) as holiday_place",
        "own.place as holiday_place",
    ),
    Mutant(
        "a country's holidays go before its part's",
        _DAYS,
        "coalesce(own.place, country.place) as holiday_place",
        "coalesce(country.place, own.place) as holiday_place",
    ),
    Mutant(
        "leave is taken before it is approved",
        _ABSENCES,
        "    where absences.status = 'approved'\n",
        "",
    ),
    Mutant(
        "leave ends a day early",
        _ABSENCES,
        "between absences.start_date and absences.end_date",
        "between absences.start_date and absences.end_date - 1",
    ),
    Mutant(
        "leave without a size is none",
        _ABSENCES,
        "absences.day_absent_us is null then 1 else",
        "absences.day_absent_us is null then 0 else",
    ),
    Mutant(
        "two halves of a day are one half",
        _ABSENCES,
        "sum(coalesce(day_ratio, 0)) as day_ratio",
        "max(coalesce(day_ratio, 0)) as day_ratio",
    ),
    Mutant(
        "leave told by two sources counts twice",
        _CAPACITY,
        """        max(
            least(
                days.contracted_us,
                cast(round(absences.day_ratio * days.contracted_us) as bigint) + absences.day_absent_us
            )
        ) as absent_us""",
        """        least(
            max(days.contracted_us),
            cast(sum(round(absences.day_ratio * days.contracted_us) + absences.day_absent_us) as bigint)
        ) as absent_us""",
    ),
    Mutant(
        "leave is longer than the day",
        _CAPACITY,
        "                days.contracted_us,\n                cast(",
        "                999999999999,\n                cast(",
    ),
    Mutant(
        "leave takes no capacity",
        _CAPACITY,
        "    days.contracted_us - coalesce(absent.absent_us, 0) as effective_us",
        "    days.contracted_us as effective_us",
    ),
    Mutant(
        "leave in hours is ignored",
        _CAPACITY,
        " + absences.day_absent_us\n",
        "\n",
    ),
    Mutant(
        "nobody is absent on a day of unknown capacity, so 0",
        _CAPACITY,
        "case when days.contracted_us is not null then coalesce(absent.absent_us, 0) end as absent_us",
        "coalesce(absent.absent_us, 0) as absent_us",
    ),
)
