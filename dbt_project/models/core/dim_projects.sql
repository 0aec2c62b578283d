-- Projects of the sources' own lists, one row a code; and those that are only mentioned, unresolved. Amounts are for finance, not for this file.
with listed as (
    select
        {{ project_key_of('source', 'source_record_id', 'project_code') }} as project_key,
        {{ normal_code('project_code') }} as project_code,
        trim(project_name) as project_name,
        nullif(trim(client_name), '') as client_name,
        charge_code,
        is_billable,
        is_internal,
        team_name,
        status,
        budget_us,
        planned_start_date,
        planned_end_date,
        source,
        row_number() over (
            partition by {{ project_key_of('source', 'source_record_id', 'project_code') }}
            order by budget_us is null, is_billable is null, source_modified_at desc nulls last, source, source_record_id
        ) as preference_rank
    from {{ ref('stg_projects') }}
),

merged as (
    select
        project_key,
        max(project_code) as project_code,
        {% for column in ['project_name', 'client_name', 'charge_code', 'is_billable', 'is_internal', 'team_name', 'status', 'budget_us',
                          'planned_start_date', 'planned_end_date'] %}
        min_by({{ column }}, preference_rank) filter (where {{ column }} is not null) as {{ column }},
        {% endfor %}
        min_by(source, preference_rank) as source,
        true as is_resolved
    from listed
    group by project_key
),

mentioned as (
    select
        refs.project_key,
        max(refs.project_code) as project_code,
        min(refs.project_name) as project_name,
        min(refs.client_name) as client_name,
        min(refs.source) as source
    from {{ ref('int_projects_matched') }} as refs
    left join merged
        on refs.project_key = merged.project_key
    where merged.project_key is null
    group by refs.project_key
),

projects as (
    select * from merged
    union all
    select
        project_key,
        project_code,
        project_name,
        client_name,
        cast(null as {{ dbt.type_string() }}) as charge_code,
        cast(null as boolean) as is_billable,
        cast(null as boolean) as is_internal,
        cast(null as {{ dbt.type_string() }}) as team_name,
        cast(null as {{ dbt.type_string() }}) as status,
        cast(null as bigint) as budget_us,
        cast(null as date) as planned_start_date,
        cast(null as date) as planned_end_date,
        source,
        false as is_resolved
    from mentioned
)

select
    project_key,
    project_code,
    project_name,
    client_name,
    charge_code,
    is_billable,
    is_internal,
    {{ team_key('team_name') }} as team_key,
    status,
    {{ hours('budget_us') }} as budgeted_hours,
    planned_start_date,
    planned_end_date,
    source,
    is_resolved
from projects
