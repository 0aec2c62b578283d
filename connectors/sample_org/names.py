"""Invented names. None is taken from an export."""

from __future__ import annotations

FIRST_NAMES = (
    "Ada", "Alma", "Amir", "Anjali", "Anton", "Arjun", "Aylin", "Bela", "Ben", "Birgit", "Bruno", "Carla",
    "Cem", "Clara", "Dana", "Deepak", "Diego", "Dora", "Elias", "Elif", "Emil", "Emma", "Esra", "Farah",
    "Felix", "Fiona", "Frieda", "Grace", "Greta", "Hanna", "Hari", "Hugo", "Ida", "Ines", "Isha", "Ivo",
    "Jana", "Jonas", "Judith", "Kavya", "Kai", "Karl", "Lara", "Leila", "Leo", "Lena", "Lukas", "Maja",
    "Malik", "Marta", "Mateo", "Meera", "Mila", "Nadia", "Neel", "Nils", "Nina", "Nora", "Oskar", "Otto",
    "Paul", "Petra", "Pia", "Priya", "Rafael", "Rahul", "Rosa", "Ruth", "Sana", "Samuel", "Sara", "Sofia",
    "Sven", "Tara", "Theo", "Tilda", "Tom", "Uma", "Vera", "Victor", "Vikram", "Wanda", "Yara", "Yusuf",
    "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Abel", "Acker", "Ahmad", "Albrecht", "Anand", "Archer", "Bach", "Baker", "Banerjee", "Barlow", "Bauer",
    "Becker", "Bennett", "Bhatt", "Blum", "Brandt", "Brooks", "Carter", "Chandra", "Clarke", "Cole",
    "Cooper", "Dalton", "Das", "Desai", "Dietrich", "Doyle", "Ebert", "Ellis", "Engel", "Falk", "Farmer",
    "Fischer", "Fleming", "Forster", "Frank", "Garcia", "Gates", "Ghosh", "Graf", "Grant", "Gupta", "Haas",
    "Hale", "Hartmann", "Hayes", "Heller", "Hoffmann", "Holt", "Iyer", "Jain", "Jansen", "Joshi", "Kaiser",
    "Kapoor", "Keller", "Khan", "Klein", "Koch", "Kramer", "Kumar", "Lang", "Lehmann", "Linden", "Lorenz",
    "Lowe", "Mehta", "Meier", "Menon", "Moore", "Nair", "Neumann", "Nolan", "Otto", "Parker", "Patel",
    "Peters", "Pfeiffer", "Quinn", "Rao", "Reddy", "Reed", "Richter", "Roth", "Sauer", "Schmidt", "Scholz",
    "Shah", "Sharma", "Singh", "Sommer", "Stein", "Stone", "Sutton", "Thomas", "Unger", "Vogel", "Wagner",
    "Walter", "Weber", "Webster", "Winter", "Wolf", "Yates", "Ziegler",
)  # fmt: skip
CLIENT_NAMES = (
    "Alder", "Amber Foods", "Arcadia Rail", "Beacon Health", "Birch & Sons", "Blue Harbour", "Cedar Energy",
    "Cobalt Bank", "Corvus Air", "Delta Textiles", "Dune Media", "Eastgate", "Elm Insurance",
    "Fathom Marine", "Fjord Pharma", "Gable Homes", "Granite Works", "Harrow Foods", "Helix Labs",
    "Iris Optics", "Juniper Stores", "Kestrel Logistics", "Lantern Schools", "Larch Paper", "Maple Water",
    "Meridian Steel", "Nimbus Cloud", "North Quay", "Oak Ridge", "Onyx Motors", "Orchard", "Pebble Games",
    "Pine Valley", "Quarry Stone", "Raven Books", "Reed & Co", "Sable Leather", "Saffron Travel",
    "Sierra Solar", "Slate Legal", "Tallow", "Tern Shipping", "Umber Paints", "Vale Dairy", "Willow Care",
    "Yarrow Seeds", "Zephyr Wind",
)  # fmt: skip
UNDERTAKINGS = (
    "Data room", "Market entry", "Cost review", "Target operating model", "Website relaunch", "Brand refresh",
    "Contract review", "Due diligence", "Cloud migration", "Customer portal", "Reporting", "Integration",
    "Pricing study", "Process redesign", "Training programme", "Service desk", "Audit support",
    "Warehouse build",
)  # fmt: skip
INTERNAL_PROJECTS = (
    ("INT-ADM", "Administration"),
    ("INT-TRN", "Training"),
    ("INT-REC", "Recruiting"),
    ("INT-BID", "Proposals"),
    ("INT-MTG", "Team meetings"),
)
NOTES = (
    "", "", "", "Call with the client", "Draft, second round", "Review comments worked in",
    "Workshop prepared",
    "Follow-up from Monday", "Numbers checked, sent out", "Fix after review", "Minutes written",
    "Slides, part 2",
    'Asked for the "final" list', "Data; cleaned, joined", "Travel to site", "Größen geprüft", "Handover",
)  # fmt: skip
