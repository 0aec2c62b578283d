{{ config(materialized='view') }}
-- Which activity counts. Only time entries can; the others are evidence. Where policy names who owns time, a source gives way on
-- each day on which a source with a lower number claims the same person's time with what counts. Whatever does not count says why.
with recursive activities as {{ inlined() }} (
    select * from {{ ref('int_activities_dated') }}
),

authority as (
    select
        source,
        priority,
        coalesce(valid_from_date, date '0001-01-01') as first_date,
        coalesce(valid_to_date, date '9999-12-31') as last_date
    from {{ source('workspace', 'authority') }}
),

classified as {{ inlined() }} (
    select
        activities.*,
        case
            when types.activity_type_key is not null then types.activity_type_key
            when activities.activity_label is null then {{ surrogate_key(["'not stated'"]) }}
            else {{ surrogate_key(["'not classified'"]) }}
        end as activity_type_key,
        types.category
    from activities
    left join {{ ref('int_activity_labels_classified') }} as labels
        on activities.activity_label = labels.activity_label
        and activities.placed_date between labels.valid_from_date and labels.valid_to_date
    left join {{ ref('int_activity_types_known') }} as types
        on lower(labels.activity_type) = types.type_id
),

as_of as (
    select as_of_date from {{ source('workspace', 'as_of') }}
),

judged as {{ inlined() }} (
    select
        classified.*,
        case
            when activity_kind <> 'time_entry' then 'evidence'
            when not is_person then 'system_account'
            when placed_date is null then 'undated'
            when placed_date > as_of.as_of_date then 'after_as_of'
            when placed_date < calendar.first_date then 'outside_calendar'
            when category = 'absence' then 'absence'
        end as own_reason
    from classified
    cross join as_of
    cross join (select min(calendar_date) as first_date from {{ ref('int_calendar_days') }}) as calendar
),

-- An entry of no or of unknown length claims nothing, but gives way like any other. Without a policy there are no claims to weigh, and
-- nothing below costs anything.
claims as (
    select
        judged.person_key,
        judged.source,
        judged.work_date,
        judged.period_start_date,
        judged.period_end_date,
        coalesce(bool_or(judged.duration_us > 0), false) as has_time
    from judged
    where judged.own_reason is null
        and exists (select 1 from authority)
    group by judged.person_key, judged.source, judged.work_date, judged.period_start_date, judged.period_end_date
),

claimed_days as (
    select person_key, source, work_date as claim_date, has_time
    from claims
    where work_date is not null
    union
    select
        claims.person_key,
        claims.source,
        dates.calendar_date as claim_date,
        claims.has_time
    from claims
    inner join {{ ref('int_calendar_days') }} as dates
        on dates.calendar_date between claims.period_start_date and claims.period_end_date
    where claims.work_date is null
),

ranked_days as (
    select
        claimed_days.person_key,
        claimed_days.source,
        claimed_days.claim_date,
        min(coalesce(authority.priority, 2147483647)) as priority,
        bool_or(claimed_days.has_time) as has_time
    from claimed_days
    left join authority
        on claimed_days.source = authority.source
        and claimed_days.claim_date between authority.first_date and authority.last_date
    group by claimed_days.person_key, claimed_days.source, claimed_days.claim_date
),

overruled_days as (
    select
        person_key,
        source,
        claim_date,
        coalesce(
            priority > min(case when has_time then priority end) over (partition by person_key, claim_date), false
        ) as is_overruled
    from ranked_days
),

-- A period gives way if any of its days does: its hours cannot be told apart.
overruled_periods as (
    select
        claims.person_key,
        claims.source,
        claims.period_start_date,
        claims.period_end_date,
        claims.has_time
    from claims
    inner join overruled_days
        on claims.person_key = overruled_days.person_key
        and claims.source = overruled_days.source
        and overruled_days.claim_date between claims.period_start_date and claims.period_end_date
    where claims.work_date is null
        and overruled_days.is_overruled
    group by all
),

-- A period that gives way claims none of its days, so those who have one are looked at again, claim by claim. For all others a day's
-- first claim counts, and the look at it above is the last.
doubtful_people as (
    select person_key
    from overruled_periods
    where has_time
    group by person_key
),

doubtful_claims as (
    select
        {{ surrogate_key([
            'claims.person_key', 'claims.source', 'claims.work_date', 'claims.period_start_date', 'claims.period_end_date'
        ]) }} as claim_key,
        claims.*
    from claims
    inner join doubtful_people
        on claims.person_key = doubtful_people.person_key
),

doubtful_dates as (
    select claim_key, person_key, source, has_time, work_date as claim_date
    from doubtful_claims
    where work_date is not null
    union all
    select
        doubtful_claims.claim_key,
        doubtful_claims.person_key,
        doubtful_claims.source,
        doubtful_claims.has_time,
        dates.calendar_date as claim_date
    from doubtful_claims
    inner join {{ ref('int_calendar_days') }} as dates
        on dates.calendar_date between doubtful_claims.period_start_date and doubtful_claims.period_end_date
    where doubtful_claims.work_date is null
),

doubtful_days as (
    select
        doubtful_dates.*,
        ranked_days.priority
    from doubtful_dates
    inner join ranked_days
        on doubtful_dates.person_key = ranked_days.person_key
        and doubtful_dates.source = ranked_days.source
        and doubtful_dates.claim_date = ranked_days.claim_date
),

rivals as (
    select
        doubtful_days.claim_key,
        better_days.claim_key as better_key
    from doubtful_days
    inner join doubtful_days as better_days
        on doubtful_days.person_key = better_days.person_key
        and doubtful_days.claim_date = better_days.claim_date
        and doubtful_days.priority > better_days.priority
    where better_days.has_time
    group by doubtful_days.claim_key, better_days.claim_key
),

-- From the best claim to the last: what nobody better claims counts, what gives way claims nothing. A round settles what hangs on claims
-- that are settled, until one settles nothing: as many rounds as there are priorities. Where authority changes hands within periods, each
-- of two can be before the other on a day; these stay unsettled, and both give way.
rounds as (
    select
        claim_key,
        0 as round_number,
        cast(null as boolean) as is_counting,
        true as is_going_on
    from rivals
    group by claim_key

    union all

    select
        claim_key,
        round_number + 1 as round_number,
        case when is_overruled then false when is_unrivalled then true end as is_counting,
        bool_or(is_counting is null and (is_overruled or is_unrivalled)) over () as is_going_on
    from (
        select
            rounds.claim_key,
            rounds.round_number,
            rounds.is_counting,
            -- What has no rivals itself is in no round: it counts.
            bool_or(coalesce(better.is_counting, better.claim_key is null)) as is_overruled,
            bool_and(coalesce(not better.is_counting, false)) as is_unrivalled
        from rounds
        inner join rivals
            on rounds.claim_key = rivals.claim_key
        left join rounds as better
            on rivals.better_key = better.claim_key
        where rounds.is_going_on
        group by rounds.claim_key, rounds.round_number, rounds.is_counting
    ) as looked_at
),

last_round as (
    select max(round_number) as round_number from rounds
),

yielding_claims as (
    select
        overruled_days.person_key,
        overruled_days.source,
        overruled_days.claim_date as work_date,
        cast(null as date) as period_start_date,
        cast(null as date) as period_end_date
    from overruled_days
    left join doubtful_people
        on overruled_days.person_key = doubtful_people.person_key
    where overruled_days.is_overruled
        and doubtful_people.person_key is null

    union all

    select
        overruled_periods.person_key,
        overruled_periods.source,
        cast(null as date) as work_date,
        overruled_periods.period_start_date,
        overruled_periods.period_end_date
    from overruled_periods
    left join doubtful_people
        on overruled_periods.person_key = doubtful_people.person_key
    where doubtful_people.person_key is null

    union all

    select
        doubtful_claims.person_key,
        doubtful_claims.source,
        doubtful_claims.work_date,
        doubtful_claims.period_start_date,
        doubtful_claims.period_end_date
    from rounds
    inner join last_round
        on rounds.round_number = last_round.round_number
    inner join doubtful_claims
        on rounds.claim_key = doubtful_claims.claim_key
    where rounds.is_counting is distinct from true
),

yielding_days as (
    select person_key, source, work_date
    from yielding_claims
    where work_date is not null
),

yielding_periods as (
    select person_key, source, period_start_date, period_end_date
    from yielding_claims
    where work_date is null
),

reasoned as (
    select
        judged.*,
        coalesce(
            judged.own_reason,
            case
                when yielding_days.person_key is not null or yielding_periods.person_key is not null then 'other_source_has_authority'
            end
        ) as not_counted_reason
    from judged
    left join yielding_days
        on judged.person_key = yielding_days.person_key
        and judged.source = yielding_days.source
        and judged.work_date = yielding_days.work_date
    left join yielding_periods
        on judged.person_key = yielding_periods.person_key
        and judged.source = yielding_periods.source
        and judged.period_start_date = yielding_periods.period_start_date
        and judged.period_end_date = yielding_periods.period_end_date
)

select
    activity_key,
    day_part,
    activity_kind,
    source,
    source_record_id,
    delivery_id,
    person_key,
    is_resolved,
    person_span_key,
    team_key,
    role_key,
    place,
    project_ref_key,
    task_key,
    activity_type_key,
    work_date,
    date_basis,
    date_precision,
    started_at,
    ended_at,
    period_start_date,
    period_end_date,
    placed_date,
    duration_us,
    is_billable,
    approval_status,
    not_counted_reason is null as is_counted,
    not_counted_reason
from reasoned
