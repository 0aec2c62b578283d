-- Employment facts of known people with the days on which each holds. A picture of a roster holds until the next picture that shows
-- the person again, or until the day before one of the same format that no longer does.
with facts as (
    select
        facts.source,
        facts.source_record_id,
        facts.delivery_order,
        facts.delivery_format,
        facts.is_deleted,
        facts.person_fact_key,
        facts.observed_date,
        facts.valid_from_date,
        facts.valid_to_date,
        facts.valid_from_basis,
        facts.hired_date,
        facts.left_date,
        facts.employment_type,
        facts.role_name,
        facts.team_name,
        facts.manager_email,
        facts.manager_number,
        facts.place,
        facts.contracted_week_us,
        facts.fte,
        facts.monday_us,
        facts.tuesday_us,
        facts.wednesday_us,
        facts.thursday_us,
        facts.friday_us,
        facts.saturday_us,
        facts.sunday_us,
        facts.work_schedule,
        facts.cost_centre,
        zones.zone,
        people.person_key
    from {{ ref('stg_people') }} as facts
    inner join {{ ref('int_people_identified') }} as people
        on facts.source = people.source
        and facts.source_record_id = people.source_record_id
        and facts.person_email is not distinct from people.person_email
        and facts.person_number is not distinct from people.person_number
        and facts.person_source_id is not distinct from people.person_source_id
    left join {{ ref('int_zones_known') }} as zones
        on lower(trim(facts.zone)) = zones.zone_id
    where people.is_person
),

pictures as (
    select
        delivery_streams.source,
        coalesce(delivery_streams.format, '') as delivery_format,
        {{ local_date('delivery_streams.extracted_at', "coalesce(sources.zone, policy.default_zone, 'UTC')") }} as picture_date
    from {{ source('workspace', 'delivery_streams') }} as delivery_streams
    cross join {{ source('workspace', 'policy') }} as policy
    left join {{ source('workspace', 'sources') }} as sources
        on delivery_streams.source = sources.source
    where delivery_streams.stream = 'people'
        and delivery_streams.mode = 'full'
        and delivery_streams.is_complete
    group by all
),

sightings as (
    select
        source,
        source_record_id,
        observed_date as picture_date,
        max_by(delivery_format, delivery_order) as delivery_format,
        bool_and(is_deleted) as is_gone
    from facts
    where observed_date is not null
    group by source, source_record_id, observed_date
),

-- Small: people of a roster times its full deliveries.
events as (
    select source, source_record_id, picture_date, delivery_format, is_gone
    from sightings
    union all
    select
        seen.source,
        seen.source_record_id,
        pictures.picture_date,
        pictures.delivery_format,
        true as is_gone
    from (
        select source, source_record_id, delivery_format, min(picture_date) as first_picture_date
        from sightings
        group by source, source_record_id, delivery_format
    ) as seen
    inner join pictures
        on seen.source = pictures.source
        and seen.delivery_format = pictures.delivery_format
        and pictures.picture_date > seen.first_picture_date
    left join sightings
        on seen.source = sightings.source
        and seen.source_record_id = sightings.source_record_id
        and pictures.picture_date = sightings.picture_date
    where sightings.picture_date is null
),

-- Absence speaks for the format that showed the record last.
spoken as (
    select *
    from (
        select
            events.*,
            sightings.delivery_format as shown_in_format,
            last_value(sightings.delivery_format ignore nulls) over (
                partition by events.source, events.source_record_id order by events.picture_date
            ) as last_shown_in_format
        from events
        left join sightings
            on events.source = sightings.source
            and events.source_record_id = sightings.source_record_id
            and events.picture_date = sightings.picture_date
    ) as followed
    where shown_in_format is not null or delivery_format = last_shown_in_format
),

sequenced as (
    select
        source,
        source_record_id,
        picture_date,
        lead(picture_date) over (partition by source, source_record_id order by picture_date) as next_picture_date
    from spoken
),

started as (
    select
        facts.*,
        greatest(facts.valid_from_date, coalesce(facts.hired_date, facts.valid_from_date)) as first_date
    from facts
    where not facts.is_deleted
),

-- Whoever left by a fact that starts later has left, also where an earlier one was never given an end.
leavings as (
    select
        started.person_fact_key,
        min(leaving.left_date) as last_employed_date
    from started
    inner join started as leaving
        on started.person_key = leaving.person_key
        and started.source = leaving.source
        and leaving.first_date >= started.first_date
        and leaving.left_date >= started.first_date
    group by started.person_fact_key
),

bounded as (
    select
        facts.*,
        least(
            coalesce(facts.valid_to_date, date '9999-12-31'),
            coalesce(facts.left_date, date '9999-12-31'),
            coalesce(leavings.last_employed_date, date '9999-12-31'),
            coalesce({{ add_days('sequenced.next_picture_date', -1) }}, date '9999-12-31')
        ) as last_date,
        least(facts.left_date, leavings.last_employed_date) as employment_end_date
    from started as facts
    left join leavings
        on facts.person_fact_key = leavings.person_fact_key
    left join sequenced
        on facts.source = sequenced.source
        and facts.source_record_id = sequenced.source_record_id
        and facts.observed_date = sequenced.picture_date
)

select
    person_key,
    person_fact_key,
    source,
    source_record_id,
    delivery_format,
    delivery_order,
    first_date,
    last_date,
    valid_to_date as stated_last_date,
    hired_date,
    employment_end_date,
    valid_from_basis,
    employment_type,
    role_name,
    team_name,
    manager_email,
    manager_number,
    place,
    zone,
    contracted_week_us,
    fte,
    monday_us,
    tuesday_us,
    wednesday_us,
    thursday_us,
    friday_us,
    saturday_us,
    sunday_us,
    work_schedule,
    cost_centre,
    coalesce(
        contracted_week_us, monday_us, tuesday_us, wednesday_us, thursday_us, friday_us, saturday_us, sunday_us
    ) is not null
    or work_schedule is not null as has_hours
from bounded
where first_date <= last_date
