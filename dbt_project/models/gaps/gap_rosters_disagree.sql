-- People of whom two sources' rosters say different things of the same days: hours of the contract, team or place. One of them counts
-- (int_person_spans_resolved); which of them is right, nobody has said. What only one of the two says is no disagreement.
with facts as (
    select
        person_key,
        source,
        first_date,
        last_date,
        contracted_week_us,
        {{ team_key('team_name') }} as team_key,
        place
    from {{ ref('int_person_facts_dated') }}
),

compared as (
    select
        facts.person_key,
        facts.source,
        others.source as other_source,
        greatest(facts.first_date, others.first_date) as start_date,
        least(facts.last_date, others.last_date) as end_date,
        coalesce(facts.contracted_week_us <> others.contracted_week_us, false) as hours_differ,
        coalesce(facts.team_key <> others.team_key, false) as teams_differ,
        coalesce(facts.place <> others.place, false) as places_differ
    from facts
    inner join facts as others
        on facts.person_key = others.person_key
        and facts.source < others.source
        and facts.first_date <= others.last_date
        and facts.last_date >= others.first_date
),

disagreements as (
    select
        person_key,
        source,
        other_source,
        min(start_date) as start_date,
        nullif(max(end_date), date '9999-12-31') as end_date,
        bool_or(hours_differ) as hours_differ,
        bool_or(teams_differ) as teams_differ,
        bool_or(places_differ) as places_differ
    from compared
    where hours_differ or teams_differ or places_differ
    group by person_key, source, other_source
)

select
    {{ gap_columns(
        rule='rosters_disagree', severity="'warns'", scope='person',
        key_parts=['disagreements.person_key', 'disagreements.source', 'disagreements.other_source'],
        source='disagreements.source', person_key='disagreements.person_key',
        start_date='disagreements.start_date', end_date='disagreements.end_date', hours_at_stake='null',
        owner="'people data'",
        detail="disagreements.source || ' and ' || disagreements.other_source || ' differ in '
            || concat_ws(
                ', ',
                case when disagreements.hours_differ then 'hours of the contract' end,
                case when disagreements.teams_differ then 'team' end,
                case when disagreements.places_differ then 'place' end
            )",
        remedy="'Mend the roster that is wrong, or export from it only what it knows best.'"
    ) }}
from disagreements
