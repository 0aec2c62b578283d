"""Mutants of workflows: which events are one step, how long it took, rested and waited, and how often it was done over."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_LANES = "models/intermediate/int_process_events_laned.sql"
_PAIRS = "macros/event_pairs.sql"
_STEPS = "models/intermediate/int_process_events_paired.sql"
_AS_ACTIVITIES = "models/intermediate/int_process_spans_as_activities.sql"
_CLIPPED = "models/intermediate/int_process_spans_clipped.sql"
_MONTHS = "models/marts/process/mart_process__activity_month.sql"

PROCESSES = (
    Mutant(
        "the ids of instances are ignored", _LANES, "'coalesce(instance_id, person_actor_key)'", "'person_actor_key'"
    ),
    Mutant("a colleague ends what another began", _LANES, "'coalesce(instance_id, person_actor_key)'", "'instance_id'"),
    Mutant(
        "cases are mixed",
        _LANES,
        "'source', 'process_name', 'case_id', 'activity_name',",
        "'source', 'process_name', 'activity_name',",
    ),
    Mutant(
        "an abort ends nothing",
        _LANES,
        "when lifecycle in ('complete', 'abort', 'resume') then",
        "when lifecycle in ('complete', 'resume') then",
    ),
    Mutant(
        "the last to begin is the first to end",
        _PAIRS,
        "order by event_number) as pair_number",
        "order by case role when 'opens' then -event_number else event_number end) as pair_number",
    ),
    Mutant(
        "an end without a beginning takes the next one",
        _PAIRS,
        "role = 'closes' and balance < lowest_before as is_orphan",
        "false as is_orphan",
    ),
    Mutant(
        "at one instant ends come first",
        _PAIRS,
        "case role when 'opens' then 0 else 1 end, source_record_id",
        "case role when 'opens' then 1 else 0 end, source_record_id",
    ),
    Mutant("nobody rests", _STEPS, "then coalesce(paused_times.paused_us, 0)", "then cast(0 as bigint)"),
    Mutant("going on is a rest", _STEPS, "    where role = 'opens'\n", "    where true\n"),
    Mutant(
        "a rest that nobody ended is none",
        _STEPS,
        "least(coalesce(pauses.resumed_at, judged_spans.ended_at), judged_spans.ended_at)",
        "least(coalesce(pauses.resumed_at, pauses.suspended_at), judged_spans.ended_at)",
    ),
    Mutant(
        "a rest from before the start counts whole",
        _STEPS,
        "'greatest(pauses.suspended_at, judged_spans.started_at)'",
        "'pauses.suspended_at'",
    ),
    Mutant("stopping and going on at one instant is a rest", _STEPS, "    having min(role) = max(role)\n", ""),
    Mutant(
        "every end without a beginning is a defect",
        _STEPS,
        "when activities_with_starts.activity_name is null then 'single'",
        "when false then 'single'",
    ),
    Mutant(
        "whoever began a step is its person",
        _STEPS,
        "coalesce(closings.person_actor_key, openings.person_actor_key)",
        "coalesce(openings.person_actor_key, closings.person_actor_key)",
    ),
    Mutant(
        "a system is a person",
        _AS_ACTIVITIES,
        "case when not coalesce(is_automated, false) then person_actor_key end",
        "person_actor_key",
    ),
    Mutant("rests are worked", _AS_ACTIVITIES, "elapsed_us - paused_us as duration_us", "elapsed_us as duration_us"),
    Mutant("nights count for a step", _CLIPPED, "sum(least(overlap_us, contracted_us))", "sum(overlap_us)"),
    Mutant(
        "an unknown day counts as none",
        _CLIPPED,
        "having count(contracted_us) = max(days_in_span)",
        "having count(contracted_us) > 0",
    ),
    Mutant(
        "a step is of the days of UTC",
        _CLIPPED,
        "coalesce(person_zones.zone, sources.zone, policy.default_zone) as zone",
        "'UTC' as zone",
    ),
    Mutant("what was aborted was done", _MONTHS, "        and not is_aborted\n", ""),
    Mutant(
        "the first time is done over",
        _MONTHS,
        "count(*) filter (where repetition > 1)",
        "count(*) filter (where repetition > 0)",
    ),
    Mutant(
        "a case waits from its last end, whatever ran beside",
        _MONTHS,
        "max(max(ended_at)) over (",
        "min(max(ended_at)) over (",
    ),
    Mutant(
        "a step waits for what began with it",
        _MONTHS,
        "order by began_at, lasts rows between unbounded preceding and 1 preceding",
        "order by began_at, lasts rows between unbounded preceding and current row",
    ),
    Mutant(
        "waiting is negative where steps overlap",
        _MONTHS,
        "greatest({{ us_between('done_before_at', 'started_at') }}, 0)",
        "{{ us_between('done_before_at', 'started_at') }}",
    ),
    Mutant(
        "a case is of the month of its last step",
        _MONTHS,
        "date_trunc('month', min(work_date))",
        "date_trunc('month', max(work_date))",
    ),
    Mutant(
        "every case of a step passes at once",
        _MONTHS,
        "count(*) filter (where rework_count = 0)",
        "count(*) filter (where rework_count >= 0)",
    ),
    Mutant(
        "a month with gaps of its source is complete",
        _MONTHS,
        " and coalesce(gaps.gap_count, 0) = 0 as is_complete",
        " as is_complete",
    ),
    Mutant(
        "a person's gap is one of the source's events",
        _MONTHS,
        "where gaps.person_key is null\n        and gaps.project_key is null\n        and coalesce",
        "where coalesce",
    ),
    Mutant(
        "what is missing of another stream is missing of the events",
        _MONTHS,
        "        and coalesce(gaps.stream, 'process_events') = 'process_events'\n",
        "",
    ),
)
