select
    activity_type_key,
    activity_type,
    category,
    finance_service,
    definition_basis
from {{ ref('int_activity_types_known') }}
