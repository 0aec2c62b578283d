{#
  Capacity, plan and actual by week for one kind of owner (a person, a team). One definition for every mart that counts them.

  Capacity and bookings meet on the person-day: a booking on a day of unknown capacity is kept out of the ratio and shown beside.
  Actual hours are counted ones of the week: dated on one of its days, or over a period that lies within it.
#}
{% macro capacity_by_week(key) %}
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

person_days as (
    select
        coalesce(capacity_days.person_key, booked_days.person_key) as person_key,
        coalesce(capacity_days.team_key, booked_days.team_key) as team_key,
        coalesce(capacity_days.capacity_date, booked_days.allocation_date) as day_date,
        capacity_days.contracted_us,
        capacity_days.absent_us,
        capacity_days.effective_us,
        coalesce(booked_days.confirmed_us, 0) as confirmed_us,
        coalesce(booked_days.tentative_us, 0) as tentative_us,
        coalesce(booked_days.unsized_bookings, 0) as unsized_bookings,
        coalesce(booked_days.unsized_confirmed, 0) as unsized_confirmed,
        coalesce(booked_days.sized_confirmed, 0) as sized_confirmed,
        coalesce(booked_days.unsized_tentative, 0) as unsized_tentative,
        coalesce(booked_days.sized_tentative, 0) as sized_tentative
    from capacity_days
    full outer join booked_days
        on
            capacity_days.person_key = booked_days.person_key
            and capacity_days.capacity_date = booked_days.allocation_date
),

planned_weeks as (
    select
        {{ 'person_days.person_key, person_days.team_key' if key == 'team_key' else 'person_days.person_key' }},
        {{ week_start('person_days.day_date', 'policy.week_starts_on') }} as week_start_date,
        count(*) as person_days,
        count(*) filter (where effective_us is null) as person_days_without_capacity,
        sum(contracted_us) as contracted_us,
        sum(absent_us) as absent_us,
        sum(effective_us) as effective_us,
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
    from person_days
    cross join policy
    group by all
),

planned as (
    select
        {{ key }},
        week_start_date,
        count(*) as persons,
        sum(person_days) as person_days,
        sum(person_days_without_capacity) as person_days_without_capacity,
        sum(contracted_us) as contracted_us,
        sum(absent_us) as absent_us,
        sum(effective_us) as effective_us,
        -- Booked, but nobody can say for how long: unknown, not 0.
        case when sum(sized_confirmed) > 0 or sum(unsized_confirmed) = 0 then sum(allocated_us) end as allocated_us,
        sum(allocated_with_capacity_us) as allocated_with_capacity_us,
        sum(allocated_without_capacity_us) as allocated_without_capacity_us,
        case when sum(sized_tentative) > 0 or sum(unsized_tentative) = 0 then sum(tentative_us) end as tentative_us,
        sum(unsized_bookings) as unsized_bookings,
        sum(unsized_confirmed) as unsized_confirmed,
        sum(over_allocated_days) as over_allocated_days
    from planned_weeks
    group by {{ key }}, week_start_date
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
        having sum(coalesce(allocated_with_capacity_us, 0)) > sum(effective_us)
    ) as weeks
        on
            planned_weeks.person_key = weeks.person_key
            and planned_weeks.week_start_date = weeks.week_start_date
    group by planned_weeks.team_key, planned_weeks.week_start_date
),
{%- endif %}

activity_weeks as (
    select
        activities.person_key,
        activities.team_key,
        activities.duration_us,
        {{ week_start('coalesce(activities.work_date, activities.period_start_date)', 'policy.week_starts_on') }}
            as week_start_date,
        {{ week_start('coalesce(activities.work_date, activities.period_end_date)', 'policy.week_starts_on') }}
            as last_week_start_date
    from {{ ref('fct_activities') }} as activities
    cross join policy
    where activities.is_counted
),

actual as (
    select
        {{ key }},
        week_start_date,
        sum(duration_us) as counted_us
    from activity_weeks
    where week_start_date = last_week_start_date {{ 'and person_key is not null' if key == 'person_key' }}
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
    select
        {{ 'person_days.team_key, person_days.person_key' if key == 'team_key' else 'person_days.person_key' }},
        {{ week_start('person_days.day_date', 'policy.week_starts_on') }} as week_start_date
    from person_days
    cross join policy
    group by all

    union

    select
        {{ 'team_key, person_key' if key == 'team_key' else 'person_key' }},
        week_start_date
    from activity_weeks
    where week_start_date = last_week_start_date and person_key is not null
),

member_gaps as (
    select
        members.{{ key }},
        members.week_start_date,
        gaps.gap_key
    from members
    inner join {{ ref('fct_gaps') }} as gaps
        on
            members.person_key = gaps.person_key
            and coalesce(gaps.start_date, members.week_start_date)
            <= {{ add_days('members.week_start_date', 6) }}
            and coalesce(gaps.end_date, members.week_start_date) >= members.week_start_date
            and not gaps.is_accepted
    group by all
),

gaps as (
    select
        {{ key }},
        week_start_date,
        count(*) as gap_count
    from member_gaps
    group by {{ key }}, week_start_date
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
    coalesce(gaps.gap_count, 0) as gap_count,
    {{ add_days('owner_weeks.week_start_date', 6) }} < {{ as_of_date() }}
    and coalesce(gaps.gap_count, 0) = 0
    and coalesce(planned.person_days_without_capacity, 0) = 0
    and coalesce(planned.unsized_bookings, 0) = 0 as is_complete
from owner_weeks
{% for relation in ['planned', 'actual', 'gaps'] + (['placeholders', 'over_allocated'] if key == 'team_key' else []) -%}
left join {{ relation }}
    on
        owner_weeks.{{ key }} is not distinct from {{ relation }}.{{ key }}
        and owner_weeks.week_start_date = {{ relation }}.week_start_date
{% endfor %}
{% endmacro %}
