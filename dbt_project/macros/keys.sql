{# Surrogate keys: md5 as text over the parts, '∅' where a part is NULL, a unit separator between them so that ('a', 'bc') and
   ('ab', 'c') differ. The same parts give the same key in every build and on every engine. #}
{% macro surrogate_key(expressions) -%}
    {%- set text = dbt.type_string() -%}
    md5(concat_ws(chr(31){% for expression in expressions %}, coalesce(cast({{ expression }} as {{ text }}), '∅'){% endfor %}))
{%- endmacro %}

{# E-mail addresses are compared in lower case without surrounding blanks; an empty one is none. #}
{% macro normal_email(expression) -%}
    nullif(lower(trim({{ expression }})), '')
{%- endmacro %}

{# Numbers and codes are compared without surrounding blanks. Leading zeros are part of a number. #}
{% macro normal_code(expression) -%}
    nullif(upper(trim({{ expression }})), '')
{%- endmacro %}

{# An actor as the source writes it: four columns <prefix>_email, _number, _source_id, _name. NULL where all four are NULL
   (a task without an assignee); with nobody=true such a row gets the key of its source's nobody, so that its hours keep an owner. #}
{% macro actor_key(prefix='person', nobody=false) -%}
    case
        when coalesce({{ prefix }}_email, {{ prefix }}_number, {{ prefix }}_source_id, {{ prefix }}_name) is not null
            then {{ surrogate_key(['source', prefix ~ '_email', prefix ~ '_number', prefix ~ '_source_id', prefix ~ '_name']) }}
        {%- if nobody %}
        else {{ surrogate_key(['source', 'null', 'null', 'null', 'null']) }}
        {%- endif %}
    end
{%- endmacro %}

{# Who a person is, as a key that nobody can compute from an address or number they know: the workspace's own secret goes in. #}
{% macro person_key_of(expressions) -%}
    {{ surrogate_key(['(select person_key_salt from ' ~ source('workspace', 'policy') ~ ')'] + expressions) }}
{%- endmacro %}

{# A file of a source. It may be named after a person, so that its key is no more to be computed than a person's. #}
{% macro file_key_of(file_name) -%}
    {{ person_key_of(["'file'", file_name]) }}
{%- endmacro %}

{# A project as the source writes it. NULL where the row names none. #}
{% macro project_ref_key() -%}
    case
        when coalesce(project_source_id, project_code, project_name) is not null
            then {{ surrogate_key(['source', 'project_source_id', 'project_code', 'project_name', 'client_name']) }}
    end
{%- endmacro %}

{# A task is known by its record id within its source. #}
{% macro task_key(task_id='task_source_id') -%}
    case when {{ task_id }} is not null then {{ surrogate_key(['source', task_id]) }} end
{%- endmacro %}

{# Teams and roles have no id of their own: they are known by their name, in whatever case it is written. #}
{% macro name_key(name, fallback=none) -%}
    {%- set written = name if fallback is none else 'coalesce(' ~ name ~ ', ' ~ fallback ~ ')' -%}
    case when nullif(trim({{ written }}), '') is not null then {{ surrogate_key(['lower(trim(' ~ written ~ '))']) }} end
{%- endmacro %}

{% macro team_key(name, fallback=none) -%}
    {{ name_key(name, fallback) }}
{%- endmacro %}

{% macro role_key(name, fallback=none) -%}
    {{ name_key(name, fallback) }}
{%- endmacro %}

{# A project with a code is that code, in every source; without one it is a record of its source. #}
{% macro project_key_of(source, source_record_id, project_code) -%}
    case
        when {{ normal_code(project_code) }} is not null then {{ surrogate_key(["'code'", normal_code(project_code)]) }}
        else {{ surrogate_key([source, source_record_id]) }}
    end
{%- endmacro %}
