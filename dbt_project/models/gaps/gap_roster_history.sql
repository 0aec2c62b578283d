-- Days on which the dated facts of one roster leave a hole between two, or say two things at once. Whoever left and was hired again was not
-- employed in between: that is no hole. A fact without an end ends where the next one begins: that is no overlap. Facts of two formats fill
-- each other in: they leave a hole only together, and do not overlap.
with facts as (
    select
        person_key,
        source,
        delivery_format,
        person_fact_key,
        first_date,
        last_date,
        stated_last_date,
        employment_end_date,
        hired_date
    from {{ ref('int_person_facts_dated') }}
    where valid_from_basis = 'reported'
),

compared as (
    select
        facts.*,
        max(last_date) over earlier as earlier_last_date,
        max(employment_end_date) over earlier as left_date,
        max(first_date) over earlier_of_format as earlier_first_date,
        max(stated_last_date) over earlier_of_format as earlier_stated_date,
        max(last_date) over earlier_of_format as earlier_last_of_format
    from facts
    window
        earlier as (
            partition by person_key, source
            order by first_date, person_fact_key rows between unbounded preceding and 1 preceding
        ),
        earlier_of_format as (
            partition by person_key, source, delivery_format
            order by first_date, person_fact_key rows between unbounded preceding and 1 preceding
        )
),

stretches as (
    select
        person_key,
        source,
        'hole' as fault,
        {{ add_days('earlier_last_date', 1) }} as start_date,
        {{ add_days('first_date', -1) }} as end_date
    from compared
    where first_date > {{ add_days('earlier_last_date', 1) }}
        and earlier_last_date is distinct from left_date
        and (hired_date is null or hired_date <= earlier_last_date)

    union all

    select
        person_key,
        source,
        'overlap' as fault,
        first_date as start_date,
        least(last_date, case when first_date = earlier_first_date then earlier_last_of_format else earlier_stated_date end) as end_date
    from compared
    where first_date = earlier_first_date
        or first_date <= earlier_stated_date
),

merged as (
    select
        person_key,
        source,
        fault,
        start_date,
        max(end_date) as end_date
    from stretches
    group by person_key, source, fault, start_date
)

select
    {{ gap_columns(
        rule='roster_history', severity="'warns'", scope='person',
        key_parts=['merged.person_key', 'merged.source', 'merged.fault', 'merged.start_date'],
        source='merged.source', person_key='merged.person_key', start_date='merged.start_date',
        end_date="nullif(merged.end_date, date '9999-12-31')", hours_at_stake='null',
        owner="coalesce(sources.owner, 'people data')",
        detail="case merged.fault when 'hole' then 'Between two facts of the roster, none holds' else 'Two facts of the roster hold at once; the one that starts later counts' end",
        remedy="'Correct the dates in the roster. Say when somebody left and was hired again, if that is why.'"
    ) }}
from merged
left join {{ ref('dim_sources') }} as sources
    on merged.source = sources.source
