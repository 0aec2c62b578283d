-- Time entries of closed months that read otherwise now, each side a row: as bookkeepers do it, an entry is reversed as it was closed and
-- booked again as it is. So sums of the books and their adjustments are those of today by person, team, project and kind of work, and not
-- only over all of them.
with closed as (
    select * from {{ ref('fct_closed_activities') }}
),

known_now as (
    select
        months.month_start_date,
        activities.activity_key,
        activities.source,
        activities.source_record_id,
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

reversed as (
    select
        'reversal' as adjustment_entry,
        case when known_now.activity_key is null then 'removed' else 'changed' end as adjustment_kind,
        -1 as direction,
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
)

select * from reversed
union all
select * from booked
