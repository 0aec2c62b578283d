-- As bookkeepers do it: an entry that reads otherwise now is reversed as it was closed and booked again as it is. So sums of the books and
-- their adjustments are those of today by person, team, project and kind of work, and not only over all of them.
with closed as (
    select * from {{ ref('fct_closed_activities') }}
),

known_now as (
    select
        months.month_start_date,
        activities.activity_key,
        activities.source,
        activities.source_record_id,
        activities.delivery_id,
        activities.person_key,
        activities.team_key,
        activities.role_key,
        activities.project_key,
        activities.activity_type_key,
        coalesce(activities.work_date, activities.period_end_date) as booked_date,
        activities.duration_us,
        activities.is_billable,
        activities.is_counted
    from {{ ref('fct_activities') }} as activities
    inner join {{ ref('dim_closed_months') }} as months
        on coalesce(activities.work_date, activities.period_end_date) between months.month_start_date and months.month_end_date
    where activities.activity_kind = 'time_entry'
),

-- Deliveries that came after the close, each with what it can tell.
later_deliveries as (
    select
        months.month_start_date,
        deliveries.delivery_id,
        deliveries.source,
        deliveries.extracted_at,
        deliveries.mode,
        deliveries.coverage_from,
        deliveries.coverage_to
    from {{ source('workspace', 'delivery_streams') }} as deliveries
    cross join {{ ref('dim_closed_months') }} as months
    left join {{ source('workspace', 'closed_deliveries') }} as known_then
        on deliveries.delivery_id = known_then.delivery_id
        and months.month_start_date = known_then.month_start_date
    where deliveries.stream = 'time_entries'
        and known_then.delivery_id is null
),

reversed as (
    select
        'reversal' as adjustment_entry,
        case when known_now.activity_key is null then 'removed' else 'changed' end as adjustment_kind,
        -1 as direction,
        known_now.delivery_id as told_by_delivery_id,
        closed.month_start_date,
        closed.activity_key,
        closed.source,
        closed.source_record_id,
        closed.person_key,
        closed.team_key,
        closed.role_key,
        closed.project_key,
        closed.activity_type_key,
        closed.booked_date,
        closed.duration_us,
        closed.is_billable,
        closed.is_counted
    from closed
    left join known_now
        on closed.month_start_date = known_now.month_start_date
        and closed.activity_key = known_now.activity_key
    where {{ reads_otherwise('closed', 'known_now') }}
),

booked as (
    select
        'booking' as adjustment_entry,
        case when closed.activity_key is null then 'added' else 'changed' end as adjustment_kind,
        1 as direction,
        known_now.delivery_id as told_by_delivery_id,
        known_now.month_start_date,
        known_now.activity_key,
        known_now.source,
        known_now.source_record_id,
        known_now.person_key,
        known_now.team_key,
        known_now.role_key,
        known_now.project_key,
        known_now.activity_type_key,
        known_now.booked_date,
        known_now.duration_us,
        known_now.is_billable,
        known_now.is_counted
    from known_now
    left join closed
        on known_now.month_start_date = closed.month_start_date
        and known_now.activity_key = closed.activity_key
    where {{ reads_otherwise('known_now', 'closed') }}
),

entries as (
    select * from reversed
    union all
    select * from booked
),

-- An entry that is gone was told by the first later delivery that could: a change, or a whole truth for its day.
removals_told as (
    select
        entries.month_start_date,
        entries.activity_key,
        min_by(deliveries.delivery_id, (deliveries.extracted_at, deliveries.delivery_id)) as delivery_id
    from entries
    inner join later_deliveries as deliveries
        on entries.month_start_date = deliveries.month_start_date
        and entries.source = deliveries.source
        and (
            deliveries.mode <> 'window'
            or entries.booked_date between deliveries.coverage_from and deliveries.coverage_to
        )
    where entries.adjustment_kind = 'removed'
    group by entries.month_start_date, entries.activity_key
),

told as (
    select
        entries.*,
        deliveries.delivery_id,
        deliveries.extracted_at as adjusted_at
    from entries
    left join removals_told
        on entries.month_start_date = removals_told.month_start_date
        and entries.activity_key = removals_told.activity_key
    left join later_deliveries as deliveries
        on entries.month_start_date = deliveries.month_start_date
        and coalesce(removals_told.delivery_id, entries.told_by_delivery_id) = deliveries.delivery_id
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
from told
