{#
  Capacity, plan and actual by week for one kind of owner (a person, a team). One definition for every mart that counts them.

  Capacity and bookings meet on the person-day: a booking on a day of unknown capacity is kept out of the ratio and shown beside.
  Actual hours are counted ones of the week: dated on one of its days, or over a period that lies within it and, for a team, wholly in it.
  A week that another period overlaps has more, nobody knows how many: it is incomplete.
#}
{% macro capacity_by_week(key) %}
{%- set owners = 'person_key, team_key' if key == 'team_key' else 'person_key' -%}
{%- set booked_columns = [
    'allocated_us', 'allocated_with_capacity_us', 'allocated_without_capacity_us', 'tentative_us', 'unsized_bookings',
    'unsized_confirmed', 'sized_confirmed', 'unsized_tentative', 'sized_tentative', 'over_allocated_days'
] -%}
with policy as (
    select week_starts_on from {{ source('workspace', 'policy') }}
),

capacity_days as (
    select * from {{ ref('fct_capacity_days') }}
),

booked_days as (
    select
        person_key,
        max(team_key) as team_key,
        allocation_date,
        sum(allocated_us) filter (where booking_status = 'confirmed') as confirmed_us,
        sum(allocated_us) filter (where booking_status = 'tentative') as tentative_us,
        count(*) filter (where allocated_us is null) as unsized_bookings,
        count(*) filter (where allocated_us is null and booking_status = 'confirmed') as unsized_confirmed,
        count(allocated_us) filter (where booking_status = 'confirmed') as sized_confirmed,
        count(*) filter (where allocated_us is null and booking_status = 'tentative') as unsized_tentative,
        count(allocated_us) filter (where booking_status = 'tentative') as sized_tentative
    from {{ ref('fct_allocation_days') }}
    where person_key is not null
    group by person_key, allocation_date
),

capacity_weeks as (
    select
        {{ owners }},
        week_start_date,
        sum(person_days) as person_days,
        sum(unknown_capacity_days) as person_days_without_capacity,
        sum(contracted_us) as contracted_us,
        sum(absent_us) as absent_us,
        sum(effective_us) as effective_us
    from {{ ref('int_person_parts_measured') }}
    where person_days > 0
    group by {{ owners }}, week_start_date
),

-- Bookings are few beside the days that could be booked: they look up their day's capacity, and not every day its bookings.
placed_bookings as (
    select
        booked_days.person_key,
        coalesce(capacity_days.team_key, booked_days.team_key) as team_key,
        {{ week_start('booked_days.allocation_date', 'policy.week_starts_on') }} as week_start_date,
        capacity_days.person_key is not null as has_contract,
        capacity_days.effective_us,
        coalesce(booked_days.confirmed_us, 0) as confirmed_us,
        coalesce(booked_days.tentative_us, 0) as tentative_us,
        booked_days.unsized_bookings,
        booked_days.unsized_confirmed,
        booked_days.sized_confirmed,
        booked_days.unsized_tentative,
        booked_days.sized_tentative
    from booked_days
    cross join policy
    left join capacity_days
        on booked_days.person_key = capacity_days.person_key
        and booked_days.allocation_date = capacity_days.capacity_date
),

booked_weeks as (
    select
        {{ owners }},
        week_start_date,
        count(*) filter (where not has_contract) as person_days,
        sum(confirmed_us) as allocated_us,
        sum(confirmed_us) filter (where effective_us is not null) as allocated_with_capacity_us,
        sum(confirmed_us) filter (where effective_us is null) as allocated_without_capacity_us,
        sum(tentative_us) as tentative_us,
        sum(unsized_bookings) as unsized_bookings,
        sum(unsized_confirmed) as unsized_confirmed,
        sum(sized_confirmed) as sized_confirmed,
        sum(unsized_tentative) as unsized_tentative,
        sum(sized_tentative) as sized_tentative,
        count(*) filter (where confirmed_us > effective_us) as over_allocated_days
    from placed_bookings
    group by {{ owners }}, week_start_date
),

-- A booked day without a contract is a day of unknown capacity.
planned_weeks as (
    select
        {% for owner in owners.split(', ') -%}
        coalesce(capacity_weeks.{{ owner }}, booked_weeks.{{ owner }}) as {{ owner }},
        {% endfor -%}
        coalesce(capacity_weeks.week_start_date, booked_weeks.week_start_date) as week_start_date,
        coalesce(capacity_weeks.person_days, 0) + coalesce(booked_weeks.person_days, 0) as person_days,
        coalesce(capacity_weeks.person_days_without_capacity, 0) + coalesce(booked_weeks.person_days, 0) as person_days_without_capacity,
        capacity_weeks.contracted_us,
        capacity_weeks.absent_us,
        capacity_weeks.effective_us,
        {% for booked in booked_columns -%}
        coalesce(booked_weeks.{{ booked }}, 0) as {{ booked }}{{ ',' if not loop.last }}
        {% endfor %}
    from capacity_weeks
    full outer join booked_weeks
        on {% for owner in owners.split(', ') -%}
        capacity_weeks.{{ owner }} is not distinct from booked_weeks.{{ owner }} and
        {% endfor -%}
        capacity_weeks.week_start_date = booked_weeks.week_start_date
),

planned as (
    select
        {{ key }},
        week_start_date,
        {% if key == 'team_key' -%}
        count(*) as persons,
        {% endif -%}
        {% for column in ['person_days', 'person_days_without_capacity', 'contracted_us', 'absent_us', 'effective_us'] -%}
        {{ added(key, column) }} as {{ column }},
        {% endfor -%}
        -- Booked, but nobody can say for how long: unknown, not 0.
        {% for status, hours in [('confirmed', 'allocated_us'), ('tentative', 'tentative_us')] -%}
        case when {{ added(key, 'sized_' ~ status) }} > 0 or {{ added(key, 'unsized_' ~ status) }} = 0 then {{ added(key, hours) }} end
            as {{ hours }},
        {% endfor -%}
        {% for column in ['allocated_with_capacity_us', 'allocated_without_capacity_us', 'unsized_bookings', 'unsized_confirmed'] -%}
        {{ added(key, column) }} as {{ column }},
        {% endfor -%}
        {{ added(key, 'over_allocated_days') }} as over_allocated_days
    from planned_weeks
    {{ 'group by team_key, week_start_date' if key == 'team_key' }}
),

{% if key == 'team_key' -%}
-- Whoever changed teams within the week is judged by the whole of it, as in the mart of persons.
over_allocated as (
    select
        planned_weeks.team_key,
        planned_weeks.week_start_date,
        count(*) as over_allocated_persons
    from planned_weeks
    inner join (
        select person_key, week_start_date
        from planned_weeks
        group by person_key, week_start_date
        having sum(allocated_with_capacity_us) > sum(effective_us)
    ) as weeks
        on
            planned_weeks.person_key = weeks.person_key
            and planned_weeks.week_start_date = weeks.week_start_date
    group by planned_weeks.team_key, planned_weeks.week_start_date
),
{%- endif %}

-- Counted hours: dated ones, and those of periods that lie within a week and, for a team, wholly in it.
counted_weeks as (
    select
        {{ owners }},
        week_start_date,
        counted_us
    from {{ ref('int_person_parts_measured') }}
    where has_counted_days

    union all

    select
        {% for owner in owners.split(', ') %}activities.{{ owner }}, {% endfor %}
        {{ week_start('activities.period_start_date', 'policy.week_starts_on') }} as week_start_date,
        activities.duration_us as counted_us
    from {{ ref('fct_activities') }} as activities
    cross join policy
    {% if key == 'team_key' -%}
    left join {{ ref('int_team_periods_divided') }} as divided
        on activities.person_key = divided.person_key
        and activities.period_start_date = divided.period_start_date
        and activities.period_end_date = divided.period_end_date
    {% endif -%}
    where activities.is_counted
        and activities.work_date is null
        and {{ week_start('activities.period_start_date', 'policy.week_starts_on') }}
        = {{ week_start('activities.period_end_date', 'policy.week_starts_on') }}
        {%- if key == 'team_key' %}
        and divided.person_key is null
        {%- endif %}
),

actual as (
    select
        {{ key }},
        week_start_date,
        sum(counted_us) as counted_us
    from counted_weeks
    {{ 'where person_key is not null' if key == 'person_key' }}
    group by {{ key }}, week_start_date
),

{% if key == 'team_key' -%}
-- A role that is booked before a person is named belongs to no team yet: it stands in the row without one.
placeholders as (
    select
        cast(null as varchar) as team_key,
        {{ week_start('days.allocation_date', 'policy.week_starts_on') }} as week_start_date,
        sum(days.allocated_us) filter (where days.booking_status = 'confirmed') as placeholder_allocated_us,
        sum(days.allocated_us) filter (where days.booking_status = 'tentative') as placeholder_tentative_us
    from {{ ref('fct_allocation_days') }} as days
    cross join policy
    where days.is_placeholder
    group by all
),
{%- endif %}

owner_weeks as (
    select {{ key }}, week_start_date from planned
    union
    select {{ key }}, week_start_date from actual
    {% if key == 'team_key' -%}
    union
    select team_key, week_start_date from placeholders
    {%- endif %}
),

-- A team's gaps are those of its people in that week.
members as (
    select {{ owners }}, week_start_date
    from planned_weeks

    union

    select {{ owners }}, week_start_date
    from counted_weeks
    where person_key is not null
),

member_gaps as (
    select
        members.{{ key }},
        members.week_start_date,
        gaps.gap_key
    from members
    inner join {{ person_gaps() }} as gaps
        on
            members.person_key = gaps.person_key
            and coalesce(gaps.start_date, members.week_start_date)
            <= {{ add_days('members.week_start_date', 6) }}
            and coalesce(gaps.end_date, members.week_start_date) >= members.week_start_date
    group by all
),

gaps as (
    select
        {{ key }},
        week_start_date,
        count(*) as gap_count
    from member_gaps
    group by {{ key }}, week_start_date
),

overlapping_periods as (
    select
        members.{{ key }},
        members.week_start_date,
        sum(overlapped.{{ 'cut_or_divided_us' if key == 'team_key' else 'cut_us' }}) as overlapping_us
    from members
    inner join {{ ref('int_periods_overlapped') }} as overlapped
        on
            members.person_key = overlapped.person_key
            and members.week_start_date = overlapped.bucket_start_date
    where overlapped.bucket_kind = 'week'
    group by members.{{ key }}, members.week_start_date
)

select
    {{ surrogate_key(['owner_weeks.' ~ key, 'owner_weeks.week_start_date']) }} as {{ key | replace('_key', '_week_key') }},
    owner_weeks.{{ key }},
    owner_weeks.week_start_date,
    {{ add_days('owner_weeks.week_start_date', 6) }} as week_end_date,
    {{ add_days('owner_weeks.week_start_date', 6) }} < {{ as_of_date() }} as is_week_over,
    {% if key == 'team_key' -%}
    coalesce(planned.persons, 0) as persons,
    {% endif -%}
    cast(coalesce(planned.person_days, 0) as bigint) as person_days,
    cast(coalesce(planned.person_days_without_capacity, 0) as bigint) as person_days_without_capacity,
    {{ ratio('planned.person_days - planned.person_days_without_capacity', 'planned.person_days') }} as known_day_ratio,
    {{ hours('planned.contracted_us') }} as contracted_hours,
    {{ hours('planned.absent_us') }} as absent_hours,
    {{ hours('planned.effective_us') }} as effective_capacity_hours,
    {{ hours('case when planned.person_days is null then 0 else planned.allocated_us end') }} as allocated_hours,
    {{ hours('coalesce(planned.allocated_with_capacity_us, 0)') }} as allocated_hours_with_capacity,
    {{ hours('coalesce(planned.allocated_without_capacity_us, 0)') }} as allocated_hours_without_capacity,
    {{ hours('case when planned.person_days is null then 0 else planned.tentative_us end') }} as tentative_hours,
    cast(coalesce(planned.unsized_bookings, 0) as bigint) as unsized_booking_days,
    {% if key == 'team_key' -%}
    {{ hours('placeholders.placeholder_allocated_us') }} as placeholder_allocated_hours,
    {{ hours('placeholders.placeholder_tentative_us') }} as placeholder_tentative_hours,
    {% endif -%}
    {{ ratio('coalesce(planned.allocated_with_capacity_us, 0)', 'planned.effective_us') }} as allocation_ratio,
    case
        when planned.effective_us is null then null
        else coalesce(planned.allocated_with_capacity_us, 0) > planned.effective_us
    end as is_over_allocated,
    {% if key == 'team_key' -%}
    coalesce(over_allocated.over_allocated_persons, 0) as over_allocated_persons,
    {% endif -%}
    cast(coalesce(planned.over_allocated_days, 0) as bigint) as over_allocated_days,
    case when owner_weeks.week_start_date <= {{ as_of_date() }} then {{ hours('coalesce(actual.counted_us, 0)') }} end
        as counted_hours,
    case
        when owner_weeks.week_start_date <= {{ as_of_date() }} and coalesce(planned.unsized_confirmed, 0) = 0
            then {{ hours('coalesce(actual.counted_us, 0) - coalesce(planned.allocated_us, 0)') }}
    end as capacity_variance_hours,
    {{ hours('coalesce(overlapping_periods.overlapping_us, 0)') }} as overlapping_period_hours,
    coalesce(gaps.gap_count, 0) as gap_count,
    {{ add_days('owner_weeks.week_start_date', 6) }} < {{ as_of_date() }}
    and {{ add_days('owner_weeks.week_start_date', 6) }} <= {{ settled_date() }}
    and coalesce(gaps.gap_count, 0) = 0
    and coalesce(overlapping_periods.overlapping_us, 0) = 0
    and coalesce(planned.person_days_without_capacity, 0) = 0
    and coalesce(planned.unsized_bookings, 0) = 0 as is_complete
from owner_weeks
{% for relation in ['planned', 'actual', 'gaps', 'overlapping_periods'] + (['placeholders', 'over_allocated'] if key == 'team_key' else []) -%}
left join {{ relation }}
    on
        owner_weeks.{{ key }} is not distinct from {{ relation }}.{{ key }}
        and owner_weeks.week_start_date = {{ relation }}.week_start_date
{% endfor %}
{% endmacro %}

{# A column of the weeks of persons in the weeks of the owner: a team's is the sum over its people. #}
{% macro added(key, column) -%}
    {{ 'sum(' ~ column ~ ')' if key == 'team_key' else column }}
{%- endmacro %}
