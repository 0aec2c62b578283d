-- What people decided to live with, in keys. A person, team or project that nobody knows stays as it is written and so accepts nothing.
-- Acceptances that have run out are left out: their gaps count again.
select
    lower(trim(accepted.rule)) as rule,
    accepted.source,
    coalesce(identifiers.person_key, nullif(trim(accepted.person), '')) as person_key,
    {{ team_key('accepted.team') }} as team_key,
    coalesce(projects.project_key, nullif(trim(accepted.project), '')) as project_key,
    accepted.start_date,
    accepted.end_date,
    accepted.accepted_by,
    accepted.reason as accepted_reason,
    accepted.accepted_until as accepted_until_date
from {{ source('workspace', 'accepted_gaps') }} as accepted
left join {{ ref('int_person_identifiers_mapped') }} as identifiers
    on identifiers.identifier_kind = 'email'
    and {{ normal_email('accepted.person') }} = identifiers.identifier
left join {{ ref('dim_projects') }} as projects
    on {{ normal_code('accepted.project') }} = projects.project_code
where accepted.accepted_until >= {{ as_of_date() }}
    and accepted.accepted_by is not null
    and accepted.reason is not null
