{{ team_utilisation('week') }}
