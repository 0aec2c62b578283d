-- Rows that a delivery brought and that could not be read, until a later one is whole and speaks of the same: all there is, or these days.
-- A roster is a picture of its day, so that none makes up for an earlier one.
with deliveries as (
    select
        *,
        row_number() over (partition by source, stream order by extracted_at, sha256, delivery_id) as delivery_order
    from {{ source('workspace', 'delivery_streams') }}
),

quarantined as (
    select
        source,
        stream,
        delivery_id,
        rows_read,
        rows_quarantined,
        us_read - us_loaded as us_missing,
        coverage_from,
        coverage_to,
        extracted_at
    from deliveries
    where rows_quarantined > 0
        and not exists (
            select 1
            from deliveries as later
            where later.source = deliveries.source
                and later.stream = deliveries.stream
                and later.stream <> 'people'
                and later.format is not distinct from deliveries.format
                and later.delivery_order > deliveries.delivery_order
                and later.is_complete
                and (
                    later.mode = 'full'
                    or (
                        later.mode = 'window'
                        and later.coverage_from <= deliveries.coverage_from
                        and later.coverage_to >= deliveries.coverage_to
                    )
                )
        )
)

select
    {{ gap_columns(
        rule='quarantined_rows', severity="'warns'", scope='delivery',
        key_parts=['quarantined.source', 'quarantined.stream', 'quarantined.delivery_id'],
        source='quarantined.source', stream='quarantined.stream',
        start_date="least(coalesce(quarantined.coverage_from, " ~ local_date('quarantined.extracted_at', "'UTC'") ~ "), " ~ as_of_date() ~ ")",
        end_date="least(coalesce(quarantined.coverage_to, " ~ local_date('quarantined.extracted_at', "'UTC'") ~ "), " ~ as_of_date() ~ ")",
        hours_at_stake=hours('nullif(quarantined.us_missing, 0)'),
        owner="coalesce(sources.owner, 'source owner')",
        detail="quarantined.rows_quarantined || ' of ' || quarantined.rows_read || ' rows of ' || quarantined.stream || ' could not be read'",
        remedy="'See the quarantine of the delivery for row, column and reason; correct the file or the format and deliver again.'"
    ) }}
from quarantined
left join {{ ref('dim_sources') }} as sources
    on quarantined.source = sources.source
