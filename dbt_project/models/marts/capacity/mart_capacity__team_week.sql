{{ capacity_by_week('team_key') }}
