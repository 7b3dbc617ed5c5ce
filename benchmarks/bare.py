"""The least that a crawl can cost: aiohttp and lxml, no framework. `bare.py SINCE DAYS CONCURRENCY FEED`."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import aiohttp
from lxml import html

LOOPBACK = f"http://127.0.0.1:{os.environ['LOOPBACK']}"
TITLES = "//div[@class='title-article news-title']/a/@href"
NEXT = "//div[@class='pagination']//li[a/@class='active']/following-sibling::li[1]/a/@href"
BODY = "//div[@id='detail-desc' or @id='content' or @class='content']//text()[normalize-space()]"


async def fetch(session: aiohttp.ClientSession, url: str) -> html.HtmlElement:
    parts = urlsplit(url)
    here = LOOPBACK + parts._replace(scheme="", netloc="").geturl()
    async with session.get(here, headers={"Host": parts.netloc}) as response:
        return html.fromstring(await response.read())


async def listed(session: aiohttp.ClientSession, url: str) -> list[str]:
    """Articles of an index page and of those after it."""
    page = await fetch(session, url)
    following = page.xpath(NEXT)
    return page.xpath(TITLES) + (await listed(session, following[0]) if following else [])


async def store(session: aiohttp.ClientSession, urls: Iterator[str], feed: IO[str]) -> None:
    for url in urls:
        page = await fetch(session, f"{url}?showpage=all")
        record = {"url": url, "title": page.find(".//h1").text_content(), "paragraphs": page.xpath(BODY)}
        feed.write(json.dumps(record, ensure_ascii=False) + "\n")


async def crawl(indexes: list[str], concurrency: int, path: str) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=concurrency)) as session:
        urls = chain.from_iterable(await asyncio.gather(*(listed(session, url) for url in indexes)))
        with Path(path).open("w", encoding="utf-8") as feed:
            await asyncio.gather(*(store(session, urls, feed) for _ in range(concurrency)))


if __name__ == "__main__":
    first = date.fromisoformat(sys.argv[1])
    days = [first + timedelta(number) for number in range(int(sys.argv[2]))]
    asyncio.run(crawl([f"https://www.sindonews.com/indeks/9/0?t={day}" for day in days], int(sys.argv[3]), sys.argv[4]))
