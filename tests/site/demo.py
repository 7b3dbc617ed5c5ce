"""`make demo`: crawl the bundled sample through the real spider, offline, and show what came out."""

import subprocess
import sys
import tempfile
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from newsspider.feeds import read_csv

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests/site/sample.warc.gz"


def crawl(folder: Path) -> None:
    """Crawl the whole sample into `folder`/sample.csv and .jsonl."""
    feeds = ["-O", str(folder / "sample.csv"), "-O", str(folder / "sample.jsonl")]
    settings = ["-s", f"WARC_REPLAY={SAMPLE}", "-s", f"KEPT_DIR={folder / 'kept'}", "-s", "LOG_LEVEL=ERROR"]
    subprocess.run([sys.executable, "-m", "scrapy", "crawl", "sindonews", *settings, *feeds], cwd=ROOT, check=True)


def show(folder: Path, console: Console) -> None:
    """A table of the articles, the newest first: paragraphs of text, cross references, repeats removed."""
    articles = sorted(read_csv(folder / "sample.csv"), key=lambda article: str(article["published"]), reverse=True)
    table = Table(
        title=f"{len(articles)} articles", title_justify="left", box=box.SIMPLE, padding=(0, 1, 0, 0), expand=True
    )
    for name, width in (("published", 10), ("sub-section", 12), ("title", None), ("dateline", 8)):
        table.add_column(name, no_wrap=True, min_width=width, max_width=width, ratio=None if width else 1)
    for name in ("text", "refs", "repeats"):
        table.add_column(name, justify="right", min_width=4)
    for article in articles:
        table.add_row(
            article["published"][:10],
            article["subsection"],
            article["title"],
            article["dateline"] or "",
            str(len(article["paragraphs"])),
            str(len(article["related"])),
            str(article["repeated"]),
        )
    console.print(table)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="newsspider-demo-"))
    crawl(folder)
    console = Console()
    console.print("The sample has, as the site does, deleted articles, a lost page and a gallery without text.")
    show(folder, console)
    console.print(f"The feeds: {folder}/sample.csv and {folder}/sample.jsonl", soft_wrap=True)


if __name__ == "__main__":
    main()
