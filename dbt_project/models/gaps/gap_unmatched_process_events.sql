-- Starts that were never completed and completions that nothing started, in activities that do write starts. One row per
-- source, process, activity and kind: their length is unknown.
with unmatched as (
    select
        source,
        process_name,
        activity_name,
        pairing_basis,
        count(*) as event_count,
        min(work_date) as start_date,
        max(work_date) as end_date
    from {{ ref('fct_process_spans') }}
    where pairing_basis in ('unmatched_start', 'unmatched_completion')
    group by source, process_name, activity_name, pairing_basis
),

owners as (
    select source, owner from {{ ref('dim_sources') }}
)

select
    {{ gap_columns(
        rule='unmatched_process_events', severity="'warns'", scope='source',
        key_parts=['unmatched.source', 'unmatched.process_name', 'unmatched.activity_name', 'unmatched.pairing_basis'],
        source='unmatched.source',
        start_date='unmatched.start_date', end_date='unmatched.end_date', hours_at_stake='null',
        owner="coalesce(owners.owner, 'process owner')",
        detail="unmatched.event_count || case unmatched.pairing_basis when 'unmatched_start' then ' starts without a completion of ' else ' completions without a start of ' end || unmatched.activity_name",
        remedy="'Deliver the time before or after, or map the instance id that ties start to completion.'"
    ) }}
from unmatched
left join owners on unmatched.source = owners.source
