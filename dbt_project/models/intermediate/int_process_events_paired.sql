-- Spans of work out of events: starts with their completions, those that found no partner, and completions in logs that never
-- write starts (single), which are instants and no defect.
with events as (
    select * from {{ ref('int_process_events_laned') }}
),

work_events as (
    select * from events
    where event_class = 'work'
),

pause_events as (
    select * from events
    where event_class = 'pause'
),

work_pairs as (
    {{ event_pairs('work_events') }}
),

-- A lane rests from a suspension to whatever it is told next: who is told twice to stop does not stop twice. Both at one instant change
-- nothing.
pause_instants as (
    select
        lane_key,
        occurred_at,
        min(role) as role
    from pause_events
    group by lane_key, occurred_at
    having min(role) = max(role)
),

told as (
    select
        lane_key,
        role,
        occurred_at as suspended_at,
        lead(occurred_at) over (partition by lane_key order by occurred_at) as resumed_at
    from pause_instants
),

pauses as (
    select
        lane_key,
        suspended_at,
        resumed_at
    from told
    where role = 'opens'
),

activities_with_starts as (
    select
        source,
        process_name,
        activity_name
    from events
    where lifecycle = 'start'
    group by source, process_name, activity_name
),

spans as (
    select
        work_pairs.lane_key,
        work_pairs.opening_key,
        work_pairs.closing_key,
        coalesce(closings.source, openings.source) as source,
        coalesce(closings.source_record_id, openings.source_record_id) as source_record_id,
        coalesce(closings.delivery_id, openings.delivery_id) as delivery_id,
        coalesce(closings.process_name, openings.process_name) as process_name,
        coalesce(closings.case_id, openings.case_id) as case_id,
        coalesce(closings.activity_name, openings.activity_name) as activity_name,
        coalesce(closings.person_actor_key, openings.person_actor_key) as person_actor_key,
        coalesce(closings.is_automated, openings.is_automated) as is_automated,
        coalesce(openings.utc_offset_minutes, closings.utc_offset_minutes) as utc_offset_minutes,
        openings.occurred_at as started_at,
        closings.occurred_at as ended_at,
        closings.lifecycle as closing_lifecycle,
        coalesce(openings.lane_basis, closings.lane_basis) as lane_basis
    from work_pairs
    left join events as openings on work_pairs.opening_key = openings.event_key
    left join events as closings on work_pairs.closing_key = closings.event_key
),

judged_spans as (
    select
        spans.*,
        case
            when spans.opening_key is not null and spans.closing_key is not null then spans.lane_basis
            when spans.opening_key is not null then 'unmatched_start'
            when activities_with_starts.activity_name is null then 'single'
            else 'unmatched_completion'
        end as pairing_basis
    from spans
    left join activities_with_starts
        on
            spans.source = activities_with_starts.source
            and spans.process_name is not distinct from activities_with_starts.process_name
            and spans.activity_name = activities_with_starts.activity_name
),

-- A pause that nobody ended lasts until the work was completed.
paused_times as (
    select
        judged_spans.closing_key,
        cast(sum({{ us_between(
            'greatest(pauses.suspended_at, judged_spans.started_at)',
            'least(coalesce(pauses.resumed_at, judged_spans.ended_at), judged_spans.ended_at)'
        ) }}) as bigint) as paused_us
    from judged_spans
    inner join pauses
        on
            judged_spans.lane_key = pauses.lane_key
            and pauses.suspended_at < judged_spans.ended_at
            and coalesce(pauses.resumed_at, judged_spans.ended_at) > judged_spans.started_at
    group by judged_spans.closing_key
)

select
    {{ surrogate_key(['judged_spans.opening_key', 'judged_spans.closing_key']) }} as process_span_key,
    judged_spans.opening_key,
    judged_spans.closing_key,
    judged_spans.source,
    judged_spans.source_record_id,
    judged_spans.delivery_id,
    judged_spans.process_name,
    judged_spans.case_id,
    judged_spans.activity_name,
    judged_spans.person_actor_key,
    judged_spans.is_automated,
    judged_spans.utc_offset_minutes,
    judged_spans.started_at,
    judged_spans.ended_at,
    coalesce(judged_spans.closing_lifecycle = 'abort', false) as is_aborted,
    judged_spans.pairing_basis,
    {{ us_between('judged_spans.started_at', 'judged_spans.ended_at') }} as elapsed_us,
    case
        when judged_spans.started_at is not null and judged_spans.ended_at is not null
            then coalesce(paused_times.paused_us, 0)
    end as paused_us
from judged_spans
left join paused_times on judged_spans.closing_key = paused_times.closing_key
