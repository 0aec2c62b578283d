-- The macro library of format expressions. NULL stays NULL; text that cannot be read fails (by a cast of a telling text) and never
-- becomes NULL or 0. Durations are microseconds. Loaded into every private mapping connection, whose TimeZone is UTC.
--
--   parse_duration(text)              h:mm:ss, h:mm or decimal hours as parse_hours reads them, a minus in front allowed → microseconds;
--                                     what is finer is cut off
--   parse_hours(text)                 decimal hours; a comma is the decimal sign unless it could separate thousands (1,234 fails)
--   parse_hours(text, sign)           decimal hours with that decimal sign → microseconds
--   parse_decimal(text)               12, 1234.5, 1,234.5
--   parse_decimal(text, sign)         the same with that decimal sign ('.' or ','); the other groups thousands
--   parse_date(text)                  2026-01-31
--   parse_date(text, format)          format or list of formats as in strptime
--   parse_timestamp(text)             2026-01-31 10:00[:00[.000]], no offset: a local time
--   parse_timestamp(text, format)     format or list of formats as in strptime
--   parse_date_time(text, date_format) a date in that format, then the time by the 24- or 12-hour clock, with or without seconds
--   parse_instant(text)               2026-01-31T10:00:00Z, +02:00, +0200, +02: the offset must be written
--   parse_instant(text, zone)         the same; without an offset the time is local in the zone
--   local_to_utc(timestamp, zone)     instant of a local time; an ambiguous one (clocks go back) is the earlier instant, one that never
--                                     was (clocks go forward) moves forward by the gap
--   utc_offset_of(text)               minutes east of UTC written at the end of the text; NULL where none is written
--   parse_boolean(text)               yes/no, y/n, true/false, t/f, on/off, 1/0, any letter case
--   iso_duration(text)                PT1H30M, P1DT2H (a day is 24 h, a week 7 days) → microseconds
--   worded_duration(text, day_hours)  1d 2h, 1 day 2 hours, 1w 3d, 45 min 30 sec, where a day has so many hours and a week five days
--   worded_duration(text, day_hours, week_days)
--   unit_duration(text, unit_hours)   a number of a unit of the tool's own (days, points), of which one is so many hours → microseconds
--   seconds_us, minutes_us, hours_us  decimal number of that unit → microseconds
--   empty_to_null(text)               trimmed; NULL where nothing is left
--   unreadable(what, text)            fails: for the else branch of a case over known values
--   option('name')                    what the source sets in `zone:` and `options:`; a literal by the time the SQL runs

create macro unreadable(what, t) as cast(cast('not a known ' || what || ': ' || t as bigint) as varchar);

create macro empty_to_null(t) as nullif(trim(t), '');

create macro parse_decimal
    (t) as case
        when regexp_full_match(trim(t), '[-+]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)([.][0-9]+)?')
        then cast(replace(trim(t), ',', '') as decimal(28, 9))
        else cast('not a number: ' || t as decimal(28, 9))
    end,
    (t, sign) as case
        when sign = '.' and regexp_full_match(trim(t), '[-+]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)([.][0-9]+)?')
        then cast(replace(trim(t), ',', '') as decimal(28, 9))
        when sign = ',' and regexp_full_match(trim(t), '[-+]?([0-9]{1,3}([.][0-9]{3})+|[0-9]+)(,[0-9]+)?')
        then cast(replace(replace(trim(t), '.', ''), ',', '.') as decimal(28, 9))
        else cast('not a number with the decimal sign ' || coalesce(sign, '?') || ' : ' || t as decimal(28, 9))
    end;

-- A double holds every whole microsecond up to 285 years; NaN and infinity fail in the cast to bigint.
create macro unit_us(t, unit) as cast(round(cast(t as double) * unit) as bigint);
create macro seconds_us(t) as unit_us(t, 1000000);
create macro minutes_us(t) as unit_us(t, 60000000);
create macro hours_us(t) as unit_us(t, 3600000000);

create macro parse_hours
    (t) as case
        when contains(t, ',') and regexp_full_match(trim(t), '[-+]?[0-9]+,([0-9]{1,2}|[0-9]{4,})')
        then hours_us(replace(t, ',', '.'))
        else hours_us(t)
    end,
    (t, sign) as cast(round(cast(parse_decimal(t, sign) as double) * 3600000000) as bigint);

create macro parse_duration(t) as case
    when regexp_full_match(trim(t), '-?[0-9]+:[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?')
    then epoch_us(cast(trim(t) as interval))
    when regexp_full_match(trim(t), '[-+]?[0-9]+([.,][0-9]+)?')
    then parse_hours(t)
    else cast('not a duration: ' || t as bigint)
end;

create macro unit_duration(t, unit_hours) as cast(round(cast(t as double) * unit_hours * 3600000000) as bigint);

create macro worded_units() as '(?:([0-9.]+) ?w(?:eeks?)?,?)? ?(?:([0-9.]+) ?d(?:ays?)?,?)? ?(?:([0-9.]+) ?h(?:(?:ou)?rs?)?,?)? ?'
    || '(?:([0-9.]+) ?m(?:in(?:ute)?s?)?,?)? ?(?:([0-9.]+) ?s(?:ec(?:ond)?s?)?)?';
create macro worded_part(t, n) as coalesce(cast(nullif(regexp_extract(lower(trim(t)), worded_units(), n), '') as decimal(18, 6)), 0);
create macro worded_us(t, day_hours, week_days) as case
    when regexp_full_match(lower(trim(t)), worded_units()) and length(trim(t)) > 1
    then cast(round(
        ((worded_part(t, 1) * week_days + worded_part(t, 2)) * day_hours + worded_part(t, 3)) * 3600000000
        + worded_part(t, 4) * 60000000 + worded_part(t, 5) * 1000000
    ) as bigint)
    else cast('not a duration in words: ' || t as bigint)
end;
create macro worded_duration
    (t, day_hours) as worded_us(t, day_hours, 5),
    (t, day_hours, week_days) as worded_us(t, day_hours, week_days);

create macro parse_date
    (t) as case
        when regexp_full_match(trim(t), '[0-9]{4}-[0-9]{2}-[0-9]{2}') then cast(trim(t) as date)
        else cast('not a date like 2026-01-31: ' || t as date)
    end,
    (t, format) as cast(strptime(trim(t), format) as date);

create macro parse_timestamp
    (t) as case
        when regexp_full_match(trim(t), '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?')
        then cast(trim(t) as timestamp)
        else cast('not a local time like 2026-01-31 10:00: ' || t as timestamp)
    end,
    (t, format) as cast(strptime(trim(t), format) as timestamp);

create macro parse_date_time(t, date_format) as cast(strptime(trim(t), [
    date_format || ' %H:%M:%S', date_format || ' %H:%M', date_format || ' %I:%M:%S %p', date_format || ' %I:%M %p'
]) as timestamp);

-- Reads the local time with the offset that held 24 hours before. In the hour that repeats, that is the earlier instant. Where it does
-- not lead back to the local time, the clocks have changed since, and DuckDB's reading stands (a gap moves forward).
-- (Adding an interval to an instant goes through the calendar; microseconds do not.)
create macro day_before_offset(ts, zone) as make_timestamptz(epoch_us(timezone(zone, ts - to_hours(24))) + 86400000000);
create macro instant_of_earlier(ts, zone) as case
    when timezone(zone, day_before_offset(ts, zone)) = ts then day_before_offset(ts, zone)
    else timezone(zone, ts)
end;
-- Other readings, to count the times that are in doubt (clock_changes.py): the later of two instants, and NULL where there is none.
create macro day_after_offset(ts, zone) as make_timestamptz(epoch_us(timezone(zone, ts + to_hours(24))) - 86400000000);
create macro instant_of_later(ts, zone) as case
    when timezone(zone, day_after_offset(ts, zone)) = ts then day_after_offset(ts, zone)
    else timezone(zone, ts)
end;
create macro instant_of_existing(ts, zone) as case
    when timezone(zone, instant_of_earlier(ts, zone)) = ts then instant_of_earlier(ts, zone)
end;
create macro instant_of(ts, zone) as instant_of_earlier(ts, zone);
create macro local_to_utc(ts, zone) as instant_of(cast(ts as timestamp), zone);

create macro has_offset(t) as regexp_matches(trim(t), '[0-9]{1,2}:?[0-9]{2}(:?[0-9]{2}([.,][0-9]+)?)? ?(Z|z|[-+][0-9]{2}(:?[0-9]{2})?)$');
-- DuckDB wants seconds before an offset and no space or colon in it.
create macro with_plain_offset(t) as regexp_replace(
    regexp_replace(trim(t), '^([0-9-]+[T ][0-9]{1,2}:[0-9]{2}) ?(Z|z|[-+])', '\1:00\2'),
    ' ?([-+][0-9]{2}):?([0-9]{2})?$', '\1\2'
);
create macro parse_instant
    (t) as case
        when has_offset(t) then cast(with_plain_offset(t) as timestamptz)
        else cast('not an instant with an offset: ' || t as timestamptz)
    end,
    (t, zone) as case
        when has_offset(t) then cast(with_plain_offset(t) as timestamptz)
        else local_to_utc(parse_timestamp(t), zone)
    end;

create macro utc_offset_of(t) as case
    when not has_offset(t) then null
    when regexp_matches(trim(t), '[Zz]$') then 0
    else cast(
        regexp_extract(trim(t), '([-+])[0-9]{2}:?([0-9]{2})?$', 1)
        || (
            cast(regexp_extract(trim(t), '[-+]([0-9]{2}):?([0-9]{2})?$', 1) as integer) * 60
            + cast(coalesce(nullif(regexp_extract(trim(t), '[-+][0-9]{2}:?([0-9]{2})$', 1), ''), '0') as integer)
        ) as integer
    )
end;

create macro parse_boolean(t) as case
    when lower(trim(t)) in ('yes', 'y', 'true', 't', 'on', '1') then true
    when lower(trim(t)) in ('no', 'n', 'false', 'f', 'off', '0') then false
    else cast('not yes or no: ' || t as boolean)
end;

create macro iso_part(t, pattern) as
    coalesce(cast(nullif(regexp_extract(trim(t), pattern, 1), '') as decimal(18, 6)), 0);
create macro iso_duration(t) as case
    when regexp_full_match(trim(t), 'P(?:[0-9]+W)?(?:[0-9]+D)?(?:T(?:[0-9.]+H)?(?:[0-9.]+M)?(?:[0-9.]+S)?)?')
        and length(trim(t)) > 2
    then cast(round(
        (iso_part(t, '([0-9]+)W') * 168 + iso_part(t, '([0-9]+)D') * 24 + iso_part(t, 'T.*?([0-9.]+)H')) * 3600000000
        + iso_part(t, 'T.*?([0-9.]+)M') * 60000000 + iso_part(t, 'T.*?([0-9.]+)S') * 1000000
    ) as bigint)
    else cast('not an ISO 8601 duration: ' || t as bigint)
end;
