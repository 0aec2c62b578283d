{{ config(materialized='view') }}
-- Every kind of activity in one shape. Models that bring further kinds have the columns of int_time_entries_as_activities and are named here.
{% set activity_models = [
    ref('int_time_entries_as_activities'),
    ref('int_interactions_as_activities'),
    ref('int_process_spans_as_activities'),
] %}
{% for model in activity_models %}
select
    activity_key,
    activity_kind,
    source,
    source_record_id,
    delivery_id,
    person_actor_key,
    project_ref_key,
    task_key,
    activity_label,
    date_precision,
    started_at,
    ended_at,
    utc_offset_minutes,
    stated_date,
    period_start_date,
    period_end_date,
    duration_us,
    is_billable,
    approval_status
from {{ model }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
