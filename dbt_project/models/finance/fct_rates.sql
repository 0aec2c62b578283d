-- A rate card knows its lines by the people's addresses: neither the record id nor a key made of it alone may leave.
select
    {{ person_key_of(["'rate'", 'rates.rate_key']) }} as rate_key,
    rates.source,
    rates.delivery_id,
    rates.rate_type,
    -- Whoever a line names is its owner, also where the name leads to nobody: a rate of a person is never one of the whole project.
    case
        when rates.is_for_person then 'person'
        when {{ role_key('rates.role_name') }} is not null then 'role'
        when {{ normal_code('rates.project_code') }} is not null then 'project'
    end as rate_owner,
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
