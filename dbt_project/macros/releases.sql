{# What a person adds to a team's figures. A release keeps these, and a restatement compares them. #}
{% macro contribution_measures() -%}
    {{ return(['capacity_us', 'counted_us', 'billable_us', 'allocated_us', 'due_tasks', 'completed_tasks', 'on_time_tasks', 'finished_tasks']) }}
{%- endmacro %}

{# What can be read or subtracted of measures: each of them, and the difference of every two of one unit. Pairs of name and expression. #}
{% macro contribution_quantities() -%}
    {% set hours = ['capacity_us', 'counted_us', 'billable_us', 'allocated_us'] %}
    {% set tasks = ['due_tasks', 'completed_tasks', 'on_time_tasks', 'finished_tasks'] %}
    {% set quantities = [] %}
    {% for measures in [hours, tasks] %}
        {% for measure in measures %}
            {% do quantities.append((measure, measure)) %}
            {% for other in measures[loop.index:] %}
                {% do quantities.append((measure ~ ' less ' ~ other, measure ~ ' - ' ~ other)) %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {{ return(quantities) }}
{%- endmacro %}

{# Nobody, or enough people: whoever adds nothing tells nothing. #}
{% macro nobody_or_enough(persons, smallest) -%}
    ({{ persons }} = 0 or {{ persons }} >= {{ smallest }})
{%- endmacro %}

{# First day of the span of so many months, counted from January, that a day lies in. #}
{% macro first_of_months(date_expression, months) -%}
    {{ adapter.dispatch('first_of_months', 'workledger')(date_expression, months) }}
{%- endmacro %}

{% macro duckdb__first_of_months(date_expression, months) -%}
    make_date(year({{ date_expression }}), cast(month({{ date_expression }}) - mod(month({{ date_expression }}) - 1, {{ months }}) as integer), 1)
{%- endmacro %}

{% macro default__first_of_months(date_expression, months) -%}
    make_date(year({{ date_expression }}), cast(month({{ date_expression }}) - mod(month({{ date_expression }}) - 1, {{ months }}) as int), 1)
{%- endmacro %}
