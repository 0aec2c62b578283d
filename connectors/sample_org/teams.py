"""Families of teams: what they do, where they sit, which tool they log time in."""

from __future__ import annotations

from dataclasses import dataclass

ZONE_OF_PLACE = {
    "DE-BY": "Europe/Berlin",
    "GB": "Europe/London",
    "US": "America/New_York",
    "IN": "Asia/Kolkata",
}
PLACES = tuple(ZONE_OF_PLACE)


@dataclass(frozen=True)
class Family:
    """Teams of one kind. ``share`` of all people; ``billable`` share of their time on client work;
    ``source`` of their time.

    ``limit`` caps the people of families whose tool writes nested payloads, so that a large sample grows in
    rows, not in JSON.
    """

    name: str
    place: str
    share: float
    source: str
    billable: float
    roles: tuple[str, ...]
    activities: tuple[str, ...]
    prefix: str
    limit: int | None = None


ADVICE = ("Consultant", "Senior Consultant", "Principal")
FAMILIES = (
    Family("Advisory Munich", "DE-BY", 0.17, "toggl_de", 0.75, ADVICE,
           ("Analysis", "Workshop", "Client meeting", "Reporting", "Travel"), "ADM"),
    Family("Advisory London", "GB", 0.12, "toggl_gb", 0.75, ADVICE,
           ("Analysis", "Workshop", "Client meeting", "Reporting", "Travel"), "ADL"),
    Family("Strategy New York", "US", 0.11, "toggl_us", 0.8, ADVICE,
           ("Research", "Analysis", "Client meeting", "Presentation"), "STR"),
    Family("Delivery Bengaluru", "IN", 0.11, "toggl_in", 0.7, ("Analyst", "Senior Analyst"),
           ("Data preparation", "Modelling", "Testing", "Handover"), "DEL"),
    Family("Design Studio", "US", 0.09, "clockify", 0.7, ("Designer", "Senior Designer"),
           ("Concept", "Layout", "Prototype", "Client meeting"), "DSN"),
    Family("Legal", "DE-BY", 0.08, "harvest", 0.65, ("Associate", "Counsel"),
           ("Drafting", "Review", "Research", "Court"), "LEG"),
    Family("Engineering", "DE-BY", 0.13, "jira", 0.45, ("Engineer", "Senior Engineer", "Tester"),
           ("Development", "Code review", "Testing", "Refinement"), "ENG", 200),
    Family("Infrastructure", "IN", 0.06, "redmine", 0.15, ("System Administrator", "Site Engineer"),
           ("Operations", "Incident", "Maintenance", "Documentation"), "OPS", 150),
    Family("Customer Support", "GB", 0.05, "toggl_gb", 0.2, ("Support Agent", "Support Specialist"),
           ("Tickets", "Call", "Knowledge base"), "SUP"),
    Family("Sales", "US", 0.04, "toggl_us", 0.0, ("Account Executive", "Sales Engineer"),
           ("Prospecting", "Demo", "Proposal"), "SAL"),
    Family("Finance", "DE-BY", 0.04, "scripts", 0.05, ("Accountant", "Controller"),
           ("Journals", "Reconciliation", "Invoicing", "Month-end close"), "FIN", 400),
)  # fmt: skip
"""Shares leave a little for Customer Support; the first family takes what rounding leaves."""

SMALL_TEAM = Family("People Office", "DE-BY", 0.0, "scripts", 0.0, ("HR Partner",), ("Recruiting", "Payroll"), "PPL")
SMALL_TEAM_SIZE = 4  # below the smallest group size of five, so that suppression has something to do
TEAM_SIZE = 12
HEAD_TEAM = "Partners' Office"
