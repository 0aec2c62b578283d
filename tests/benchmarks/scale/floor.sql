-- What somebody would write by hand over the same files: the fact, and utilisation, completion and capacity by week. No deliveries to put in
-- order, no history, no gaps, no checks: the least work that gives the same sums.
create table persons as
select
    person_email as person, valid_from_date as first_date,
    coalesce(lead(valid_from_date) over (partition by person_email order by valid_from_date) - 1, date '9999-12-31') as last_date,
    team_name as team, place, contracted_week_us
from read_parquet('$people');

create table activities as
select
    entries.source, entries.source_record_id, entries.person_email as person, persons.team, entries.project_code as project,
    entries.activity_name as kind, entries.work_date, entries.duration_us, entries.is_billable
from read_parquet($time_entries, union_by_name = true) as entries
left join persons
    on entries.person_email = persons.person and entries.work_date between persons.first_date and persons.last_date;

create table days as
select day::date as day, date_trunc('week', day)::date as week
from generate_series((select date_trunc('month', min(work_date)) from activities)::timestamp, timestamp '$as_of', interval 1 day) as series(day);

create table capacity as
select
    persons.person, persons.team, days.day, days.week,
    case when isodow(days.day) <= 5 and holidays.holiday_date is null then persons.contracted_week_us // 5 else 0 end as contracted_us,
    case when isodow(days.day) <= 5 and holidays.holiday_date is null and absences.person_email is null
        then persons.contracted_week_us // 5 else 0 end as effective_us
from persons
inner join days on days.day between persons.first_date and persons.last_date
left join holidays on persons.place = holidays.place and days.day = holidays.holiday_date
left join (select distinct person_email, start_date from read_parquet('$absences')) as absences
    on persons.person = absences.person_email and days.day = absences.start_date;

create table utilisation_person_week as
with logged as (
    select person, date_trunc('week', work_date)::date as week, sum(duration_us) as counted_us,
        sum(duration_us) filter (where is_billable) as billable_us
    from activities group by all
),
available as (select person, week, sum(contracted_us) as contracted_us, sum(effective_us) as effective_us from capacity group by all)
select *, counted_us / nullif(effective_us, 0) as utilisation_ratio
from available full join logged using (person, week);

create table utilisation_team_week as
with logged as (
    select team, date_trunc('week', work_date)::date as week, sum(duration_us) as counted_us,
        sum(duration_us) filter (where is_billable) as billable_us
    from activities group by all
),
available as (select team, week, sum(contracted_us) as contracted_us, sum(effective_us) as effective_us from capacity group by all)
select *, counted_us / nullif(effective_us, 0) as utilisation_ratio
from available full join logged using (team, week);

create table capacity_team_week as
select team, week, sum(effective_us) as effective_us, sum(counted_us) as counted_us
from (select team, week, effective_us, null as counted_us from capacity
    union all select team, date_trunc('week', work_date)::date, null, duration_us from activities)
group by all;

create table completion_project_week as
select
    project_code as project, date_trunc('week', first_due_date)::date as week, count(*) as due_tasks,
    count(*) filter (where completed_at::date <= first_due_date) as on_time_tasks
from read_parquet('$tasks')
group by all;
