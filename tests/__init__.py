"""What is started here has a ledger of its own, whatever the environment says."""

from os import environ

environ.pop("LEDGER_URL", None)
