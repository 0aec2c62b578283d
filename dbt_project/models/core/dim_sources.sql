-- Configured sources and any that still have deliveries.
with delivered as (
    select
        source,
        count(distinct delivery_id) as delivery_count,
        min(extracted_at) as first_extracted_at,
        max(extracted_at) as last_extracted_at,
        min(coverage_from) as covered_from_date,
        max(coverage_to) as covered_to_date,
        string_agg(distinct stream, ', ' order by stream) as streams
    from {{ source('workspace', 'delivery_streams') }}
    group by source
)

select
    coalesce(sources.source, delivered.source) as source,
    sources.format,
    sources.zone,
    sources.mode,
    sources.rhythm,
    sources.owner,
    sources.source is not null as is_configured,
    coalesce(delivered.delivery_count, 0) as delivery_count,
    delivered.streams,
    delivered.first_extracted_at,
    delivered.last_extracted_at,
    delivered.covered_from_date,
    delivered.covered_to_date
from {{ source('workspace', 'sources') }} as sources
full outer join delivered
    on sources.source = delivered.source
