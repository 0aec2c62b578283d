-- From the file to the counted hour. Rows first, hours where the stream has them; difference columns are 0 where the books balance.
{% set reasons = ['evidence', 'system_account', 'undated', 'after_as_of', 'outside_calendar', 'absence', 'other_source_has_authority'] %}
with accounts as (
    select
        accounts.*,
        {% for reason in reasons %}not_counted_{{ reason }}_rows{{ ' + ' if not loop.last }}{% endfor %} as not_counted_rows,
        {% for reason in reasons %}coalesce(not_counted_{{ reason }}_us, 0){{ ' + ' if not loop.last }}{% endfor %} as not_counted_us
    from {{ ref('fct_stream_accounts') }} as accounts
),

gaps as (
    select
        source,
        count(*) as gap_count,
        count(*) filter (where severity = 'blocks') as blocking_gap_count
    from {{ ref('fct_gaps') }}
    where scope in ('source', 'delivery')
        and not is_accepted
    group by source
)

select
    accounts.source,
    accounts.stream,
    accounts.delivery_count,
    accounts.rows_read,
    accounts.rows_loaded,
    accounts.rows_merged,
    accounts.rows_quarantined,
    accounts.rows_filtered,
    {{ hours('accounts.us_read') }} as read_hours,
    {{ hours('accounts.us_loaded') }} as loaded_hours,
    {{ hours('accounts.us_read - accounts.us_loaded') }} as not_loaded_hours,
    accounts.delivered_rows,
    accounts.superseded_rows,
    accounts.tombstoned_rows,
    accounts.vanished_rows,
    accounts.staged_rows,
    {{ hours('accounts.delivered_us') }} as delivered_hours,
    {{ hours('accounts.superseded_us') }} as superseded_hours,
    {{ hours('accounts.tombstoned_us') }} as tombstoned_hours,
    {{ hours('accounts.vanished_us') }} as vanished_hours,
    {{ hours('accounts.staged_us') }} as staged_hours,
    accounts.fact_rows,
    {{ hours('accounts.fact_us') }} as fact_hours,
    accounts.counted_rows,
    {{ hours('accounts.counted_us') }} as counted_hours,
    accounts.counted_rows_without_duration,
    accounts.not_counted_rows,
    {{ hours('accounts.not_counted_us') }} as not_counted_hours,
    {% for reason in reasons %}
    accounts.not_counted_{{ reason }}_rows,
    {{ hours('accounts.not_counted_' ~ reason ~ '_us') }} as not_counted_{{ reason }}_hours,
    {% endfor %}
    case
        when accounts.delivered_us is not null or accounts.us_loaded is not null
            then {{ hours('coalesce(accounts.us_loaded, 0) - coalesce(accounts.delivered_us, 0)') }}
    end as loaded_difference_hours,
    accounts.delivered_rows - accounts.superseded_rows - accounts.tombstoned_rows - accounts.vanished_rows - accounts.staged_rows
        as staged_difference_rows,
    {{ hours(
        'coalesce(accounts.delivered_us, 0) - coalesce(accounts.superseded_us, 0) - coalesce(accounts.tombstoned_us, 0)'
        ~ ' - coalesce(accounts.vanished_us, 0) - coalesce(accounts.staged_us, 0)'
    ) }} as staged_difference_hours,
    case when accounts.stream = 'time_entries' then accounts.staged_rows - accounts.fact_rows end as fact_difference_rows,
    case
        when accounts.stream = 'time_entries'
            then {{ hours('coalesce(accounts.staged_us, 0) - coalesce(accounts.fact_us, 0)') }}
    end as fact_difference_hours,
    accounts.fact_rows - accounts.counted_rows - accounts.not_counted_rows as counted_difference_rows,
    {{ hours('coalesce(accounts.fact_us, 0) - coalesce(accounts.counted_us, 0) - accounts.not_counted_us') }} as counted_difference_hours,
    coalesce(gaps.gap_count, 0) as gap_count,
    coalesce(gaps.blocking_gap_count, 0) as blocking_gap_count,
    coalesce(accounts.rows_quarantined, 0) = 0 and coalesce(gaps.gap_count, 0) = 0 as is_complete
from accounts
left join gaps
    on accounts.source = gaps.source
