-- Projects with activities that no project list knows: nobody can say whose they are, what they may cost or whether they are billed. Where no
-- source lists projects at all, there is nothing to match.
with unknown as (
    select
        project_key,
        coalesce(project_code, project_name, 'without a name') as project_label
    from {{ ref('dim_projects') }}
    where not is_resolved
),

unmatched as (
    select
        activities.project_key,
        activities.source,
        unknown.project_label,
        count(*) filter (where activities.day_part = 1) as activity_count,
        min(coalesce(activities.work_date, activities.period_start_date)) as start_date,
        max(coalesce(activities.work_date, activities.period_end_date)) as end_date,
        {{ hours('sum(activities.duration_us) filter (where activities.is_counted)') }} as hours_at_stake
    from {{ ref('fct_activities') }} as activities
    inner join unknown
        on activities.project_key = unknown.project_key
    group by activities.project_key, activities.source, unknown.project_label
)

select
    {{ gap_columns(
        rule='unmatched_projects', severity="'warns'", scope='project',
        key_parts=['unmatched.project_key', 'unmatched.source'],
        source='unmatched.source', project_key='unmatched.project_key',
        start_date='unmatched.start_date', end_date='unmatched.end_date', hours_at_stake='unmatched.hours_at_stake',
        owner="coalesce(sources.owner, 'project data')",
        detail="unmatched.activity_count || ' activities on a project that no list knows: ' || unmatched.project_label",
        remedy="'Add it to the project list that a source exports, or a line to reference/projects_crosswalk.csv.'"
    ) }}
from unmatched
left join {{ ref('dim_sources') }} as sources
    on unmatched.source = sources.source
where exists (select 1 from {{ ref('dim_projects') }} as listed where listed.is_resolved)
