-- Rows that a delivery brought and that could not be read, until later ones are whole and speak of the same: one of all there is, or
-- windows over each of its days; what is left then are the days that none speaks of again. A roster is a picture of its day, so that none
-- makes up for an earlier one.
with deliveries as (
    select
        *,
        row_number() over (partition by source, stream order by extracted_at, sha256, delivery_id) as delivery_order
    from {{ source('workspace', 'delivery_streams') }}
),

made_up as (
    select
        deliveries.source,
        deliveries.stream,
        deliveries.delivery_id,
        deliveries.coverage_from,
        deliveries.coverage_to,
        later.mode,
        later.coverage_from as later_from,
        later.coverage_to as later_to
    from deliveries
    inner join deliveries as later
        on deliveries.source = later.source
        and deliveries.stream = later.stream
        and deliveries.format is not distinct from later.format
        and deliveries.delivery_order < later.delivery_order
    where deliveries.rows_quarantined > 0
        and deliveries.stream <> 'people'
        and later.is_complete
        and later.mode in ('full', 'window')
),

days as (
    select
        made_up.source,
        made_up.stream,
        made_up.delivery_id,
        calendar.calendar_date,
        bool_or(made_up.mode = 'full' or coalesce(calendar.calendar_date between made_up.later_from and made_up.later_to, false)) as is_made_up
    from made_up
    inner join {{ ref('int_calendar_days') }} as calendar
        on calendar.calendar_date between made_up.coverage_from and made_up.coverage_to
    group by made_up.source, made_up.stream, made_up.delivery_id, calendar.calendar_date
),

-- Of a delivery that names no days only all there is can make up.
days_left as (
    select
        source,
        stream,
        delivery_id,
        min(case when not is_made_up then calendar_date end) as first_date,
        max(case when not is_made_up then calendar_date end) as last_date
    from days
    group by source, stream, delivery_id

    union all

    select
        source,
        stream,
        delivery_id,
        cast(null as date) as first_date,
        cast(null as date) as last_date
    from made_up
    where coverage_from is null
    group by source, stream, delivery_id
    having bool_or(mode = 'full')
),

quarantined as (
    select
        deliveries.source,
        deliveries.stream,
        deliveries.delivery_id,
        deliveries.rows_read,
        deliveries.rows_quarantined,
        deliveries.us_read - deliveries.us_loaded as us_missing,
        {{ local_date('deliveries.extracted_at', "'UTC'") }} as extracted_date,
        coalesce(days_left.first_date, deliveries.coverage_from) as first_date,
        coalesce(days_left.last_date, deliveries.coverage_to) as last_date
    from deliveries
    left join days_left
        on deliveries.source = days_left.source
        and deliveries.stream = days_left.stream
        and deliveries.delivery_id = days_left.delivery_id
    where deliveries.rows_quarantined > 0
        and (days_left.delivery_id is null or days_left.first_date is not null)
)

select
    {{ gap_columns(
        rule='quarantined_rows', severity="'warns'", scope='delivery',
        key_parts=['quarantined.source', 'quarantined.stream', 'quarantined.delivery_id'],
        source='quarantined.source', stream='quarantined.stream',
        start_date="least(coalesce(quarantined.first_date, quarantined.extracted_date), " ~ as_of_date() ~ ")",
        end_date="least(coalesce(quarantined.last_date, quarantined.extracted_date), " ~ as_of_date() ~ ")",
        hours_at_stake=hours('nullif(quarantined.us_missing, 0)'),
        owner="coalesce(sources.owner, 'source owner')",
        detail="quarantined.rows_quarantined || ' of ' || quarantined.rows_read || ' rows of ' || quarantined.stream || ' could not be read'",
        remedy="'See the quarantine of the delivery for row, column and reason; correct the file or the format and deliver again.'"
    ) }}
from quarantined
left join {{ ref('dim_sources') }} as sources
    on quarantined.source = sources.source
