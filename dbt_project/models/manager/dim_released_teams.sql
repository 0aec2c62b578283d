select
    teams.team_key,
    teams.team_name
from {{ ref('dim_teams') }} as teams
inner join {{ ref('release_figures') }} as figures
    on teams.team_key = figures.team_key
group by teams.team_key, teams.team_name
