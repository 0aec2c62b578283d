-- Everything that is missing or doubtful, one list. What somebody accepted stays in it, with who, why and until when: an acceptance holds for
-- gaps of its rule that lie wholly within its dates, of its source, person, project and team where it names them. What the policy says of
-- a rule and scope (severity, owner, smallest size) is applied here. A gap model that is not named here is not published: a test compares
-- the two.
{% set gap_models = [
    ref('gap_activity_outside_employment'),
    ref('gap_broken_accounting'),
    ref('gap_competing_sources'),
    ref('gap_delivery_problems'),
    ref('gap_durations_disagree'),
    ref('gap_entries_without_task'),
    ref('gap_evidence_without_hours'),
    ref('gap_finished_before_created'),
    ref('gap_misdated_activities'),
    ref('gap_missing_durations'),
    ref('gap_over_24_hours'),
    ref('gap_over_allocated'),
    ref('gap_overlapping_entries'),
    ref('gap_quarantined_rows'),
    ref('gap_reversed_dates'),
    ref('gap_roster_history'),
    ref('gap_roster_without_activity'),
    ref('gap_rosters_disagree'),
    ref('gap_seldom_logged_weeks'),
    ref('gap_short_exports'),
    ref('gap_silent_sources'),
    ref('gap_sources_disagree'),
    ref('gap_stale_rates'),
    ref('gap_status_histories_disagree'),
    ref('gap_task_data_older_than_time'),
    ref('gap_task_totals_disagree'),
    ref('gap_unknown_baselines'),
    ref('gap_unknown_capacity'),
    ref('gap_unlogged_days'),
    ref('gap_unmatched_people'),
    ref('gap_unmatched_process_events'),
    ref('gap_unmatched_projects'),
    ref('gap_unplaced_bookings'),
    ref('gap_unusual_row_counts'),
] %}
with gaps as (
{% for model in gap_models %}
select
    gap_key,
    rule,
    severity,
    scope,
    source,
    stream,
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
),

-- The teams that a gap touches: its own, and those of its person on its days.
touched_teams as (
    select gap_key, team_key, start_date as from_date
    from gaps
    where team_key is not null

    union all

    select gaps.gap_key, spans.team_key, min(spans.valid_from_date) as from_date
    from gaps
    inner join {{ ref('dim_persons') }} as spans
        on gaps.person_key = spans.person_key
        and spans.valid_from_date <= coalesce(gaps.end_date, gaps.start_date)
        and coalesce(spans.valid_to_date, gaps.start_date) >= gaps.start_date
    where spans.team_key is not null
    group by gaps.gap_key, spans.team_key
),

first_teams as (
    select
        gap_key,
        team_key,
        row_number() over (partition by gap_key order by from_date, team_key) as first_team
    from touched_teams
),

-- Of several lines of policy.gaps the first that fits.
ruled as (
    select
        gaps.gap_key,
        lines.severity,
        lines.owner,
        lines.minimum_hours,
        lines.severity = 'off' or gaps.hours_at_stake < lines.minimum_hours as is_off,
        row_number() over (partition by gaps.gap_key order by lines.line_number) as first_line
    from gaps
    inner join {{ source('workspace', 'gap_rules') }} as lines
        on gaps.rule = lines.rule
        and (lines.source is null or gaps.source = lines.source)
    left join touched_teams
        on gaps.gap_key = touched_teams.gap_key
        and {{ team_key('lines.team') }} = touched_teams.team_key
    where lines.team is null or touched_teams.gap_key is not null
),

-- What the company lets pass by its policy holds as long as the policy: each version accepts it for its own day.
accepted_lines as (
    select
        gap_key,
        'policy' as accepted_by,
        case when severity = 'off' then 'policy.gaps turns it off' else 'policy.gaps asks for ' || minimum_hours || ' hours at least' end
            as accepted_reason,
        {{ as_of_date() }} as accepted_until_date
    from ruled
    where first_line = 1 and is_off
),

accepted_one_by_one as (
    select
        gaps.gap_key,
        acceptances.accepted_by,
        acceptances.accepted_reason,
        acceptances.accepted_until_date,
        row_number() over (
            partition by gaps.gap_key
            order by acceptances.accepted_until_date desc, acceptances.accepted_by, acceptances.accepted_reason
        ) as longest_first
    from gaps
    inner join {{ ref('int_acceptances_resolved') }} as acceptances
        on gaps.rule = acceptances.rule
        and (acceptances.source is null or gaps.source = acceptances.source)
        and (acceptances.project_key is null or gaps.project_key = acceptances.project_key)
        and (acceptances.person_key is null or gaps.person_key = acceptances.person_key)
        and (acceptances.start_date is null or gaps.start_date >= acceptances.start_date)
        and (acceptances.end_date is null or coalesce(gaps.end_date, gaps.start_date) <= acceptances.end_date)
    left join touched_teams
        on gaps.gap_key = touched_teams.gap_key
        and acceptances.team_key = touched_teams.team_key
    where acceptances.team_key is null or touched_teams.gap_key is not null
),

accepted as (
    select gap_key, accepted_by, accepted_reason, accepted_until_date
    from accepted_one_by_one
    where longest_first = 1

    union all

    select accepted_lines.*
    from accepted_lines
    where accepted_lines.gap_key not in (select gap_key from accepted_one_by_one)
),

-- What earlier versions found. A gap that nobody knew is new on the day that this version tells of.
known as (
    select
        gap_key,
        min(opened_date) as first_seen_date,
        max(case when closed_date is null or closed_date >= {{ as_of_date() }} then opened_date end) as open_since_date
    from {{ source('workspace', 'gap_spells') }}
    group by gap_key
)

select
    gaps.gap_key,
    gaps.rule,
    coalesce(nullif(ruled.severity, 'off'), gaps.severity) as severity,
    gaps.scope,
    gaps.source,
    gaps.stream,
    gaps.person_key,
    first_teams.team_key,
    gaps.project_key,
    gaps.start_date,
    gaps.end_date,
    gaps.hours_at_stake,
    coalesce(ruled.owner, gaps.owner) as owner,
    gaps.detail,
    gaps.remedy,
    least(as_of.as_of_date, coalesce(known.first_seen_date, as_of.as_of_date)) as first_seen_date,
    least(as_of.as_of_date, coalesce(known.open_since_date, as_of.as_of_date)) as open_since_date,
    accepted.gap_key is not null as is_accepted,
    accepted.accepted_by,
    accepted.accepted_reason,
    accepted.accepted_until_date
from gaps
cross join {{ source('workspace', 'as_of') }} as as_of
left join known
    on gaps.gap_key = known.gap_key
left join first_teams
    on gaps.gap_key = first_teams.gap_key
    and first_teams.first_team = 1
left join ruled
    on gaps.gap_key = ruled.gap_key
    and ruled.first_line = 1
left join accepted
    on gaps.gap_key = accepted.gap_key
