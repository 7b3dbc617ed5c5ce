"""newsspider: a clean, complete corpus of an Indonesian news site. The map: a page walks through rooms, left to right.

| room | its question | it may not touch |
| --- | --- | --- |
| `spiders/` | which page next? | selectors, files |
| `download/` | how is a page asked for politely, and is the answer whole? | what stands on it |
| `sites/` | where is it on the page? one folder a site | network, clock, files |
| `loaders.py`, `text.py`, `dates.py` | how does a raw value become a field? | other articles |
| `items.py` | what is an article? | anything else |
| `pipelines/` | does it stay, in what shape? one rule a file | files, network |
| `feeds/` | files that are always whole | the site |
| `ledger/` | what has been found, stored and delivered? | what stands on a page |
| `warc/` | raw pages, recorded and replayed | fields |
| `reextract/` | what do kept pages say today? | the site |
| `cases/` | saved pages: test cases, and pages kept for a look | fields |
| `commands/` | the outer shell | - |
| `exits.py` | what does the exit code say? | - |
| `settings.py` | every switch | - |

Imports point one way; `tests/test_architecture.py` keeps it so.
"""

__version__ = "0.2.0"
