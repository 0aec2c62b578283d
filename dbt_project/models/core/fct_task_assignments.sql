select
    assignments.task_assignment_key,
    assignments.task_key,
    assignments.source,
    assignments.source_record_id,
    assignments.delivery_id,
    actors.person_key,
    assignments.valid_from_date,
    assignments.valid_to_date,
    assignments.share_ratio
from {{ ref('stg_task_assignments') }} as assignments
left join {{ ref('int_actors_matched') }} as actors on assignments.person_actor_key = actors.actor_key
