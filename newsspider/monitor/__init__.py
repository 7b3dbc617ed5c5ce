"""Is a run as it should be? Judged by fixed bounds, and by what this spider's own last runs show to be usual.

While it runs, `collect.py` counts and `pages.py` puts aside a few pages. At its end the monitors, which Spidermon runs,
look at the counts; what they object to are findings of the ledger, each with examples and with pages kept as cases.
"""
