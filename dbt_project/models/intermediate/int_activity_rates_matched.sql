-- The cost and bill rate of every counted person, role, project and day: the most particular rate that holds on the day. A person's
-- rate on the project, then the person's, then the role's on the project, then the role's. Of two rates for one thing the later start holds.
with spellings as (
    select
        rates.rate_type,
        rates.person_key,
        rates.role_key,
        rates.project_key,
        rates.valid_from_date,
        rates.valid_to_date,
        rates.hourly_rate_amount,
        rates.currency,
        lead(rates.valid_from_date) over (
            partition by rates.rate_type, rates.person_key, rates.role_key, rates.project_key
            order by rates.valid_from_date, rates.rate_key
        ) as next_from_date
    from {{ ref('fct_rates') }} as rates
    where rates.person_key is not null or rates.role_key is not null
),

rates as (
    select
        rate_type,
        person_key,
        role_key,
        project_key,
        valid_from_date,
        least(
            coalesce(valid_to_date, date '9999-12-31'),
            coalesce({{ add_days('next_from_date', -1) }}, date '9999-12-31')
        ) as last_date,
        hourly_rate_amount,
        currency
    from spellings
),

worked_days as (
    select
        person_key,
        role_key,
        project_key,
        coalesce(work_date, period_start_date) as rate_date
    from {{ ref('fct_activities') }}
    where is_counted
    group by person_key, role_key, project_key, coalesce(work_date, period_start_date)
),

candidates as (
    select
        worked_days.*,
        rates.rate_type,
        rates.hourly_rate_amount,
        rates.currency,
        case when rates.project_key is not null then 1 else 2 end as particularity
    from worked_days
    inner join rates
        on worked_days.person_key = rates.person_key
        and worked_days.rate_date between rates.valid_from_date and rates.last_date
        and (rates.project_key is null or rates.project_key = worked_days.project_key)

    union all

    select
        worked_days.*,
        rates.rate_type,
        rates.hourly_rate_amount,
        rates.currency,
        case when rates.project_key is not null then 3 else 4 end as particularity
    from worked_days
    inner join rates
        on worked_days.role_key = rates.role_key
        and rates.person_key is null
        and worked_days.rate_date between rates.valid_from_date and rates.last_date
        and (rates.project_key is null or rates.project_key = worked_days.project_key)
),

chosen as (
    select *
    from candidates
    qualify row_number() over (
        partition by person_key, role_key, project_key, rate_date, rate_type
        order by particularity, currency, hourly_rate_amount
    ) = 1
)

select
    person_key,
    role_key,
    project_key,
    rate_date,
    max(hourly_rate_amount) filter (where rate_type = 'cost') as cost_rate_amount,
    max(currency) filter (where rate_type = 'cost') as cost_currency,
    max(hourly_rate_amount) filter (where rate_type = 'bill') as bill_rate_amount,
    max(currency) filter (where rate_type = 'bill') as bill_currency
from chosen
group by person_key, role_key, project_key, rate_date
