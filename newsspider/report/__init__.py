"""The report of a run: one page that opens offline, made wholly from the ledger. addon.py is the door.

| file | what it does |
| --- | --- |
| `past.py`, `corpus.py`, `calendar.py` | what the ledger tells: runs, articles, days; `contents.py` has all of it |
| `figures.py` | what is shown of the runs, each figure beside the usual one |
| `words.py`, `shapes.py` | exit codes in words; numbers and times as HTML that a script puts into the reader's form |
| `page.py`, `page.html`, `page.css`, `page.js` | the page; without its script it still has every word and every table |
| `plot/` | Observable Plot and how its one file is made |
| `files.py` | where reports stand, and which are kept |
"""
