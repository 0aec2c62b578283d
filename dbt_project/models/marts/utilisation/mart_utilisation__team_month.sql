{{ team_utilisation('month') }}
