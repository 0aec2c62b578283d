-- The books of every source and stream: from the rows of its files to the hours that count. Each step names where rows and hours went.
{% set reasons = ['evidence', 'system_account', 'undated', 'after_as_of', 'outside_calendar', 'absence', 'other_source_has_authority'] %}
{% set added = ['rows_read', 'rows_loaded', 'rows_merged', 'rows_quarantined', 'rows_filtered', 'us_read', 'us_loaded'] %}
{% set counted_lately = ['repeated_time_rows', 'skipped_time_rows'] %}
with ledger as (
    select
        source,
        stream,
        count(*) as delivery_count,
        {% for column in added %}
        cast(sum({{ column }}) as bigint) as {{ column }},
        {% endfor %}
        {# A sum over deliveries of which some were not counted would be too small. A delivery without a known duration adds no time. #}
        {% for column in counted_lately %}
        cast(case when count({{ column }}) = count(*) then sum({{ column }}) end as bigint) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ source('workspace', 'delivery_streams') }}
    group by source, stream
),

facts as (
    select
        source,
        case activity_kind
            when 'time_entry' then 'time_entries'
            when 'interaction' then 'interactions'
            when 'process_span' then 'process_events'
        end as stream,
        count(*) filter (where day_part = 1) as fact_rows,
        sum(duration_us) as fact_us,
        count(*) filter (where is_counted and day_part = 1) as counted_rows,
        sum(duration_us) filter (where is_counted) as counted_us,
        count(*) filter (where is_counted and day_part = 1 and duration_us is null) as counted_rows_without_duration,
        {% for reason in reasons %}
        count(*) filter (where day_part = 1 and not_counted_reason = '{{ reason }}') as not_counted_{{ reason }}_rows,
        sum(duration_us) filter (where not_counted_reason = '{{ reason }}') as not_counted_{{ reason }}_us{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('fct_activities') }}
    group by source, activity_kind
),

books as (
    select source, stream from ledger
    union
    select source, stream from {{ ref('int_stream_records_counted') }}
    union
    select source, stream from {{ ref('int_staged_rows_counted') }}
    union
    select source, stream from facts
)

select
    books.source,
    books.stream,
    coalesce(ledger.delivery_count, 0) as delivery_count,
    {% for column in added + counted_lately %}
    ledger.{{ column }},
    {% endfor %}
    {% for column in ['delivered', 'superseded', 'tombstoned', 'vanished'] %}
    cast(coalesce(records.{{ column }}_rows, 0) as bigint) as {{ column }}_rows,
    cast(records.{{ column }}_us as bigint) as {{ column }}_us,
    {% endfor %}
    cast(coalesce(staged.staged_rows, 0) as bigint) as staged_rows,
    cast(staged.staged_us as bigint) as staged_us,
    cast(coalesce(facts.fact_rows, 0) as bigint) as fact_rows,
    cast(facts.fact_us as bigint) as fact_us,
    cast(coalesce(facts.counted_rows, 0) as bigint) as counted_rows,
    cast(facts.counted_us as bigint) as counted_us,
    cast(coalesce(facts.counted_rows_without_duration, 0) as bigint) as counted_rows_without_duration,
    {% for reason in reasons %}
    cast(coalesce(facts.not_counted_{{ reason }}_rows, 0) as bigint) as not_counted_{{ reason }}_rows,
    cast(facts.not_counted_{{ reason }}_us as bigint) as not_counted_{{ reason }}_us{{ ',' if not loop.last }}
    {% endfor %}
from books
left join ledger
    on books.source = ledger.source
    and books.stream = ledger.stream
left join {{ ref('int_stream_records_counted') }} as records
    on books.source = records.source
    and books.stream = records.stream
left join {{ ref('int_staged_rows_counted') }} as staged
    on books.source = staged.source
    and books.stream = staged.stream
left join facts
    on books.source = facts.source
    and books.stream = facts.stream
