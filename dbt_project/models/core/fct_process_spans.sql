select
    spans.process_span_key,
    activities.activity_key,
    spans.source,
    spans.source_record_id,
    spans.delivery_id,
    spans.process_name,
    spans.case_id,
    spans.activity_name,
    activities.person_key,
    activities.team_key,
    activities.work_date,
    spans.started_at,
    spans.ended_at,
    spans.pairing_basis,
    spans.is_aborted,
    spans.is_automated,
    spans.elapsed_us,
    spans.paused_us,
    clipped.working_elapsed_us,
    {{ hours('spans.elapsed_us') }} as elapsed_hours,
    {{ hours('spans.paused_us') }} as paused_hours,
    {{ hours('clipped.working_elapsed_us') }} as working_elapsed_hours
from {{ ref('int_process_events_paired') }} as spans
inner join {{ ref('fct_activities') }} as activities
    on activities.activity_key = {{ surrogate_key(["'process_span'", 'spans.process_span_key']) }}
left join {{ ref('int_process_spans_clipped') }} as clipped on spans.process_span_key = clipped.process_span_key
