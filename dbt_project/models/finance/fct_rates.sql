select
    rates.rate_key,
    rates.source,
    rates.source_record_id,
    rates.delivery_id,
    rates.rate_type,
    actors.person_key,
    case when not rates.is_for_person then {{ role_key('rates.role_name') }} end as role_key,
    case
        when {{ normal_code('rates.project_code') }} is not null
            then {{ surrogate_key(["'code'", normal_code('rates.project_code')]) }}
    end as project_key,
    rates.valid_from_date,
    rates.valid_to_date,
    rates.hourly_rate_amount,
    rates.currency
from {{ ref('stg_rates') }} as rates
left join {{ ref('int_actors_matched') }} as actors on rates.person_actor_key = actors.actor_key
