-- What a unit of a currency is worth in the workspace's own, from a day until the next one that the workspace writes down.
select
    upper(trim(currency)) as currency,
    upper(trim(into_currency)) as into_currency,
    valid_from_date,
    lead(valid_from_date) over (partition by upper(trim(currency)) order by valid_from_date) as next_date,
    exchange_rate
from {{ source('workspace', 'exchange_rates') }}
