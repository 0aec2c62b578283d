with current_milestones as (
    {{ current_records('milestones') }}
)

select
    {{ surrogate_key(['source', 'source_record_id']) }} as milestone_key,
    source,
    source_record_id,
    delivery_id,
    {{ project_ref_key() }} as project_ref_key,
    milestone_name,
    baseline_date,
    baseline_basis,
    due_date,
    completed_date,
    status_category
from current_milestones
