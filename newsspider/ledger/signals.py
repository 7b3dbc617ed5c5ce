"""How other rooms have a part in a run's end; handlers get `run`, a `Run`, and may be coroutines."""

judging = object()
"""The run is over and its ledger still open: whoever objects appends to `run.findings`. Sent before the exit code."""
ended = object()
"""All is written down and the exit code stands, in `record`, which is run.json: nothing changes it any more.

The ledger is still open, but for a run that it broke. Not sent where the process is made to end at once.
"""
