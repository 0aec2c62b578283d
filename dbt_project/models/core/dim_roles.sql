-- Roles have no id: everything that any roster, booking, target or rate card calls a role, once.
with mentions as (
    select role_name from {{ ref('int_person_spans_resolved') }}
    union all
    select role_name from {{ ref('stg_allocations') }}
    union all
    select role_name from {{ source('workspace', 'targets') }}
    union all
    select role_name from {{ ref('stg_rates') }}
),

named as (
    select
        {{ role_key('role_name') }} as role_key,
        trim(role_name) as role_name
    from mentions
)

select
    role_key,
    min(role_name) as role_name
from named
where role_key is not null
group by role_key
