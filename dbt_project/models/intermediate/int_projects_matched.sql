-- Which project a row means: the id that the same source's project list knows, then the code, then the crosswalk, then the
-- name within the same source's list where only one project there bears it. Whatever is left becomes a project of its own, unresolved.
with refs as (
    select
        project_ref_key,
        source,
        nullif(trim(project_source_id), '') as project_source_id,
        {{ normal_code('project_code') }} as project_code,
        nullif(trim(project_name), '') as project_name,
        nullif(trim(client_name), '') as client_name
    from {{ ref('stg_project_refs') }}
),

projects as (
    select
        source,
        source_record_id,
        {{ normal_code('project_code') }} as project_code,
        lower(nullif(trim(project_name), '')) as project_name,
        {{ project_key_of('source', 'source_record_id', 'project_code') }} as project_key
    from {{ ref('stg_projects') }}
),

codes as (
    select
        project_code,
        min(project_key) as project_key
    from projects
    where project_code is not null
    group by project_code
),

names as (
    select
        source,
        project_name,
        min(project_key) as project_key
    from projects
    where project_name is not null
    group by source, project_name
    having count(distinct project_key) = 1
),

crosswalk as (
    select
        lines.source,
        nullif(trim(lines.project_source_id), '') as project_source_id,
        case when nullif(trim(lines.project_source_id), '') is null then lower(nullif(trim(lines.project_name), '')) end
            as project_name,
        min({{ normal_code('lines.maps_to_code') }}) as maps_to_code
    from {{ source('workspace', 'projects_crosswalk') }} as lines
    where {{ normal_code('lines.maps_to_code') }} is not null
    group by all
    having count(distinct {{ normal_code('lines.maps_to_code') }}) = 1
),

looked_up as (
    select
        refs.*,
        ids.project_key as id_project_key,
        codes.project_key as code_project_key,
        names.project_key as name_project_key,
        coalesce(crosswalk_ids.maps_to_code, crosswalk_names.maps_to_code) as maps_to_code
    from refs
    left join projects as ids
        on refs.source = ids.source
        and refs.project_source_id = ids.source_record_id
    left join codes
        on refs.project_code = codes.project_code
    left join names
        on refs.source = names.source
        and lower(refs.project_name) = names.project_name
    left join crosswalk as crosswalk_ids
        on refs.source = crosswalk_ids.source
        and refs.project_source_id = crosswalk_ids.project_source_id
    left join crosswalk as crosswalk_names
        on refs.source = crosswalk_names.source
        and lower(refs.project_name) = crosswalk_names.project_name
)

select
    looked_up.project_ref_key,
    looked_up.source,
    looked_up.project_source_id,
    coalesce(looked_up.project_code, looked_up.maps_to_code) as project_code,
    looked_up.project_name,
    looked_up.client_name,
    coalesce(
        looked_up.id_project_key,
        looked_up.code_project_key,
        mapped.project_key,
        case when looked_up.maps_to_code is not null then {{ surrogate_key(["'code'", 'looked_up.maps_to_code']) }} end,
        looked_up.name_project_key,
        case when looked_up.project_code is not null then {{ surrogate_key(["'code'", 'looked_up.project_code']) }} end,
        case
            when looked_up.project_source_id is not null
                then {{ surrogate_key(['looked_up.source', 'looked_up.project_source_id']) }}
        end,
        {{ surrogate_key(["'unresolved name'", 'looked_up.source', 'looked_up.client_name', 'lower(looked_up.project_name)']) }}
    ) as project_key,
    case
        when looked_up.id_project_key is not null then 'source_id'
        when looked_up.code_project_key is not null then 'code'
        when mapped.project_key is not null then 'crosswalk'
        when looked_up.maps_to_code is not null then 'crosswalk'
        when looked_up.name_project_key is not null then 'name'
        else 'unresolved'
    end as match_basis
from looked_up
left join codes as mapped
    on looked_up.maps_to_code = mapped.project_code
