"""A made corpus whose clusters are known: sentences of made words, and what newsrooms do with a text.

- a *story* is new text about an event;
- a *copy* is a story that another page carries: another opening or end, a paragraph left out, words changed;
- a *follow-up* is three to five new paragraphs, and behind them half of an earlier text or more, words changed in it;
- a *rival* is another story of the same event: names and one to three paragraphs are the same, background and quotes.

Copies and follow-ups are of the story's cluster, follow-ups of follow-ups too; rivals and all others are not.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from newsspider.items import Article

PARAGRAPHS = 11
"""Of a story, about; eleven with thirty words each is what the site's articles have."""
SYLLABLES = [one + two for one in "bcdghjklmnprstwy" for two in ("a", "i", "u", "e", "o", "an", "ang", "er")]
COMMON = """
    yang di dan dari untuk dengan itu ini pada tidak akan telah
    oleh dalam sebagai para bahwa kata ke juga
""".split()  # noqa: SIM905
START = datetime(2015, 1, 1, tzinfo=timezone(timedelta(hours=7)))


class Made(NamedTuple):
    """An article, how it came about, and its true cluster."""

    article: Article
    kind: str
    cluster: int


class Newsroom:
    """Makes articles from a seed."""

    def __init__(self, seed: int = 6) -> None:
        self.dice = random.Random(seed)
        self.number = 0

    @cached_property
    def words(self) -> tuple[list[str], list[float]]:
        """Made words and how often each occurs, cumulated: as in language, few very often, many once."""
        made = dict.fromkeys("".join(self.dice.choices(SYLLABLES, k=self.dice.randint(1, 4))) for _ in range(20_000))
        ranked = COMMON + list(made)
        return ranked, list(accumulate(1 / (rank + 3) for rank in range(len(ranked))))

    @cached_property
    def phrases(self) -> list[str]:
        """What newsrooms always say, four to six words each."""
        words, weights = self.words
        return [" ".join(self.dice.choices(words, cum_weights=weights, k=self.dice.randint(4, 6))) for _ in range(400)]

    def sentence(self, names: list[str]) -> str:
        words, weights = self.words
        told = self.dice.choices(words, cum_weights=weights, k=self.dice.randint(6, 18))
        told[self.dice.randrange(len(told))] = self.dice.choice(names)
        if self.dice.random() < 0.4:
            told.insert(self.dice.randrange(len(told)), self.dice.choice(self.phrases))
        return " ".join(told).capitalize() + "."

    def paragraph(self, names: list[str]) -> str:
        return " ".join(self.sentence(names) for _ in range(self.dice.randint(1, 3)))

    def text(self, names: list[str], count: int = PARAGRAPHS) -> list[str]:
        return [self.paragraph(names) for _ in range(self.dice.randint(count - 3, count + 3))]

    def edited(self, text: list[str]) -> list[str]:
        """A word in twenty is another one."""
        return [" ".join(map(self._kept, old.split())) for old in text]

    def _kept(self, word: str) -> str:
        words, weights = self.words
        return self.dice.choices(words, cum_weights=weights)[0] if self.dice.random() < 0.05 else word

    def names(self) -> list[str]:
        return [f"{self.dice.choice(SYLLABLES)}{self.dice.choice(SYLLABLES)}".capitalize() for _ in range(6)]

    def copy(self, text: list[str]) -> list[str]:
        left_out = self.dice.randrange(1, len(text))
        rest = [each for place, each in enumerate(text) if place != left_out]
        return self.edited(rest) + self.text(["Redaksi"], 4)[:1]

    def follow_up(self, text: list[str], names: list[str]) -> list[str]:
        kept = self.dice.randint((len(text) + 1) // 2, len(text))
        return self.text(names, 4)[:5] + self.edited(text[:kept])

    def rival(self, text: list[str], names: list[str]) -> list[str]:
        mine = self.text(names, PARAGRAPHS - 1)
        shared = self.dice.sample(text[1:], self.dice.randint(1, 3))
        return mine[:2] + shared + mine[2:]

    def made(self, text: list[str], kind: str, cluster: int) -> Made:
        self.number += 1
        address = f"https://international.sindonews.com/read/{self.number}/41/kabar-{self.number}-1784000000"
        moment = (START + timedelta(minutes=15 * self.number)).isoformat()
        article = Article(url=address, article_id=str(self.number), title=text[0][:80].strip(), published=moment)
        return Made(replace(article, paragraphs=text), kind, cluster)

    def event(self) -> Iterator[Made]:
        """A story and what becomes of it; of most, nothing."""
        names, cluster = self.names(), self.number
        text = self.text(names)
        yield self.made(text, "story", cluster)
        if self.dice.random() < 0.08:
            for _ in range(self.dice.randint(1, 3)):
                yield self.made(self.copy(text), "copy", cluster)
        if self.dice.random() < 0.08:
            latest = text
            for _ in range(self.dice.randint(1, 3)):
                latest = self.follow_up(latest, names)[:18]
                yield self.made(latest, "follow-up", cluster)
        if self.dice.random() < 0.15:
            for _ in range(self.dice.randint(1, 3)):
                yield self.made(self.rival(text, names), "rival", self.number)


def corpus(paragraphs: int, seed: int = 6) -> Iterator[Made]:
    """So many paragraphs, or a few more."""
    room, told = Newsroom(seed), 0
    while told < paragraphs:
        for made in room.event():
            told += len(made.article.paragraphs)
            yield made
