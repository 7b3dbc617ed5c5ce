"""Spidermon's actions, each run on its own: the monitors have spoken already."""

from spidermon.contrib.actions.templates import ActionWithTemplates  # type: ignore[import-untyped]
from spidermon.data import Data  # type: ignore[import-untyped]
from spidermon.results.monitor import MonitorResult  # type: ignore[import-untyped]

from newsspider.alerts.message import Message

SUBJECT, TEXT = "{{ data.subject }}", "{{ data.text }}"
"""Templates: what comes from the site is a value in them, and never a template itself."""


def run(action: ActionWithTemplates, message: Message) -> None:
    """Raises what goes wrong, where the action's own `run` would write it down."""
    action.result = MonitorResult()
    action.data = Data(subject=message.subject, text=message.text)
    action.run_action()
