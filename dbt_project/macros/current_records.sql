{#
Which of all delivered versions of a record holds, decided once for every stream.

    record_versions(stream, among)   `with …, judged as (…)`: every delivered row and its record_state
    current_records(stream)   a whole select, to stand in parentheses: the rows whose state is 'current'

1. Deliveries of a source are in order of (extracted_at, sha256, delivery_id). Arrival plays no part, so any order of
   arrival gives the same answer.
2. Current is the version with the greatest (source_modified_at, delivery order, _row); a version that does not say when it was
   modified comes before all that do. Every other version is 'superseded'.
3. A current version that is the feed's own tombstone is 'tombstoned'.
4. A delivery in mode `full` is the whole truth, one in mode `window` the whole truth for its coverage (inclusive dates). If the
   current version's date lies in the coverage of a complete delivery that is later than every delivery in which
   the record appears, the source no longer has it: 'vanished'. It returns as soon as a later delivery brings it,
   in this window or in another. Deliveries in mode `changes`, incomplete ones and windows without dates say nothing about absence,
   and neither does an export in another format: a source that writes events and tasks in two files has them in one stream.

The date by which a source filters its windows, and what makes a row an observation of its own (a roster without dates is a picture of
its day), are told by macros/record_dates.sql. A record without a date can vanish from `full` deliveries only. Observations are versions of
(record, that value), and never vanish: the picture stays true of its day.

among: a relation, one row per source and source_record_id, of the only records to look at. They are few, so they are read once and kept.
#}

{% macro record_versions(stream, among=none) -%}
    with deliveries as (
        select
            delivery_streams.delivery_id,
            delivery_streams.source,
            coalesce(delivery_streams.format, '') as delivery_format,
            delivery_streams.mode,
            delivery_streams.coverage_from,
            delivery_streams.coverage_to,
            delivery_streams.is_complete,
            delivery_streams.extracted_at,
            bool_or(delivery_streams.mode = 'window' and delivery_streams.is_complete) over (
                partition by delivery_streams.source, delivery_streams.format
            ) as has_windows,
            row_number() over (
                partition by delivery_streams.source
                order by delivery_streams.extracted_at, delivery_streams.sha256, delivery_streams.delivery_id
            ) as delivery_order
        from {{ source('workspace', 'delivery_streams') }} as delivery_streams
        where delivery_streams.stream = '{{ stream }}'
    ),

    zones as (
        select
            sources.source,
            coalesce(sources.zone, policy.default_zone) as source_zone
        from {{ source('workspace', 'sources') }} as sources
        cross join {{ source('workspace', 'policy') }} as policy
    ),

    delivered as {{ '' if among else inlined() }} (
        select
            records.*,
            deliveries.extracted_at as delivery_extracted_at,
            deliveries.delivery_order,
            deliveries.delivery_format,
            deliveries.has_windows,
            zones.source_zone
        from {{ source('streams', stream) }} as records
        {%- if among %}
        inner join {{ among }} as among
            on records.source = among.source
            and records.source_record_id = among.source_record_id
        {%- endif %}
        left join deliveries
            on records.delivery_id = deliveries.delivery_id
        left join zones
            on records.source = zones.source
    ),

    identified as {{ '' if among else inlined() }} (
        select
            delivered.*,
            -- To ask a zone takes seconds a million rows, and without windows nobody asks for the date.
            case when delivered.has_windows then {{ record_date(stream) }} end as record_date,
            {{ record_history(stream) }} as record_history
        from delivered
    ),

    -- Most records are delivered once. Only the others are put in order: a window over every row costs ten times this count.
    repeated as (
        select
            source,
            source_record_id,
            record_history,
            max(delivery_order) as last_seen_order
        from identified
        group by source, source_record_id, record_history
        having count(*) > 1
    ),

    ranked as (
        select
            identified.*,
            row_number() over (
                partition by identified.source, identified.source_record_id, identified.record_history
                order by identified.source_modified_at desc nulls last, identified.delivery_order desc nulls last, identified._row desc
            ) as version_rank,
            repeated.last_seen_order
        from identified
        inner join repeated
            on identified.source = repeated.source
            and identified.source_record_id = repeated.source_record_id
            and identified.record_history is not distinct from repeated.record_history

        union all

        select
            identified.*,
            1 as version_rank,
            identified.delivery_order as last_seen_order
        from identified
        left join repeated
            on identified.source = repeated.source
            and identified.source_record_id = repeated.source_record_id
            and identified.record_history is not distinct from repeated.record_history
        where repeated.source is null
    ),

    full_truths as (
        select
            source,
            delivery_format,
            delivery_order
        from deliveries
        where mode = 'full' and is_complete
    ),

    full_coverage as (
        select
            source,
            delivery_format,
            max(delivery_order) as covered_order
        from full_truths
        group by source, delivery_format
    ),

    record_dates as (
        select
            source,
            delivery_format,
            record_date
        from identified
        where record_date is not null
        group by source, delivery_format, record_date
    ),

    -- A range join, but over distinct dates and deliveries only.
    window_truths as (
        select
            record_dates.source,
            record_dates.delivery_format,
            record_dates.record_date,
            deliveries.delivery_order
        from record_dates
        inner join deliveries
            on record_dates.source = deliveries.source
            and record_dates.delivery_format = deliveries.delivery_format
            and record_dates.record_date between deliveries.coverage_from and deliveries.coverage_to
        where deliveries.mode = 'window' and deliveries.is_complete
    ),

    window_coverage as (
        select
            source,
            delivery_format,
            record_date,
            max(delivery_order) as covered_order
        from window_truths
        group by source, delivery_format, record_date
    ),

    judged as (
        select
            ranked.*,
            case
                when ranked.version_rank > 1 then 'superseded'
                when ranked.is_deleted then 'tombstoned'
                when ranked.record_history is not null then 'current'
                when coalesce(full_coverage.covered_order, 0) > ranked.last_seen_order then 'vanished'
                when coalesce(window_coverage.covered_order, 0) > ranked.last_seen_order then 'vanished'
                else 'current'
            end as record_state
        from ranked
        left join full_coverage
            on ranked.source = full_coverage.source
            and ranked.delivery_format = full_coverage.delivery_format
        left join window_coverage
            on ranked.source = window_coverage.source
            and ranked.delivery_format = window_coverage.delivery_format
            and ranked.record_date = window_coverage.record_date
    )
{%- endmacro %}

{% macro current_records(stream) -%}
    {{ record_versions(stream) }}

    select *
    from judged
    where record_state = 'current'
{%- endmacro %}
