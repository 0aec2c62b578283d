-- Rejected files, silent sources and drift, as the ledger tells them. Its quarantined rows are in gap_quarantined_rows, with their days and hours.
-- A file may be named after a person, and what is wrong with it may quote it: readers are told the delivery, and operators by the ledger.
with problems as (
    select
        problems.source,
        problems.rule,
        problems.severity,
        problems.first_seen_at,
        {{ file_key_of('problems.file_name') }} as file_key,
        problems.detail,
        case
            when problems.rule in ('header_drift', 'source_without_file') then problems.detail
            else 'could not be read'
        end as told_detail,
        'delivery ' || problems.delivery_id as told_delivery,
        case
            when problems.rule in ('header_drift', 'source_without_file') then problems.remedy
            else 'workledger status names the file and says what is wrong with it.'
        end as told_remedy
    from {{ source('workspace', 'problems') }} as problems
    where problems.rule <> 'rows_quarantined'
)

select
    {{ gap_columns(
        rule='delivery_problems', severity="case when problems.severity = 'blocks' then 'blocks' else 'warns' end", scope='delivery',
        key_parts=['problems.source', 'problems.file_key', 'problems.rule', 'problems.detail'],
        source='problems.source',
        start_date="least(" ~ local_date('problems.first_seen_at', "'UTC'") ~ ", " ~ as_of_date() ~ ")", end_date=as_of_date(), hours_at_stake='null',
        owner="coalesce(sources.owner, 'source owner')",
        detail="concat_ws(': ', problems.rule, problems.told_delivery, problems.told_detail)",
        remedy='problems.told_remedy'
    ) }}
from problems
left join {{ ref('dim_sources') }} as sources
    on problems.source = sources.source
