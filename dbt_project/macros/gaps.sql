{# The select list that every gap model ends with, in one order and with one type each. A gap is known by its rule and key_parts,
   so it keeps its key from one version to the next while it lasts. #}
{% macro gap_columns(
    rule, severity, scope, key_parts, start_date, end_date, hours_at_stake, owner, detail, remedy,
    source='null', stream='null', person_key='null', team_key='null', project_key='null'
) -%}
    {%- set text = dbt.type_string() -%}
    {{ surrogate_key(["'" ~ rule ~ "'"] + key_parts) }} as gap_key,
    '{{ rule }}' as rule,
    {{ severity }} as severity,
    '{{ scope }}' as scope,
    cast({{ source }} as {{ text }}) as source,
    cast({{ stream }} as {{ text }}) as stream,
    cast({{ person_key }} as {{ text }}) as person_key,
    cast({{ team_key }} as {{ text }}) as team_key,
    cast({{ project_key }} as {{ text }}) as project_key,
    cast({{ start_date }} as date) as start_date,
    cast({{ end_date }} as date) as end_date,
    cast({{ hours_at_stake }} as double) as hours_at_stake,
    cast({{ owner }} as {{ text }}) as owner,
    cast({{ detail }} as {{ text }}) as detail,
    cast({{ remedy }} as {{ text }}) as remedy
{%- endmacro %}

{# Which gaps bear on a person's days, and on what a source tells of a project. Marts and releases ask here, so that one rule holds for all. #}
{% macro person_gaps() -%}
    {{ ref('int_person_gaps_attributed') }}
{%- endmacro %}

{% macro project_gaps() -%}
    {{ ref('int_project_gaps_attributed') }}
{%- endmacro %}

{# Limits of a rule as columns: one row for all, or with by_source one row a source, whose own limits come before those for all. #}
{% macro thresholds(rule, names, by_source=false) -%}
    select
        {% if by_source %}sources.source,{% endif %}
        {%- for name in names %}
        {% if by_source -%}
        coalesce(
            max(case when limits.threshold = '{{ name }}' and limits.source is not null then limits.value end),
            max(case when limits.threshold = '{{ name }}' then limits.value end)
        ) as {{ name }}
        {%- else -%}
        max(case when limits.threshold = '{{ name }}' then limits.value end) as {{ name }}
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ source('workspace', 'gap_thresholds') }} as limits
    {%- if by_source %}
    inner join {{ ref('dim_sources') }} as sources
        on limits.source is null or limits.source = sources.source
    where limits.rule = '{{ rule }}'
    group by sources.source
    {%- else %}
    where limits.rule = '{{ rule }}'
    {%- endif %}
{%- endmacro %}
