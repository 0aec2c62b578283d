{#
  Pairs of an opening and a closing event, first in first out within a lane, as a select over `relation` (columns event_key, lane_key, role
  'opens' | 'closes', occurred_at, source_record_id). One row per pair and per event that found no partner: lane_key, opening_key,
  closing_key, either of them NULL.

  A closing event is an orphan when every opening before it is already taken: the running balance then falls to a new low
  below zero. What is left of the closing events is numbered, and the k-th takes the k-th opening of the lane. At the same instant openings
  come first, so that a span without length is a span.
#}
{% macro event_pairs(relation) -%}
    with ordered_events as (
        select
            event_key,
            lane_key,
            role,
            row_number() over (
                partition by lane_key
                order by occurred_at, case role when 'opens' then 0 else 1 end, source_record_id
            ) as event_number
        from {{ relation }}
    ),

    balanced_events as (
        select
            *,
            sum(case role when 'opens' then 1 else -1 end) over (
                partition by lane_key order by event_number rows between unbounded preceding and current row
            ) as balance
        from ordered_events
    ),

    lowest_balances as (
        select
            *,
            least(
                coalesce(
                    min(balance) over (
                        partition by lane_key order by event_number rows between unbounded preceding and 1 preceding
                    ),
                    0
                ),
                0
            ) as lowest_before
        from balanced_events
    ),

    judged_events as (
        select
            *,
            role = 'closes' and balance < lowest_before as is_orphan
        from lowest_balances
    ),

    numbered_events as (
        select
            *,
            row_number() over (partition by lane_key, role, is_orphan order by event_number) as pair_number
        from judged_events
    ),

    openings as (
        select * from numbered_events
        where role = 'opens'
    ),

    closings as (
        select * from numbered_events
        where role = 'closes' and not is_orphan
    )

    select
        coalesce(openings.lane_key, closings.lane_key) as lane_key,
        openings.event_key as opening_key,
        closings.event_key as closing_key
    from openings
    full outer join closings
        on openings.lane_key = closings.lane_key and openings.pair_number = closings.pair_number

    union all

    select
        lane_key,
        cast(null as varchar) as opening_key,
        event_key as closing_key
    from numbered_events
    where is_orphan
{%- endmacro %}
