{# Where engines differ about dates, once. #}

{% macro add_days(date_expression, days) -%}
    {{ adapter.dispatch('add_days', 'workledger')(date_expression, days) }}
{%- endmacro %}

{% macro duckdb__add_days(date_expression, days) -%}
    ({{ date_expression }} + cast({{ days }} as integer))
{%- endmacro %}

{% macro default__add_days(date_expression, days) -%}
    date_add({{ date_expression }}, cast({{ days }} as int))
{%- endmacro %}

{# The same day of a later month, or its last one. #}
{% macro add_months(date_expression, months) -%}
    {{ adapter.dispatch('add_months', 'workledger')(date_expression, months) }}
{%- endmacro %}

{% macro duckdb__add_months(date_expression, months) -%}
    cast({{ date_expression }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}

{% macro default__add_months(date_expression, months) -%}
    add_months({{ date_expression }}, {{ months }})
{%- endmacro %}

{# Days from the first to the second date. #}
{% macro days_between(from_date, to_date) -%}
    {{ adapter.dispatch('days_between', 'workledger')(from_date, to_date) }}
{%- endmacro %}

{% macro duckdb__days_between(from_date, to_date) -%}
    datediff('day', {{ from_date }}, {{ to_date }})
{%- endmacro %}

{% macro default__days_between(from_date, to_date) -%}
    datediff({{ to_date }}, {{ from_date }})
{%- endmacro %}

{# 1 = Monday … 7 = Sunday. #}
{% macro iso_weekday(date_expression) -%}
    {{ adapter.dispatch('iso_weekday', 'workledger')(date_expression) }}
{%- endmacro %}

{% macro duckdb__iso_weekday(date_expression) -%}
    isodow({{ date_expression }})
{%- endmacro %}

{% macro default__iso_weekday(date_expression) -%}
    (weekday({{ date_expression }}) + 1)
{%- endmacro %}

{# Local date of an instant in an IANA zone; NULL where either is NULL. #}
{% macro local_date(instant, zone) -%}
    {{ adapter.dispatch('local_date', 'workledger')(instant, zone) }}
{%- endmacro %}

{% macro duckdb__local_date(instant, zone) -%}
    cast(timezone({{ zone }}, {{ instant }}) as date)
{%- endmacro %}

{% macro default__local_date(instant, zone) -%}
    to_date(from_utc_timestamp({{ instant }}, {{ zone }}))
{%- endmacro %}

{#
The first instant of a local date in an IANA zone. Midnight happens twice where clocks go back over it, and DuckDB takes the second; a
microsecond after the last one of the day before is the first. Where clocks jump over the end of that day, it is midnight that is right.
So the earlier of the two is.
#}
{% macro first_instant(date_expression, zone) -%}
    {{ adapter.dispatch('first_instant', 'workledger')(date_expression, zone) }}
{%- endmacro %}

{% macro duckdb__first_instant(date_expression, zone) -%}
    least(
        timezone({{ zone }}, cast({{ date_expression }} as timestamp)),
        timezone({{ zone }}, cast({{ date_expression }} as timestamp) - interval 1 microsecond) + interval 1 microsecond
    )
{%- endmacro %}

{% macro default__first_instant(date_expression, zone) -%}
    least(
        to_utc_timestamp(cast({{ date_expression }} as timestamp), {{ zone }}),
        to_utc_timestamp(cast({{ date_expression }} as timestamp) - interval 1 microsecond, {{ zone }}) + interval 1 microsecond
    )
{%- endmacro %}

{# Local date of an instant written with an offset in minutes east of UTC. #}
{% macro offset_date(instant, offset_minutes) -%}
    {{ adapter.dispatch('offset_date', 'workledger')(instant, offset_minutes) }}
{%- endmacro %}

{# Not by timezone('UTC', …), which takes twenty times as long. #}
{% macro duckdb__offset_date(instant, offset_minutes) -%}
    cast(make_timestamp(epoch_us({{ instant }}) + {{ offset_minutes }} * cast(60000000 as bigint)) as date)
{%- endmacro %}

{% macro default__offset_date(instant, offset_minutes) -%}
    to_date(timestampadd(minute, {{ offset_minutes }}, {{ instant }}))
{%- endmacro %}

{# Date of an instant in UTC. #}
{% macro utc_date(instant) -%}
    {{ adapter.dispatch('utc_date', 'workledger')(instant) }}
{%- endmacro %}

{% macro duckdb__utc_date(instant) -%}
    cast(make_timestamp(epoch_us({{ instant }})) as date)
{%- endmacro %}

{% macro default__utc_date(instant) -%}
    to_date({{ instant }})
{%- endmacro %}

{% macro add_minutes(instant, minutes) -%}
    {{ adapter.dispatch('add_minutes', 'workledger')(instant, minutes) }}
{%- endmacro %}

{% macro duckdb__add_minutes(instant, minutes) -%}
    ({{ instant }} + to_minutes({{ minutes }}))
{%- endmacro %}

{% macro default__add_minutes(instant, minutes) -%}
    timestampadd(minute, {{ minutes }}, {{ instant }})
{%- endmacro %}

{# The whole microseconds of a duration that lie before an instant, where it is spread evenly from its first instant to its last. #}
{% macro share_until(duration_us, started_at, until_at, ended_at) -%}
    {{ adapter.dispatch('share_until', 'workledger')(duration_us, us_between(started_at, until_at), us_between(started_at, ended_at)) }}
{%- endmacro %}

{% macro duckdb__share_until(duration_us, passed_us, whole_us) -%}
    cast(cast({{ duration_us }} as hugeint) * {{ passed_us }} // {{ whole_us }} as bigint)
{%- endmacro %}

{% macro default__share_until(duration_us, passed_us, whole_us) -%}
    cast(floor(cast({{ duration_us }} as decimal(38, 0)) * {{ passed_us }} / {{ whole_us }}) as bigint)
{%- endmacro %}

{# Microseconds from one instant to another. #}
{% macro us_between(from_instant, to_instant) -%}
    {{ adapter.dispatch('us_between', 'workledger')(from_instant, to_instant) }}
{%- endmacro %}

{% macro duckdb__us_between(from_instant, to_instant) -%}
    (epoch_us({{ to_instant }}) - epoch_us({{ from_instant }}))
{%- endmacro %}

{% macro default__us_between(from_instant, to_instant) -%}
    (unix_micros({{ to_instant }}) - unix_micros({{ from_instant }}))
{%- endmacro %}

{# All dates from the first to the second, one a row, in a column named day_date. #}
{% macro days_from_to(from_expression, to_expression, relation) -%}
    {{ adapter.dispatch('days_from_to', 'workledger')(from_expression, to_expression, relation) }}
{%- endmacro %}

{% macro duckdb__days_from_to(from_expression, to_expression, relation) -%}
    select cast(unnest(generate_series(cast({{ from_expression }} as timestamp), cast({{ to_expression }} as timestamp), interval 1 day)) as date) as day_date
    from {{ relation }}
{%- endmacro %}

{% macro default__days_from_to(from_expression, to_expression, relation) -%}
    select explode(sequence({{ from_expression }}, {{ to_expression }}, interval 1 day)) as day_date
    from {{ relation }}
{%- endmacro %}

{% macro as_of_date() -%}
    (select as_of_date from {{ source('workspace', 'as_of') }})
{%- endmacro %}

{# The last day of which people should have logged everything: the policy's grace before as_of. #}
{% macro settled_date() -%}
    (
        select {{ add_days('as_of.as_of_date', '-policy.unlogged_grace_days') }}
        from {{ source('workspace', 'as_of') }} as as_of
        cross join {{ source('workspace', 'policy') }} as policy
    )
{%- endmacro %}

{% macro list_contains(list_expression, value) -%}
    {{ adapter.dispatch('list_contains', 'workledger')(list_expression, value) }}
{%- endmacro %}

{% macro duckdb__list_contains(list_expression, value) -%}
    list_contains({{ list_expression }}, {{ value }})
{%- endmacro %}

{% macro default__list_contains(list_expression, value) -%}
    array_contains({{ list_expression }}, {{ value }})
{%- endmacro %}

{# Names of the time zones that local_date understands, and the same in lower case to look them up by. #}
{% macro known_zones() -%}
    {{ adapter.dispatch('known_zones', 'workledger')() }}
{%- endmacro %}

{% macro duckdb__known_zones() -%}
select
    lower(name) as zone_id,
    min(name) as zone
from pg_timezone_names()
group by lower(name)
{%- endmacro %}
