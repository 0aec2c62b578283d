-- Every kind of work: the seeded ones, those the company's rules name (the rule's category and service then hold), and the two that say that we do not know.
with ruled as (
    select
        lower(trim(activity_type)) as type_id,
        min_by(trim(activity_type), priority) as activity_type,
        min_by(nullif(trim(category), ''), priority) filter (where nullif(trim(category), '') is not null) as category,
        min_by(nullif(trim(finance_service), ''), priority) filter (where nullif(trim(finance_service), '') is not null) as finance_service
    from {{ source('workspace', 'activity_rules') }}
    where nullif(trim(activity_type), '') is not null
    group by lower(trim(activity_type))
),

seeded as (
    select
        lower(activity_type) as type_id,
        activity_type,
        category,
        finance_service
    from {{ ref('activity_types') }}
)

select
    {{ surrogate_key(['coalesce(ruled.type_id, seeded.type_id)']) }} as activity_type_key,
    coalesce(ruled.type_id, seeded.type_id) as type_id,
    coalesce(ruled.activity_type, seeded.activity_type) as activity_type,
    coalesce(ruled.category, seeded.category, 'other') as category,
    coalesce(ruled.finance_service, seeded.finance_service) as finance_service,
    case when ruled.type_id is not null then 'rule' else 'seed' end as definition_basis
from ruled
full outer join seeded
    on ruled.type_id = seeded.type_id
