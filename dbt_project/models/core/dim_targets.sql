-- Targets as the company wrote them, by team, by role or by both.
select
    {{ surrogate_key(['team_name', 'role_name', 'valid_from_date']) }} as target_key,
    {{ team_key('team_name') }} as team_key,
    {{ role_key('role_name') }} as role_key,
    utilisation_target_ratio,
    valid_from_date,
    valid_to_date
from {{ source('workspace', 'targets') }}
