select
    month_start_date,
    month_end_date,
    closed_at,
    closed_version,
    close_reason
from {{ source('workspace', 'closed_months') }}
