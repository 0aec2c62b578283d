-- Who would look idle only because their tool is not connected? The same month, cut by what people cannot help.
with as_of as (
    select as_of_date from {{ source('workspace', 'as_of') }}
),

-- A part-timer works less than the week that is most common at the place; of two that are as common the longer one.
weeks as (
    select
        place,
        contracted_week_hours,
        row_number() over (
            partition by place
            order by count(distinct person_key) desc, contracted_week_hours desc
        ) as week_rank
    from {{ ref('dim_persons') }}
    where contracted_week_hours is not null
    group by place, contracted_week_hours
),

usual_weeks as (
    select
        place,
        contracted_week_hours as usual_week_hours
    from weeks
    where week_rank = 1
),

logged_days as (
    select person_key, logged_date
    from {{ logged_days() }}
),

person_days as (
    select
        days.person_key,
        dates.month_start_date,
        dates.month_end_date,
        days.effective_us,
        logged_days.logged_date is not null as is_logged,
        days.place,
        persons.employment_type,
        case
            when persons.contracted_week_hours is null then null
            when persons.contracted_week_hours < usual_weeks.usual_week_hours then 'part_time'
            else 'full_time'
        end as working_time
    from {{ ref('fct_capacity_days') }} as days
    inner join {{ ref('dim_dates') }} as dates
        on days.capacity_date = dates.calendar_date
    inner join {{ ref('dim_persons') }} as persons
        on days.person_span_key = persons.person_span_key
    left join usual_weeks
        on persons.place is not distinct from usual_weeks.place
    left join logged_days
        on days.person_key = logged_days.person_key
        and days.capacity_date = logged_days.logged_date
    where days.capacity_date <= (select as_of_date from as_of)
),

-- Days are summed by person before they are counted four times over.
person_months as (
    select
        person_key,
        month_start_date,
        month_end_date,
        place,
        employment_type,
        working_time,
        bool_or(is_logged) as is_logging,
        count(*) as person_days,
        count(*) filter (where effective_us is null) as unknown_capacity_days,
        count(*) filter (where effective_us > 0) as working_person_days,
        count(*) filter (where effective_us > 0 and is_logged) as logged_person_days
    from person_days
    group by person_key, month_start_date, month_end_date, place, employment_type, working_time
),

populations as (
    select 'everybody' as population_kind, cast(null as {{ dbt.type_string() }}) as population, person_months.* from person_months
    union all
    select 'place' as population_kind, place as population, person_months.* from person_months
    union all
    select 'employment_type' as population_kind, employment_type as population, person_months.* from person_months
    union all
    select 'working_time' as population_kind, working_time as population, person_months.* from person_months
),

counted as (
    select
        month_start_date,
        month_end_date,
        population_kind,
        population,
        count(distinct person_key) as person_count,
        count(distinct case when is_logging then person_key end) as logging_person_count,
        sum(person_days) as person_days,
        sum(unknown_capacity_days) as unknown_capacity_days,
        sum(working_person_days) as working_person_days,
        sum(logged_person_days) as logged_person_days
    from populations
    group by month_start_date, month_end_date, population_kind, population
),

gaps as (
    select
        populations.month_start_date,
        populations.population_kind,
        populations.population,
        count(distinct gaps.gap_key) as gap_count
    from (
        select month_start_date, month_end_date, population_kind, population, person_key
        from populations
        group by month_start_date, month_end_date, population_kind, population, person_key
    ) as populations
    inner join {{ person_gaps() }} as gaps
        on populations.person_key = gaps.person_key
        and gaps.start_date <= populations.month_end_date
        and coalesce(gaps.end_date, gaps.start_date) >= populations.month_start_date
    group by populations.month_start_date, populations.population_kind, populations.population
)

select
    counted.month_start_date,
    counted.population_kind,
    counted.population,
    counted.person_count,
    counted.logging_person_count,
    cast(counted.person_days as bigint) as person_days,
    cast(counted.unknown_capacity_days as bigint) as unknown_capacity_days,
    cast(counted.working_person_days as bigint) as working_person_days,
    cast(counted.logged_person_days as bigint) as logged_person_days,
    {{ ratio('counted.logging_person_count', 'counted.person_count') }} as logging_person_ratio,
    {{ ratio('counted.logged_person_days', 'counted.working_person_days') }} as logged_day_ratio,
    {{ ratio('counted.logged_person_days', 'counted.working_person_days') }}
    - {{ ratio('everybody.logged_person_days', 'everybody.working_person_days') }} as logged_day_ratio_difference,
    coalesce(gaps.gap_count, 0) as gap_count,
    counted.month_end_date <= {{ settled_date() }} and counted.unknown_capacity_days = 0 as is_complete
from counted
inner join counted as everybody
    on counted.month_start_date = everybody.month_start_date
    and everybody.population_kind = 'everybody'
left join gaps
    on counted.month_start_date = gaps.month_start_date
    and counted.population_kind = gaps.population_kind
    and counted.population is not distinct from gaps.population
