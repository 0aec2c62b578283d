select
    measure,
    unit,
    formula,
    home,
    meaning,
    does_not_say
from {{ ref('measures') }}
