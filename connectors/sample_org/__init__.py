"""A seeded generator that writes a believable organisation's exports in the formats real tools write.

Belongs here: people, calendars, work, and how each tool spells them; faults planted on purpose, and the
record of them.
Does not belong here: reading, mapping, or anything a real workspace needs.
"""
