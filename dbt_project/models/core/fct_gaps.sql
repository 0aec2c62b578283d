-- Everything that is missing or doubtful, one list. A gap model that is not named here is not published: tests/architecture compares the two.
{% set gap_models = [
    ref('gap_activity_outside_employment'),
    ref('gap_competing_sources'),
    ref('gap_delivery_problems'),
    ref('gap_entries_without_task'),
    ref('gap_finished_before_created'),
    ref('gap_misdated_activities'),
    ref('gap_missing_durations'),
    ref('gap_over_24_hours'),
    ref('gap_over_allocated'),
    ref('gap_overlapping_entries'),
    ref('gap_quarantined_rows'),
    ref('gap_roster_without_activity'),
    ref('gap_silent_sources'),
    ref('gap_status_histories_disagree'),
    ref('gap_task_totals_disagree'),
    ref('gap_unknown_baselines'),
    ref('gap_unknown_capacity'),
    ref('gap_unlogged_days'),
    ref('gap_unmatched_people'),
    ref('gap_unmatched_process_events'),
    ref('gap_unplaced_bookings'),
] %}
{% for model in gap_models %}
select
    gap_key,
    rule,
    severity,
    scope,
    source,
    person_key,
    team_key,
    project_key,
    start_date,
    end_date,
    hours_at_stake,
    owner,
    detail,
    remedy
from {{ model }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
