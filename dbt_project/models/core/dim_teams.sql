-- Teams have no id: everything that any roster, project, task, interaction or target calls a team, once.
with mentions as (
    select team_name from {{ ref('int_person_spans_resolved') }}
    union all
    select team_name from {{ ref('stg_projects') }}
    union all
    select team_name from {{ ref('stg_tasks') }}
    union all
    select team_name from {{ ref('stg_interactions') }}
    union all
    select team_name from {{ source('workspace', 'targets') }}
),

named as (
    select
        {{ team_key('team_name') }} as team_key,
        trim(team_name) as team_name
    from mentions
)

select
    team_key,
    min(team_name) as team_name
from named
where team_key is not null
group by team_key
