"""`make demo`: crawl the bundled sample through the real spider, offline, and show what came out."""

import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from newsspider.feeds import read_csv

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests/site/sample.warc.gz"
RANGE = ["-a", "since=2026-07-20", "-a", "until=2026-07-26"]


def crawl(folder: Path) -> None:
    """Crawl the whole sample into `folder`/sample.csv and .jsonl."""
    feeds = ["-O", str(folder / "sample.csv"), "-O", str(folder / "sample.jsonl")]
    command = [sys.executable, "-m", "scrapy", "crawl", "sindonews", "-s", f"WARC_REPLAY={SAMPLE}", *RANGE, *feeds]
    subprocess.run(command, cwd=ROOT, check=True)


def show(folder: Path, console: Console) -> None:
    """A table of the articles, the newest first."""
    articles = sorted(read_csv(folder / "sample.csv"), key=lambda article: str(article["published"]), reverse=True)
    table = Table(title=f"{len(articles)} articles", title_justify="left")
    for column in ("published", "sub-section", "title", "dateline", "paragraphs", "related", "repeats removed"):
        table.add_column(column, no_wrap=column == "published")
    for article in articles:
        table.add_row(
            article["published"][:16].replace("T", " "),
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
    show(folder, console)
    console.print(f"The feeds: {folder}/sample.csv and {folder}/sample.jsonl", soft_wrap=True)


if __name__ == "__main__":
    main()
