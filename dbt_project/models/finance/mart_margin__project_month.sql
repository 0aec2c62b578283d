-- What counted work cost and what its billable part is worth, at the rates of the day, one currency a row. Hours without a rate stand in the
-- row without a currency: they have no amount, and no rate is made up for them.
{{ config(schema='marts') }}
with rated as (
    select
        activities.project_key,
        dates.month_start_date,
        activities.duration_us,
        activities.is_billable,
        rates.cost_currency,
        rates.cost_rate_amount,
        rates.bill_currency,
        rates.bill_rate_amount
    from {{ ref('fct_activities') }} as activities
    inner join {{ ref('dim_dates') }} as dates
        on coalesce(activities.work_date, activities.period_start_date) = dates.calendar_date
    left join {{ ref('int_activity_rates_matched') }} as rates
        on activities.person_key = rates.person_key
        and activities.role_key is not distinct from rates.role_key
        and activities.project_key is not distinct from rates.project_key
        and coalesce(activities.work_date, activities.period_start_date) = rates.rate_date
    where activities.is_counted
        and activities.duration_us is not null
),

-- Equal rates are summed in time first: one multiplication and one rounding a rate.
cost_by_rate as (
    select
        project_key,
        month_start_date,
        cost_currency as currency,
        cost_rate_amount,
        cast(sum(duration_us) as bigint) as cost_us
    from rated
    group by project_key, month_start_date, cost_currency, cost_rate_amount
),

bill_by_rate as (
    select
        project_key,
        month_start_date,
        bill_currency as currency,
        bill_rate_amount,
        cast(sum(duration_us) as bigint) as bill_us
    from rated
    where is_billable
    group by project_key, month_start_date, bill_currency, bill_rate_amount
),

costs as (
    select
        project_key,
        month_start_date,
        currency,
        sum(cost_us) as cost_us,
        sum({{ amount_of('cost_us', 'cost_rate_amount') }}) as cost_amount
    from cost_by_rate
    group by project_key, month_start_date, currency
),

bills as (
    select
        project_key,
        month_start_date,
        currency,
        sum(bill_us) as bill_us,
        sum({{ amount_of('bill_us', 'bill_rate_amount') }}) as bill_amount
    from bill_by_rate
    group by project_key, month_start_date, currency
),

joined as (
    select
        coalesce(costs.month_start_date, bills.month_start_date) as month_start_date,
        case when costs.month_start_date is not null then costs.project_key else bills.project_key end as project_key,
        case when costs.month_start_date is not null then costs.currency else bills.currency end as currency,
        coalesce(costs.cost_us, 0) as cost_us,
        coalesce(bills.bill_us, 0) as bill_us,
        coalesce(costs.cost_amount, 0) as cost_amount,
        coalesce(bills.bill_amount, 0) as bill_amount
    from costs
    full outer join bills
        on costs.month_start_date = bills.month_start_date
        and costs.project_key is not distinct from bills.project_key
        and costs.currency is not distinct from bills.currency
)

select
    month_start_date,
    project_key,
    currency,
    {{ hours('cost_us') }} as counted_hours,
    {{ hours('bill_us') }} as billable_hours,
    cast(case when currency is not null then cost_amount end as decimal(18, 4)) as cost_amount,
    cast(case when currency is not null then bill_amount end as decimal(18, 4)) as bill_amount,
    cast(case when currency is not null then bill_amount - cost_amount end as decimal(18, 4)) as margin_amount,
    bool_and(currency is not null) over (partition by project_key, month_start_date) as is_complete
from joined
