{#
Utilisation of one kind of owner by period: one definition for every mart that shows it.

owner     the mart's key column: person_key or team_key (the team of the day, in the fact and in the capacity alike)
bucket    week or month: <bucket>_start_date and <bucket>_end_date of dim_dates

Ends in a CTE named `utilisation`. Capacity runs to as_of. Hours of a day stand in the numerator where that day's capacity is known, else
in hours_without_capacity. Hours of a period stand in the numerator where the bucket holds the whole period and every day of it has known
capacity; where the bucket cannot hold it, or no team holds all of its days, they are unplaced, in the bucket (and the team) in which the
period starts, and every bucket (and team) that it overlaps is incomplete.
#}
{% macro utilisation_by(owner, bucket) -%}
    {%- set bucket_start = bucket ~ '_start_date' -%}
    {%- set bucket_end = bucket ~ '_end_date' -%}
with as_of as (
    select as_of_date from {{ source('workspace', 'as_of') }}
),

parts as (
    select * from {{ ref('int_person_parts_measured') }}
    where is_past
),

capacity_days as (
    select
        person_key,
        capacity_date,
        effective_us
    from {{ ref('fct_capacity_days') }}
    where capacity_date <= (select as_of_date from as_of)
),

period_hours as (
    select
        person_key,
        team_key,
        period_start_date,
        period_end_date,
        sum(duration_us) as counted_us,
        sum(duration_us) filter (where is_billable) as billable_us,
        sum(duration_us) filter (where is_billable is null) as unstated_us
    from {{ ref('fct_activities') }}
    where is_counted and work_date is null
    group by person_key, team_key, period_start_date, period_end_date
),

period_capacity as (
    select
        periods.person_key,
        periods.period_start_date,
        periods.period_end_date,
        count(capacity_days.effective_us) as known_days
    from (
        select person_key, period_start_date, period_end_date
        from period_hours
        group by person_key, period_start_date, period_end_date
    ) as periods
    left join capacity_days
        on periods.person_key = capacity_days.person_key
        and capacity_days.capacity_date between periods.period_start_date and periods.period_end_date
    group by periods.person_key, periods.period_start_date, periods.period_end_date
),

placed_periods as (
    select
        period_hours.{{ owner }},
        period_hours.person_key as member_key,
        dates.{{ bucket_start }},
        dates.{{ bucket_end }},
        period_hours.counted_us,
        period_hours.billable_us,
        period_hours.unstated_us,
        case
            when period_hours.period_end_date > dates.{{ bucket_end }} then 'unplaced'
            {% if owner == 'team_key' -%}
            when divided.person_key is not null then 'unplaced'
            {% endif -%}
            when period_capacity.known_days
                = {{ days_between('period_hours.period_start_date', 'period_hours.period_end_date') }} + 1 then 'with_capacity'
            else 'without_capacity'
        end as placement
    from period_hours
    inner join {{ ref('dim_dates') }} as dates
        on period_hours.period_start_date = dates.calendar_date
    left join period_capacity
        on period_hours.person_key = period_capacity.person_key
        and period_hours.period_start_date = period_capacity.period_start_date
        and period_hours.period_end_date = period_capacity.period_end_date
    {%- if owner == 'team_key' %}
    left join {{ ref('int_team_periods_divided') }} as divided
        on period_hours.person_key = divided.person_key
        and period_hours.period_start_date = divided.period_start_date
        and period_hours.period_end_date = divided.period_end_date
    {%- endif %}
),

hours as (
    select
        {{ owner }},
        {{ bucket_start }},
        counted_us,
        billable_us,
        unstated_us,
        counted_with_capacity_us,
        billable_with_capacity_us,
        counted_without_capacity_us,
        cast(null as bigint) as unplaced_us
    from parts
    where has_counted_days

    union all

    select
        {{ owner }},
        {{ bucket_start }},
        counted_us,
        billable_us,
        unstated_us,
        case when placement = 'with_capacity' then counted_us end as counted_with_capacity_us,
        case when placement = 'with_capacity' then billable_us end as billable_with_capacity_us,
        case when placement = 'without_capacity' then counted_us end as counted_without_capacity_us,
        case when placement = 'unplaced' then counted_us end as unplaced_us
    from placed_periods
),

hours_by_bucket as (
    select
        {{ owner }},
        {{ bucket_start }},
        sum(counted_us) as counted_us,
        sum(billable_us) as billable_us,
        sum(unstated_us) as unstated_us,
        sum(counted_with_capacity_us) as counted_with_capacity_us,
        sum(billable_with_capacity_us) as billable_with_capacity_us,
        sum(counted_without_capacity_us) as without_capacity_us,
        sum(unplaced_us) as unplaced_us
    from hours
    group by {{ owner }}, {{ bucket_start }}
),

capacity_by_bucket as (
    select
        {{ owner }},
        {{ bucket_start }},
        sum(person_days) as person_days,
        sum(unknown_capacity_days) as unknown_capacity_days,
        sum(contracted_us) as contracted_us,
        sum(absent_us) as absent_us,
        sum(effective_us) as effective_us
    from parts
    where person_days > 0
    group by {{ owner }}, {{ bucket_start }}
),

members as (
    select
        {{ owner }},
        {{ bucket_start }},
        {{ bucket_end }},
        person_key as member_key
    from parts
    group by all

    union

    select
        {{ owner }},
        {{ bucket_start }},
        {{ bucket_end }},
        member_key
    from placed_periods
    group by all
),

member_counts as (
    select
        {{ owner }},
        {{ bucket_start }},
        {{ bucket_end }},
        count(*) as person_count
    from members
    group by {{ owner }}, {{ bucket_start }}, {{ bucket_end }}
),

overlapping_periods as (
    select
        members.{{ owner }},
        members.{{ bucket_start }},
        sum(overlapped.{{ 'cut_or_divided_us' if owner == 'team_key' else 'cut_us' }}) as overlapping_us
    from members
    inner join {{ ref('int_periods_overlapped') }} as overlapped
        on members.member_key = overlapped.person_key
        and members.{{ bucket_start }} = overlapped.bucket_start_date
    where overlapped.bucket_kind = '{{ bucket }}'
    group by members.{{ owner }}, members.{{ bucket_start }}
),

person_gaps as (
    select
        members.{{ owner }},
        members.{{ bucket_start }},
        gaps.gap_key,
        gaps.severity
    from members
    inner join {{ person_gaps() }} as gaps
        on members.member_key = gaps.person_key
        and gaps.start_date <= members.{{ bucket_end }}
        and coalesce(gaps.end_date, gaps.start_date) >= members.{{ bucket_start }}
    group by all
),

gaps_by_bucket as (
    select
        {{ owner }},
        {{ bucket_start }},
        count(*) as gap_count,
        count(*) filter (where severity = 'blocks') as blocking_gap_count
    from person_gaps
    group by {{ owner }}, {{ bucket_start }}
),

utilisation as (
    select
        member_counts.{{ bucket_start }},
        member_counts.{{ bucket_end }},
        member_counts.{{ owner }},
        member_counts.person_count,
        cast(coalesce(capacity_by_bucket.person_days, 0) as bigint) as person_days,
        cast(coalesce(capacity_by_bucket.unknown_capacity_days, 0) as bigint) as unknown_capacity_days,
        {{ hours('capacity_by_bucket.contracted_us') }} as contracted_hours,
        {{ hours('capacity_by_bucket.absent_us') }} as absent_hours,
        {{ hours('capacity_by_bucket.effective_us') }} as effective_capacity_hours,
        {{ hours('coalesce(hours_by_bucket.counted_us, 0)') }} as counted_hours,
        {{ hours('coalesce(hours_by_bucket.billable_us, 0)') }} as billable_hours,
        {{ hours('coalesce(hours_by_bucket.counted_with_capacity_us, 0)') }} as counted_hours_with_capacity,
        {{ hours('coalesce(hours_by_bucket.billable_with_capacity_us, 0)') }} as billable_hours_with_capacity,
        {{ hours('coalesce(hours_by_bucket.unstated_us, 0)') }} as billable_unstated_hours,
        {{ hours('coalesce(hours_by_bucket.without_capacity_us, 0)') }} as hours_without_capacity,
        {{ hours('coalesce(hours_by_bucket.unplaced_us, 0)') }} as unplaced_hours,
        {{ hours('coalesce(overlapping_periods.overlapping_us, 0)') }} as overlapping_period_hours,
        {{ ratio('coalesce(hours_by_bucket.counted_with_capacity_us, 0)', 'capacity_by_bucket.effective_us') }} as utilisation_ratio,
        {{ ratio('coalesce(hours_by_bucket.billable_with_capacity_us, 0)', 'capacity_by_bucket.effective_us') }}
            as billable_utilisation_ratio,
        {{ ratio('coalesce(hours_by_bucket.billable_us, 0)', 'hours_by_bucket.counted_us') }} as billable_mix_ratio,
        {{ ratio('coalesce(hours_by_bucket.counted_with_capacity_us, 0)', 'hours_by_bucket.counted_us') }} as coverage_ratio,
        coalesce(gaps_by_bucket.gap_count, 0) as gap_count,
        coalesce(gaps_by_bucket.blocking_gap_count, 0) as blocking_gap_count,
        member_counts.{{ bucket_end }} <= {{ settled_date() }}
            and coalesce(capacity_by_bucket.unknown_capacity_days, 0) = 0
            and coalesce(hours_by_bucket.without_capacity_us, 0) = 0
            and coalesce(overlapping_periods.overlapping_us, 0) = 0
            and coalesce(gaps_by_bucket.gap_count, 0) = 0 as is_complete
    from member_counts
    cross join as_of
    left join hours_by_bucket
        on member_counts.{{ owner }} is not distinct from hours_by_bucket.{{ owner }}
        and member_counts.{{ bucket_start }} = hours_by_bucket.{{ bucket_start }}
    left join capacity_by_bucket
        on member_counts.{{ owner }} is not distinct from capacity_by_bucket.{{ owner }}
        and member_counts.{{ bucket_start }} = capacity_by_bucket.{{ bucket_start }}
    left join overlapping_periods
        on member_counts.{{ owner }} is not distinct from overlapping_periods.{{ owner }}
        and member_counts.{{ bucket_start }} = overlapping_periods.{{ bucket_start }}
    left join gaps_by_bucket
        on member_counts.{{ owner }} is not distinct from gaps_by_bucket.{{ owner }}
        and member_counts.{{ bucket_start }} = gaps_by_bucket.{{ bucket_start }}
)
{%- endmacro %}

{# The team's target that holds on the first day of the bucket; a target of a role is not the team's. #}
{% macro team_utilisation(bucket) -%}
{{ utilisation_by('team_key', bucket) }},

targets as (
    select
        utilisation.team_key,
        utilisation.{{ bucket }}_start_date,
        max_by(targets.utilisation_target_ratio, coalesce(targets.valid_from_date, date '0001-01-01')) as utilisation_target_ratio
    from utilisation
    inner join {{ ref('dim_targets') }} as targets
        on utilisation.team_key = targets.team_key
        and targets.role_key is null
        and utilisation.{{ bucket }}_start_date
        between coalesce(targets.valid_from_date, date '0001-01-01') and coalesce(targets.valid_to_date, date '9999-12-31')
    group by utilisation.team_key, utilisation.{{ bucket }}_start_date
)

select
    utilisation.*,
    targets.utilisation_target_ratio
from utilisation
left join targets
    on utilisation.team_key = targets.team_key
    and utilisation.{{ bucket }}_start_date = targets.{{ bucket }}_start_date
{%- endmacro %}
