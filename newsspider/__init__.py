"""newsspider: a clean, complete corpus of an Indonesian news site."""

__version__ = "0.1.0"
