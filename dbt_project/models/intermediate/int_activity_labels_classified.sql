-- The kind of work behind each label, per span of days: the rule with the lowest priority number that matches, else the seeded type that is
-- spelled like the label. Rules are matched against distinct labels, never against every row. In a pattern `*` stands for any text; case does not matter.
with labels as (
    select activity_label
    from {{ ref('int_activities_united') }}
    where activity_label is not null
    group by activity_label
),

rules as (
    select
        priority,
        lower(trim(pattern)) as pattern,
        {{ like_pattern('lower(trim(pattern))') }} as like_pattern,
        trim(activity_type) as activity_type,
        coalesce(valid_from_date, date '0001-01-01') as first_date,
        coalesce(valid_to_date, date '9999-12-31') as last_date
    from {{ source('workspace', 'activity_rules') }}
    where nullif(trim(pattern), '') is not null
        and nullif(trim(activity_type), '') is not null
),

matches as (
    select
        labels.activity_label,
        rules.activity_type,
        rules.first_date,
        rules.last_date,
        rules.priority,
        rules.pattern
    from labels
    inner join rules
        on lower(labels.activity_label) like rules.like_pattern escape '\'

    union all

    select
        labels.activity_label,
        types.activity_type,
        date '0001-01-01' as first_date,
        date '9999-12-31' as last_date,
        2147483647 as priority,
        '' as pattern
    from labels
    inner join {{ ref('activity_types') }} as types
        on lower(trim(labels.activity_label)) = lower(types.activity_type)
),

boundaries as (
    select activity_label, first_date as boundary_date from matches
    union
    select activity_label, {{ add_days('last_date', 1) }} as boundary_date from matches where last_date < date '9999-12-31'
),

intervals as (
    select
        activity_label,
        boundary_date as valid_from_date,
        coalesce(
            {{ add_days('lead(boundary_date) over (partition by activity_label order by boundary_date)', -1) }}, date '9999-12-31'
        ) as valid_to_date
    from boundaries
)

select
    intervals.activity_label,
    intervals.valid_from_date,
    intervals.valid_to_date,
    matches.activity_type
from intervals
inner join matches
    on intervals.activity_label = matches.activity_label
    and intervals.valid_from_date between matches.first_date and matches.last_date
qualify row_number() over (
    partition by intervals.activity_label, intervals.valid_from_date
    order by matches.priority, matches.pattern, matches.activity_type
) = 1
