with days as {{ inlined() }} (
    select * from {{ ref('int_person_days_contracted') }}
),

absent as (
    select
        days.person_key,
        days.capacity_date,
        max(
            least(
                days.contracted_us,
                cast(round(absences.day_ratio * days.contracted_us) as bigint) + absences.day_absent_us
            )
        ) as absent_us
    from days
    inner join {{ ref('int_absence_days_dated') }} as absences
        on days.person_key = absences.person_key
        and days.capacity_date = absences.absence_date
    group by days.person_key, days.capacity_date
)

select
    days.person_key,
    days.capacity_date,
    days.person_span_key,
    days.team_key,
    days.role_key,
    days.place,
    days.is_working_day,
    days.is_holiday,
    absent.person_key is not null as is_absent,
    days.contracted_us,
    case when days.contracted_us is not null then coalesce(absent.absent_us, 0) end as absent_us,
    days.contracted_us - coalesce(absent.absent_us, 0) as effective_us,
    {{ hours('days.contracted_us') }} as contracted_hours,
    {{ hours('days.contracted_us - coalesce(absent.absent_us, 0)') }} as effective_capacity_hours
from days
left join absent
    on days.person_key = absent.person_key
    and days.capacity_date = absent.capacity_date
