-- Reads every delivered version, not only the current one: the first due date that we saw is what a later
-- export of the same task has overwritten.
with delivered_due_dates as (
    select
        tasks.source,
        tasks.source_record_id,
        tasks.due_date,
        deliveries.extracted_at
    from {{ source('streams', 'tasks') }} as tasks
    inner join {{ source('workspace', 'delivery_streams') }} as deliveries
        on
            tasks.delivery_id = deliveries.delivery_id
            and tasks.source = deliveries.source
            and deliveries.stream = 'tasks'
    where tasks.due_date is not null and not tasks.is_deleted
)

select
    {{ surrogate_key(['source', 'source_record_id']) }} as task_key,
    source,
    source_record_id,
    due_date,
    min(extracted_at) as first_observed_at
from delivered_due_dates
group by source, source_record_id, due_date
