-- What was booked since the close, and what told it.
with dated as (
    select
        entries.*,
        told.delivery_id,
        told.adjusted_at
    from {{ ref('int_entries_adjusted') }} as entries
    left join {{ ref('int_adjustments_told') }} as told
        on entries.month_start_date = told.month_start_date
        and entries.source = told.source
        and entries.source_record_id = told.source_record_id
)

select
    {{ surrogate_key(['month_start_date', 'activity_key', 'adjustment_entry']) }} as adjustment_key,
    month_start_date,
    activity_key,
    adjustment_entry,
    adjustment_kind,
    case when delivery_id is null then 'rule' else 'delivery' end as adjusted_by,
    delivery_id,
    adjusted_at,
    source,
    source_record_id,
    person_key,
    team_key,
    role_key,
    project_key,
    activity_type_key,
    booked_date,
    is_billable,
    is_counted,
    direction * duration_us as adjustment_us,
    {{ hours('direction * duration_us') }} as adjustment_hours
from dated
