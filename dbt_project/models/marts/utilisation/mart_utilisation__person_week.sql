{{ utilisation_by('person_key', 'week') }},

-- The team of the last day on which the person was employed in the week; team marts go by the day.
last_teams as (
    select
        person_key,
        week_start_date,
        nullif(max_by(coalesce(team_key, ''), last_capacity_date), '') as team_key
    from parts
    where person_days > 0
    group by person_key, week_start_date
)

select
    utilisation.week_start_date,
    utilisation.week_end_date,
    utilisation.person_key,
    last_teams.team_key,
    utilisation.person_days,
    utilisation.unknown_capacity_days,
    utilisation.contracted_hours,
    utilisation.absent_hours,
    utilisation.effective_capacity_hours,
    utilisation.counted_hours,
    utilisation.billable_hours,
    utilisation.counted_hours_with_capacity,
    utilisation.billable_hours_with_capacity,
    utilisation.billable_unstated_hours,
    utilisation.hours_without_capacity,
    utilisation.unplaced_hours,
    utilisation.overlapping_period_hours,
    utilisation.utilisation_ratio,
    utilisation.billable_utilisation_ratio,
    utilisation.billable_mix_ratio,
    utilisation.coverage_ratio,
    utilisation.gap_count,
    utilisation.blocking_gap_count,
    utilisation.is_complete
from utilisation
left join last_teams
    on utilisation.person_key = last_teams.person_key
    and utilisation.week_start_date = last_teams.week_start_date
