-- A promise belongs to the team the assignee was in on the day it was due; a finish to the team of that day.
{{ completion_by_week('team_key', 'due_team_key', 'team_key') }}
