{{ capacity_by_week('person_key') }}
