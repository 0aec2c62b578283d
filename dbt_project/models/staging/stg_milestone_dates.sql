-- Every delivered version, as in stg_task_due_dates: a later export overwrites the date we saw first.
with delivered_dates as (
    select
        milestones.source,
        milestones.source_record_id,
        milestones.due_date,
        deliveries.extracted_at
    from {{ source('streams', 'milestones') }} as milestones
    inner join {{ source('workspace', 'delivery_streams') }} as deliveries
        on
            milestones.delivery_id = deliveries.delivery_id
            and milestones.source = deliveries.source
            and deliveries.stream = 'milestones'
    where milestones.due_date is not null and not milestones.is_deleted
)

select
    {{ surrogate_key(['source', 'source_record_id']) }} as milestone_key,
    source,
    source_record_id,
    due_date,
    min(extracted_at) as first_observed_at
from delivered_dates
group by source, source_record_id, due_date
