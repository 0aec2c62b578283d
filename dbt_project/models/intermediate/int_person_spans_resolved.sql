-- One line of time a person: what held on each day, in spans of constant facts. Where facts of one roster and format overlap, the one
-- that starts later wins. A roster may be told in several formats (workers, positions): the later start speaks first, and the others fill
-- in what it does not say. Where several rosters know a person, one of them (dated before observed, with hours before without) decides on
-- which days they are employed, and the others fill in after it. Days that no fact covers stay uncovered.
{% set weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] %}
{% set described = ['employment_type', 'role_name', 'team_name', 'manager_person_key', 'place', 'zone', 'cost_centre'] %}
{% set contract = ['contracted_week_us', 'fte', 'work_schedule'] + weekdays | map('replace', 'day', 'day_us') | list %}
with facts as (
    select
        facts.*,
        coalesce(emails.person_key, numbers.person_key) as manager_person_key
    from {{ ref('int_person_facts_dated') }} as facts
    left join {{ ref('int_person_identifiers_mapped') }} as emails
        on emails.identifier_kind = 'email'
        and facts.manager_email = emails.identifier
        and emails.is_person
    left join {{ ref('int_person_identifiers_mapped') }} as numbers
        on numbers.identifier_kind = 'number'
        and facts.manager_number = numbers.identifier
        and numbers.is_person
),

rosters as (
    select
        person_key,
        source,
        row_number() over (
            partition by person_key
            order by bool_or(valid_from_basis = 'reported') desc, bool_or(has_hours) desc, source
        ) as roster_rank
    from facts
    group by person_key, source
),

boundaries as (
    select person_key, first_date as boundary_date from facts
    union
    select person_key, {{ add_days('last_date', 1) }} as boundary_date from facts where last_date < date '9999-12-31'
),

intervals as (
    select
        person_key,
        boundary_date as from_date,
        coalesce(
            {{ add_days('lead(boundary_date) over (partition by person_key order by boundary_date)', -1) }}, date '9999-12-31'
        ) as to_date
    from boundaries
),

candidates as (
    select
        intervals.person_key as interval_person_key,
        intervals.from_date,
        intervals.to_date,
        rosters.roster_rank,
        facts.*
    from intervals
    inner join facts
        on intervals.person_key = facts.person_key
        and intervals.from_date >= facts.first_date
        and intervals.from_date <= facts.last_date
    inner join rosters
        on facts.person_key = rosters.person_key
        and facts.source = rosters.source
    qualify row_number() over (
        partition by intervals.person_key, intervals.from_date, facts.source, facts.delivery_format
        order by facts.first_date desc, facts.delivery_order desc, facts.source_record_id desc
    ) = 1
),

ranked as (
    select
        candidates.*,
        row_number() over (
            partition by interval_person_key, from_date
            order by roster_rank, first_date desc, delivery_order desc, source_record_id desc, delivery_format
        ) as fact_rank
    from candidates
),

contract_ranked as (
    select
        ranked.*,
        min(case when has_hours then fact_rank end) over (partition by interval_person_key, from_date) as contract_rank
    from ranked
),

described as (
    select
        interval_person_key as person_key,
        from_date,
        to_date,
        min_by(source, fact_rank) as roster_source,
        min_by(valid_from_basis, fact_rank) as valid_from_basis,
        {% for column in described %}
        min_by({{ column }}, fact_rank) filter (where {{ column }} is not null) as {{ column }},
        {% endfor %}
        {% for column in contract %}
        max({{ column }}) filter (where fact_rank = contract_rank) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from contract_ranked
    group by interval_person_key, from_date, to_date
    having min(roster_rank) = 1
),

fingerprinted as (
    select
        described.*,
        {{ surrogate_key(['roster_source', 'valid_from_basis'] + described + contract) }} as fingerprint
    from described
),

compared as (
    select
        fingerprinted.*,
        case
            when lag(fingerprint) over (partition by person_key order by from_date) = fingerprint
                and lag(to_date) over (partition by person_key order by from_date) = {{ add_days('from_date', -1) }}
                then 0
            else 1
        end as starts_span
    from fingerprinted
),

numbered as (
    select
        compared.*,
        sum(starts_span) over (
            partition by person_key order by from_date rows between unbounded preceding and current row
        ) as span_number
    from compared
),

spans as (
    select
        person_key,
        span_number,
        min(from_date) as valid_from_date,
        nullif(max(to_date), date '9999-12-31') as valid_to_date,
        max(roster_source) as roster_source,
        max(valid_from_basis) as valid_from_basis,
        {% for column in described + contract %}
        max({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from numbered
    group by person_key, span_number
)

select
    {{ surrogate_key(['person_key', 'valid_from_date']) }} as person_span_key,
    person_key,
    valid_from_date,
    valid_to_date,
    valid_from_basis,
    roster_source,
    {{ team_key('team_name') }} as team_key,
    {{ role_key('role_name') }} as role_key,
    {% for column in described + contract %}
    {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from spans
