{{ completion_by_week('project_key', 'project_key', 'project_key') }}
