"""What an article's page says of itself outside its text: meta tags, JSON-LD, tags, where it belongs."""

import json
from html import escape

from newsspider.sites.sindonews.urls import SUBSECTIONS
from tests.site.markup import image
from tests.site.stories import Story


def section_url(story: Story) -> str:
    return f"https://{story.host}.sindonews.com/more/{story.sub}"


def label(story: Story) -> str:
    """The name of the story's sub-section, or of its channel."""
    return SUBSECTIONS.get(int(story.sub), story.host.capitalize())


def tags(story: Story) -> str:
    """Its tags, as list entries."""
    names = [tag for tag in story.tags.split(", ") if tag]
    return "".join(f'<li><a href="https://www.sindonews.com/topic/55/tema">{escape(tag)}</a></li>' for tag in names)


def _json_ld(data: dict[str, object]) -> str:
    text = json.dumps({"@context": "https://schema.org", **data}, indent=1)
    return f'<script type="application/ld+json">\n{text}\n</script>'


def breadcrumb(story: Story) -> str:
    """The JSON-LD of every page."""
    steps = ((f"https://{story.host}.sindonews.com/", "home"), (section_url(story), label(story)))
    items = [
        {"@type": "ListItem", "position": n, "item": {"@id": url, "name": name}}
        for n, (url, name) in enumerate(steps, 1)
    ]
    return _json_ld({"@type": "BreadcrumbList", "itemListElement": items})


def news_article(story: Story) -> str:
    """The JSON-LD of page 1; the date is in it unless the story has none."""
    facts: dict[str, object] = {
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": story.url},
        "headline": story.title,
        "image": {"@type": "ImageObject", "url": image(story)},
        "author": {"@type": "Person", "name": story.author},
        "publisher": {"@type": "Organization", "name": "SINDOnews.com"},
    }
    if story.date != "none":
        facts |= {"datePublished": story.time.isoformat(), "dateModified": story.modified.isoformat()}
    return _json_ld(facts)


def meta(story: Story) -> str:
    """Its meta tags."""
    values = {"og:description": story.summary, "og:image": image(story)}
    names = {"description": story.summary, "keywords": story.tags}
    rows = [f'<meta property="{key}" content="{escape(value)}" />' for key, value in values.items()]
    return "\n".join(rows + [f'<meta name="{key}" content="{escape(value)}" />' for key, value in names.items()])
