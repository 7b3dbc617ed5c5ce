"""Feeds: files that are always whole, in which every field round-trips."""

from newsspider.feeds.cells import read_csv
from newsspider.feeds.parquet import read_parquet

__all__ = ["read_csv", "read_parquet"]
