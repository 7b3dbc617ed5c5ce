"""A plain Scrapy spider of the same site and fields, as the tutorial has it: default settings, ItemLoader, CSS.

`scrapy runspider benchmarks/plain.py -a since=2025-01-01 -a days=30 -O plain.jsonl`
"""

from datetime import date, timedelta

import scrapy
from itemloaders.processors import Identity, MapCompose, TakeFirst
from scrapy.loader import ItemLoader

RULES = {
    "title": "h1::text",
    "published": "div.time::text, div.article > time::text, div.detail-date-artikel::text",
    "authors": "a[rel=author] > span::text, .reporter p a::text, .detail-nama-redaksi a::text",
    "editor": "div.editor::text",
    "description": "meta[name=description]::attr(content)",
    "paragraphs": "article > div.content ::text, #content ::text, #detail-desc ::text",
    "related": "a.int-link::text",
    "tags": ".tag-list a::text, .article-tags a::text",
    "image_url": "figure img::attr(src), .detail-img img::attr(data-src), .detail-img img::attr(src)",
    "image_caption": "figcaption::text, .detail-img .caption::text",
}
"""Of all layouts, the newest last."""


class PlainArticle(scrapy.Item):
    """The fields that stand on the page."""

    url = scrapy.Field()
    title = scrapy.Field()
    published = scrapy.Field()
    authors = scrapy.Field(output_processor=Identity())
    editor = scrapy.Field()
    description = scrapy.Field()
    paragraphs = scrapy.Field(output_processor=Identity())
    related = scrapy.Field(output_processor=Identity())
    tags = scrapy.Field(output_processor=Identity())
    image_url = scrapy.Field()
    image_caption = scrapy.Field()


class PlainLoader(ItemLoader):
    """Text without white space at its ends, of most fields the first."""

    default_input_processor = MapCompose(str.strip)
    default_output_processor = TakeFirst()


class PlainSpider(scrapy.Spider):
    """Every article of `days` days from `since` on; `layouts=newest` knows the newest layout only."""

    name = "plain"
    layouts = "all"

    async def start(self):
        for number in range(int(self.days)):
            day = date.fromisoformat(self.since) + timedelta(number)
            yield scrapy.Request(f"https://www.sindonews.com/indeks/9/0?t={day}")

    def parse(self, response):
        for url in response.css("div.title-article a::attr(href)").getall():
            yield response.follow(f"{url}?showpage=all", self.parse_article)
        yield from response.follow_all(css="div.pagination li:has(a.active) + li > a")

    def parse_article(self, response):
        loader = PlainLoader(PlainArticle(), response=response)
        loader.add_value("url", response.url)
        for field, rule in RULES.items():
            loader.add_css(field, rule if self.layouts == "all" else rule.split(", ")[-1])
        yield loader.load_item()
