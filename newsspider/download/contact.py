"""Who is asking: the user agent names us and whom the site's people can write to."""

from newsspider import __version__


def user_agent(contact: str) -> str:
    """
    >>> user_agent("mailto:tim@universitas.example").partition(" ")[2]
    '(+mailto:tim@universitas.example)'
    """
    named = " ".join(contact.split())
    return f"newsspider/{__version__} (+{named})" if named else f"newsspider/{__version__}"
