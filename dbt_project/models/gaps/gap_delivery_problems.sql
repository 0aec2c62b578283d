-- Rejected files, silent sources and drift, as the ledger tells them. Its quarantined rows are in gap_quarantined_rows, with their days and hours.
select
    {{ gap_columns(
        rule='delivery_problems', severity="case when problems.severity = 'blocks' then 'blocks' else 'warns' end", scope='delivery',
        key_parts=['problems.source', 'problems.file_name', 'problems.rule', 'problems.detail'],
        source='problems.source',
        start_date="least(" ~ local_date('problems.first_seen_at', "'UTC'") ~ ", " ~ as_of_date() ~ ")", end_date=as_of_date(), hours_at_stake='null',
        owner="coalesce(sources.owner, 'source owner')",
        detail="concat_ws(': ', problems.rule, problems.file_name, problems.detail)",
        remedy='problems.remedy'
    ) }}
from {{ source('workspace', 'problems') }} as problems
left join {{ ref('dim_sources') }} as sources
    on problems.source = sources.source
where problems.rule <> 'rows_quarantined'
