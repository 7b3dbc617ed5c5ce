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
| `corpus/` | what is handed to others, and what do they have to know? | the site |
| `verify/` | is a feed what it says it is? | network, other files |
| `warc/` | raw pages, recorded and replayed | fields |
| `browser/` | what does a page look like when its scripts have run? | the network, fields |
| `reextract/` | what do kept pages say today? | the site |
| `cases/` | saved pages: test cases, and pages kept for a look | fields |
| `monitor/` | is a run as it should be? | what was stored |
| `report/` | what did a run do, for a person? | anything that is not in the ledger |
| `alerts/` | who is told of a run's end: mail, Slack, Telegram, heartbeat, Prometheus | the run's result |
| `commands/` | the outer shell | - |
| `exits.py` | what does the exit code say? | - |
| `settings.py` | every switch | - |

Imports point one way; `tests/test_architecture.py` keeps it so.
"""

__version__ = "0.4.0"
