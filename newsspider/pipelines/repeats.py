"""Repeats: later copies of an article's text go (the rule: `copies.py`)."""

from collections import Counter
from typing import Self

from scrapy.crawler import Crawler

from newsspider.items import Article
from newsspider.pipelines.copies import kept


class Repeats:
    """Takes copies out of paragraphs and sub-headings; counts paragraphs in the article and in `repeats/removed`."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        paragraphs = [item.paragraphs[index] for index in kept(item.paragraphs, item.title)]
        if removed := len(item.paragraphs) - len(paragraphs):
            item.subheadings = _still_there(item.subheadings, item.paragraphs, paragraphs)
            item.paragraphs = paragraphs
            item.repeated += removed
            assert self.crawler.stats
            self.crawler.stats.inc_value("repeats/removed", removed)
        return item


def _still_there(subheadings: list[str], before: list[str], after: list[str]) -> list[str]:
    """The sub-headings that still stand in the text, as often as they do."""
    times, stay = Counter(after), []
    for subheading in subheadings:
        if times[subheading] > 0 or subheading not in before:
            stay.append(subheading)
        times[subheading] -= 1
    return stay
