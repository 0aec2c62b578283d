with current_projects as (
    {{ current_records('projects') }}
)

select
    {{ surrogate_key(['source', 'source_record_id']) }} as project_record_key,
    source,
    source_record_id,
    delivery_id,
    source_modified_at,
    project_code,
    project_name,
    client_name,
    charge_code,
    is_billable,
    is_internal,
    team_name,
    status,
    budget_us,
    budget_amount,
    fee_amount,
    currency,
    planned_start_date,
    planned_end_date
from current_projects
