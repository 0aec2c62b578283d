-- Rows that a delivery brought and that could not be read.
with quarantined as (
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
    from {{ source('workspace', 'delivery_streams') }}
    where rows_quarantined > 0
)

select
    {{ gap_columns(
        rule='quarantined_rows', severity="'warns'", scope='delivery',
        key_parts=['quarantined.source', 'quarantined.stream', 'quarantined.delivery_id'],
        source='quarantined.source',
        start_date="coalesce(quarantined.coverage_from, " ~ local_date('quarantined.extracted_at', "'UTC'") ~ ")",
        end_date="coalesce(quarantined.coverage_to, " ~ local_date('quarantined.extracted_at', "'UTC'") ~ ")",
        hours_at_stake=hours('nullif(quarantined.us_missing, 0)'),
        owner="coalesce(sources.owner, 'source owner')",
        detail="quarantined.rows_quarantined || ' of ' || quarantined.rows_read || ' rows of ' || quarantined.stream || ' could not be read'",
        remedy="'See the quarantine of the delivery for row, column and reason; correct the file or the format and deliver again.'"
    ) }}
from quarantined
left join {{ ref('dim_sources') }} as sources
    on quarantined.source = sources.source
