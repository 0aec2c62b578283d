-- Which delivery told what a closed month has of a record otherwise: the one since which its source has said what it says now. Being gone
-- is one of the things it can say. A record that reads as it did at the close was told by no delivery and has no row: what its entries
-- have otherwise is the work of a rule. Only records whose entries were adjusted are looked at.
{% set records_looked_at -%}
    (select source, source_record_id from {{ ref('int_entries_adjusted') }} group by source, source_record_id)
{%- endset %}
{{ record_versions('time_entries', among=records_looked_at) }},

-- An entry is parted by midnight, but told as one record.
adjusted_records as (
    select
        month_start_date,
        source,
        source_record_id
    from {{ ref('int_entries_adjusted') }}
    group by month_start_date, source, source_record_id
),

-- All that was known at the close is one step, the first; each later delivery is one more.
steps as (
    select
        months.month_start_date,
        deliveries.source,
        deliveries.delivery_id,
        deliveries.delivery_order,
        deliveries.extracted_at,
        case when known_then.delivery_id is null then deliveries.delivery_order else 0 end as step
    from deliveries
    cross join {{ ref('dim_closed_months') }} as months
    left join {{ source('workspace', 'closed_deliveries') }} as known_then
        on months.month_start_date = known_then.month_start_date
        and deliveries.delivery_id = known_then.delivery_id
),

sightings as (
    select
        adjusted_records.month_start_date,
        judged.source,
        judged.source_record_id,
        steps.step,
        min(judged.version_rank) as version_rank,
        max(judged.delivery_order) as seen_order
    from adjusted_records
    inner join judged
        on adjusted_records.source = judged.source
        and adjusted_records.source_record_id = judged.source_record_id
    inner join steps
        on adjusted_records.month_start_date = steps.month_start_date
        and judged.delivery_id = steps.delivery_id
    group by adjusted_records.month_start_date, judged.source, judged.source_record_id, steps.step
),

sightings_in_order as (
    select
        month_start_date,
        source,
        source_record_id,
        step,
        lead(step) over (partition by month_start_date, source, source_record_id order by step) as next_step,
        min(version_rank) over (partition by month_start_date, source, source_record_id order by step) as held_rank,
        max(seen_order) over (partition by month_start_date, source, source_record_id order by step) as last_seen_order
    from sightings
),

-- The version that held from a sighting until the next.
held as (
    select
        sightings_in_order.*,
        judged.delivery_format,
        judged.record_date,
        judged.is_deleted,
        {{ said_of_time_entry('judged') }} as said
    from sightings_in_order
    inner join judged
        on sightings_in_order.source = judged.source
        and sightings_in_order.source_record_id = judged.source_record_id
        and sightings_in_order.held_rank = judged.version_rank
),

truths_after as (
    select
        held.month_start_date,
        held.source,
        held.source_record_id,
        held.step,
        held.next_step,
        window_truths.delivery_order
    from held
    inner join window_truths
        on held.source = window_truths.source
        and held.delivery_format = window_truths.delivery_format
        and held.record_date = window_truths.record_date
        and held.last_seen_order < window_truths.delivery_order
    where not held.is_deleted

    union all

    select
        held.month_start_date,
        held.source,
        held.source_record_id,
        held.step,
        held.next_step,
        full_truths.delivery_order
    from held
    inner join full_truths
        on held.source = full_truths.source
        and held.delivery_format = full_truths.delivery_format
        and held.last_seen_order < full_truths.delivery_order
    where not held.is_deleted
),

-- Gone by the first whole truth without it, before it was seen again.
vanished as (
    select
        truths_after.month_start_date,
        truths_after.source,
        truths_after.source_record_id,
        truths_after.step as seen_step,
        min(case when steps.step > truths_after.step then steps.step else truths_after.step end) as gone_step
    from truths_after
    inner join steps
        on truths_after.month_start_date = steps.month_start_date
        and truths_after.source = steps.source
        and truths_after.delivery_order = steps.delivery_order
    where truths_after.next_step is null or steps.step < truths_after.next_step
    group by truths_after.month_start_date, truths_after.source, truths_after.source_record_id, truths_after.step
),

-- Before the first step nothing is there.
readings as (
    select
        month_start_date,
        source,
        source_record_id,
        -1 as step,
        'gone' as said
    from adjusted_records

    union all

    select
        held.month_start_date,
        held.source,
        held.source_record_id,
        held.step,
        case when held.is_deleted then 'gone' else held.said end as said
    from held
    left join vanished
        on held.month_start_date = vanished.month_start_date
        and held.source = vanished.source
        and held.source_record_id = vanished.source_record_id
        and held.step = vanished.gone_step
    where vanished.gone_step is null

    union all

    select
        month_start_date,
        source,
        source_record_id,
        gone_step as step,
        'gone' as said
    from vanished
),

readings_in_order as (
    select
        *,
        lag(said) over (partition by month_start_date, source, source_record_id order by step) as said_before
    from readings
),

-- One that reads as it did at the close was told by nobody, whatever it read in between.
since as (
    select
        month_start_date,
        source,
        source_record_id,
        max(case when said <> said_before then step end) as step
    from readings_in_order
    group by month_start_date, source, source_record_id
    having max_by(said, step) <> max_by(said, case when step <= 0 then step end)
)

select
    since.month_start_date,
    since.source,
    since.source_record_id,
    steps.delivery_id,
    steps.extracted_at as adjusted_at
from since
inner join steps
    on since.month_start_date = steps.month_start_date
    and since.source = steps.source
    and since.step = steps.step
