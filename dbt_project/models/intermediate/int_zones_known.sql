-- Zones that the engine can date in. A roster may write anything; what is not here is no zone, and would stop every model that dates by it.
{{ known_zones() }}
