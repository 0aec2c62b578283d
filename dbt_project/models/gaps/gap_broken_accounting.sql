-- Books of a source and stream that do not close between the ledger and the rows: what was loaded is not what is there. Every step after that
-- is held by tests that block (fct_stream_accounts), so that no version shows it.
with broken as (
    select
        source,
        stream,
        rows_loaded,
        delivered_rows,
        us_loaded,
        delivered_us
    from {{ ref('fct_stream_accounts') }}
    where rows_loaded is distinct from delivered_rows
        or us_loaded <> delivered_us
)

select
    {{ gap_columns(
        rule='broken_accounting', severity="'blocks'", scope='source',
        key_parts=['broken.source', 'broken.stream'],
        source='broken.source', stream='broken.stream', start_date='null', end_date='null',
        hours_at_stake=hours('abs(broken.us_loaded - broken.delivered_us)'),
        owner="'data engineering'",
        detail="'The ledger has ' || coalesce(broken.rows_loaded, 0) || ' rows of ' || broken.stream || ', the stream ' || broken.delivered_rows
            || case when broken.us_loaded <> broken.delivered_us then '; their time differs too' else '' end",
        remedy="'`workledger verify` names the delivery; restore its files from the back-up.'"
    ) }}
from broken
