-- What people say about a number of theirs and share. A week is named by any of its days.
select
    {{ surrogate_key(['annotations.annotation_number']) }} as annotation_key,
    annotations.person_key,
    annotations.period_kind,
    case annotations.period_kind when 'month' then dates.month_start_date else dates.week_start_date end as period_start_date,
    case annotations.period_kind when 'month' then dates.month_end_date else dates.week_end_date end as period_end_date,
    annotations.measure,
    annotations.annotation,
    annotations.annotated_at
from {{ source('workspace', 'annotations') }} as annotations
inner join {{ ref('int_calendar_days') }} as dates
    on annotations.period_date = dates.calendar_date
