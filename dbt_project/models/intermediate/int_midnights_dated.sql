-- When the two days after a date begin, in every zone that dates an activity: asked once a zone and date. Twenty-four hours may touch a third
-- day where the second has twenty-three.
with zones as (
    select zone from {{ ref('int_person_zones_held') }}
    union
    select zone from {{ source('workspace', 'sources') }} where zone is not null
    union
    select default_zone as zone from {{ source('workspace', 'policy') }} where default_zone is not null
    union
    -- Dates by an offset are those of UTC, so many minutes earlier or later.
    select 'UTC' as zone
),

days as (
    select
        zones.zone,
        calendar.calendar_date,
        calendar.is_past,
        {{ first_instant('calendar.calendar_date', 'zones.zone') }} as first_instant
    from zones
    cross join {{ ref('int_calendar_days') }} as calendar
    where calendar.calendar_date <= {{ add_days(as_of_date(), 2) }}
),

followed as (
    select
        zone,
        calendar_date,
        is_past,
        lead(first_instant) over (partition by zone order by calendar_date) as second_day_at,
        lead(first_instant, 2) over (partition by zone order by calendar_date) as third_day_at
    from days
)

select
    zone,
    calendar_date,
    second_day_at,
    third_day_at
from followed
where is_past
