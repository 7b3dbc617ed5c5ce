"""Feeds: files that are always whole, in which every field round-trips."""

from newsspider.feeds.cells import read_csv

__all__ = ["read_csv"]
