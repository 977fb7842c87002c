"""A reload takes up new settings; those that will not do change nothing."""

import logging

from reflect.settings import SettingsRefused, settings_to_serve

_log = logging.getLogger("reflect.reload")


def will_do() -> bool:
    """Whether the settings, as they are now, may serve; the log says why not, and that all goes on as before."""
    try:
        settings_to_serve()
    except SettingsRefused as refusal:
        tell("not reloaded, the old settings go on", refusal)
        return False
    return True


def tell(event: str, refusal: SettingsRefused) -> None:
    """A line of the log with every fault of the settings, none of which holds a value."""
    _log.error(event, extra={"faults": " ".join(refusal.faults)})
