-- Counted hours for which no rate is valid on that day, neither of the person nor of their role nor of the project: what they cost, or bring in where they
-- are billable, is unknown. Only for kinds of rate that the workspace has at all, and where every rate of a kind is limited to projects,
-- on those projects. Hours outside employment, or of people on no roster, are in gap_activity_outside_employment and gap_unmatched_people.
-- It says whose rate is missing and when, never an amount.
with rates as (
    select
        rate_type,
        source,
        rate_owner,
        person_key,
        role_key,
        project_key,
        coalesce(valid_from_date, date '0001-01-01') as first_date,
        coalesce(valid_to_date, date '9999-12-31') as last_date
    from {{ ref('fct_rates') }}
),

kinds as (
    select
        rate_type,
        case when min(source) = max(source) then min(source) end as source,
        bool_or(project_key is null) as is_for_any_project
    from rates
    group by rate_type
),

person_days as (
    select
        activities.person_key,
        activities.role_key,
        activities.project_key,
        coalesce(activities.work_date, activities.period_end_date) as rated_date,
        coalesce(activities.is_billable, false) as is_billable,
        sum(activities.duration_us) as counted_us
    from {{ ref('fct_activities') }} as activities
    inner join {{ ref('dim_persons') }} as spans
        on activities.person_span_key = spans.person_span_key
        and spans.is_resolved
    where activities.is_counted
        and activities.duration_us > 0
    group by all
),

asked as (
    select
        kinds.rate_type,
        kinds.source,
        person_days.*
    from person_days
    inner join kinds
        on kinds.rate_type = 'cost'
        or person_days.is_billable
    where kinds.is_for_any_project
        or exists (
            select 1
            from rates
            where rates.rate_type = kinds.rate_type
                and rates.project_key = person_days.project_key
        )
),

answered as (
    {% for owner in ['person', 'role', 'project'] %}
    select
        asked.rate_type,
        asked.person_key,
        asked.role_key,
        asked.project_key,
        asked.rated_date
    from asked
    inner join rates
        on asked.rate_type = rates.rate_type
        and asked.{{ owner }}_key = rates.{{ owner }}_key
        and rates.rate_owner = '{{ owner }}'
        and asked.rated_date between rates.first_date and rates.last_date
        and (rates.project_key is null or rates.project_key = asked.project_key)
    {% if not loop.last %}union{% endif %}
    {% endfor %}
),

unanswered as (
    select
        asked.rate_type,
        asked.source,
        asked.role_key,
        count(distinct asked.person_key) as person_count,
        min(asked.rated_date) as start_date,
        max(asked.rated_date) as end_date,
        {{ hours('sum(asked.counted_us)') }} as hours_at_stake
    from asked
    left join answered
        on asked.rate_type = answered.rate_type
        and asked.person_key = answered.person_key
        and asked.role_key is not distinct from answered.role_key
        and asked.project_key is not distinct from answered.project_key
        and asked.rated_date = answered.rated_date
    where answered.person_key is null
    group by asked.rate_type, asked.source, asked.role_key
)

select
    {{ gap_columns(
        rule='stale_rates', severity="'warns'", scope='source',
        key_parts=['unanswered.rate_type', 'unanswered.role_key'],
        source='unanswered.source', start_date='unanswered.start_date', end_date='unanswered.end_date',
        hours_at_stake='unanswered.hours_at_stake',
        owner="coalesce(sources.owner, 'finance')",
        detail="coalesce(roles.role_name, 'No role') || ': no ' || unanswered.rate_type || ' rate is valid on days with hours of '
            || unanswered.person_count || case when unanswered.person_count = 1 then ' person' else ' people' end",
        remedy="'Deliver the rate card of these days, with a rate for the role, for each of its people or for the project.'"
    ) }}
from unanswered
left join {{ ref('dim_roles') }} as roles
    on unanswered.role_key = roles.role_key
left join {{ ref('dim_sources') }} as sources
    on unanswered.source = sources.source
