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
)

select
    zones.zone,
    days.calendar_date,
    {{ first_instant(add_days('days.calendar_date', 1), 'zones.zone') }} as second_day_at,
    {{ first_instant(add_days('days.calendar_date', 2), 'zones.zone') }} as third_day_at
from zones
cross join {{ ref('int_calendar_days') }} as days
where days.is_past
