-- The lane an event is paired in: its instance id within the case and activity where the log has one, else the case, the
-- activity and the resource. Lanes know no delivery: a start in one file meets its completion in the next.
select
    process_event_key as event_key,
    {{ surrogate_key([
        'source', 'process_name', 'case_id', 'activity_name',
        "case when instance_id is not null then 'instance' else 'resource' end",
        'coalesce(instance_id, person_actor_key)',
    ]) }} as lane_key,
    case when instance_id is not null then 'instance' else 'order' end as lane_basis,
    case
        when lifecycle in ('start', 'suspend') then 'opens'
        when lifecycle in ('complete', 'abort', 'resume') then 'closes'
    end as role,
    case
        when lifecycle in ('start', 'complete', 'abort') then 'work'
        when lifecycle in ('suspend', 'resume') then 'pause'
        else 'mark'
    end as event_class,
    *
from {{ ref('stg_process_events') }}
