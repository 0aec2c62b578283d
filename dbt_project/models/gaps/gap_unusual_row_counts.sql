-- Lists that came out far shorter, or far longer, than before: a filter left on, a page that was not fetched, rows twice under new ids. What a
-- source exports whole is compared with the median of its ten exports before: less than short_percent of it is short, from the first
-- comparison on; more than long_percent is long, once there are three to compare with, since a young list grows. Lists of less than
-- smallest_rows say nothing. Time is looked at by the day (gap_short_exports); exports of changes have no usual size.
with thresholds as (
    {{ thresholds('unusual_row_counts', ['short_percent', 'long_percent', 'smallest_rows'], by_source=true) }}
),

whole_lists as (
    select
        delivered.source,
        delivered.stream,
        coalesce(delivered.format, '') as format,
        delivered.delivery_id,
        delivered.rows_loaded,
        delivered.extracted_at,
        row_number() over (
            partition by delivered.source, delivered.stream, coalesce(delivered.format, '')
            order by delivered.extracted_at desc, delivered.sha256 desc, delivered.delivery_id desc
        ) as newest_first
    from {{ source('workspace', 'delivery_streams') }} as delivered
    where delivered.mode = 'full'
        and delivered.is_complete
        and delivered.stream <> 'time_entries'
),

newest as (
    select * from whole_lists
    where newest_first = 1
),

usual as (
    select
        source,
        stream,
        format,
        count(*) as list_count,
        median(rows_loaded) as usual_rows
    from whole_lists
    where newest_first between 2 and 11
    group by source, stream, format
)

select
    {{ gap_columns(
        rule='unusual_row_counts', severity="'warns'", scope='delivery',
        key_parts=['newest.source', 'newest.stream', 'newest.delivery_id'],
        source='newest.source', stream='newest.stream',
        start_date="least(" ~ local_date('newest.extracted_at', "'UTC'") ~ ", " ~ as_of_date() ~ ")", end_date=as_of_date(), hours_at_stake='null',
        owner="coalesce(sources.owner, 'source owner')",
        detail="newest.rows_loaded || ' rows of ' || newest.stream || ', where about ' || cast(round(usual.usual_rows) as bigint)
            || ' are usual: delivery ' || newest.delivery_id",
        remedy="case
            when newest.rows_loaded < usual.usual_rows
                then 'Export the list again, whole and without filters; what it no longer names has left every figure.'
            else 'Look for rows that came twice, under other ids; if the list is right, accept the gap.'
        end"
    ) }}
from newest
inner join usual
    on newest.source = usual.source
    and newest.stream = usual.stream
    and newest.format = usual.format
inner join thresholds
    on newest.source = thresholds.source
left join {{ ref('dim_sources') }} as sources
    on newest.source = sources.source
where (usual.usual_rows >= thresholds.smallest_rows and newest.rows_loaded * 100 < thresholds.short_percent * usual.usual_rows)
    or (
        newest.rows_loaded >= thresholds.smallest_rows
        and usual.list_count >= 3
        and newest.rows_loaded * 100 > thresholds.long_percent * usual.usual_rows
    )
