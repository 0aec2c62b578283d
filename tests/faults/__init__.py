"""Refreshes that are killed, starved, lied to and crowded; ``make faults`` runs them. What is proved: no row lost or doubled."""
