-- What counted work costs, and what billable work brings in, by the rate of its day. Of several rates the closest holds: the person's own
-- before their role's, and that before one of everybody on the project; one for the project before one for all, then the latest start. Work
-- without a rate has no row: see stale_rates.
-- Amounts stay in the currency of their rate; beside them stands what they are worth in the currency that reference/exchange_rates.csv
-- leads into (without it, that of all rates if they have but one), at the exchange rate of the day, or nothing where there is none. Never
-- add amounts of several currencies.
with rates as (
    select
        rate_key,
        rate_type,
        rate_owner,
        person_key,
        role_key,
        project_key,
        coalesce(valid_from_date, date '0001-01-01') as first_date,
        coalesce(valid_to_date, date '9999-12-31') as last_date,
        hourly_rate_amount,
        currency
    from {{ ref('fct_rates') }}
),

work as (
    select
        activity_key,
        person_key,
        role_key,
        project_key,
        coalesce(work_date, period_end_date) as rated_date,
        coalesce(is_billable, false) as is_billable,
        duration_us
    from {{ ref('fct_activities') }}
    where is_counted
        and duration_us is not null
),

offers as (
    {% for owner in ['person', 'role', 'project'] %}
    select
        work.activity_key,
        work.rated_date,
        work.duration_us,
        rates.rate_key,
        rates.rate_type,
        rates.hourly_rate_amount,
        rates.currency,
        row_number() over (
            partition by work.activity_key, rates.rate_type
            order by rates.project_key is null, rates.first_date desc, rates.rate_key
        ) as rate_rank,
        {{ loop.index }} as owner_rank
    from work
    inner join rates
        on work.{{ owner }}_key = rates.{{ owner }}_key
        and rates.rate_owner = '{{ owner }}'
        and work.rated_date between rates.first_date and rates.last_date
        and (rates.project_key is null or rates.project_key = work.project_key)
        and (rates.rate_type <> 'bill' or work.is_billable)
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

closest as (
    select
        offers.*,
        row_number() over (partition by activity_key, rate_type order by owner_rank) as offer_rank
    from offers
    where rate_rank = 1
),

rated as (
    select
        activity_key,
        rate_type,
        rate_key,
        rated_date,
        hourly_rate_amount,
        currency as rate_currency,
        cast({{ amount_of('duration_us', 'hourly_rate_amount') }} as decimal(18, 4)) as rate_amount
    from closest
    where offer_rank = 1
),

exchange_rates as (
    select
        currency,
        into_currency,
        valid_from_date,
        next_date,
        exchange_rate
    from {{ ref('int_exchange_rates_dated') }}
),

only_currency as (
    select case when min(currency) = max(currency) then min(currency) end as currency from rates
),

target as (
    select coalesce(max(exchange_rates.into_currency), max(only_currency.currency)) as currency
    from only_currency
    left join exchange_rates on true
)

select
    rated.activity_key,
    rated.rate_type,
    rated.rate_key,
    rated.rated_date,
    rated.hourly_rate_amount,
    rated.rate_amount,
    rated.rate_currency,
    cast(case when rated.rate_currency = target.currency then 1 else exchange_rates.exchange_rate end as decimal(18, 8)) as exchange_rate,
    case
        when rated.rate_currency = target.currency then rated.rate_amount
        else cast(rated.rate_amount * exchange_rates.exchange_rate as decimal(18, 4))
    end as amount,
    target.currency
from rated
cross join target
left join exchange_rates
    on rated.rate_currency = exchange_rates.currency
    and rated.rated_date >= exchange_rates.valid_from_date
    and rated.rated_date < coalesce(exchange_rates.next_date, date '9999-12-31')
