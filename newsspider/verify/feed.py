"""One feed, from its first article to its last."""

from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any

from newsspider.feeds.reading import read, unit
from newsspider.verify import record
from newsspider.verify.checks import CHECKS, schema
from newsspider.verify.report import Report


def verify(name: str, files: Iterable[Path]) -> Report:
    """Files of one format. Raises UnreadableError. Remembers some 150 bytes an article: who was there before."""
    files = list(files)
    report = Report(name, unit(files[0]))
    seen: dict[bytes, tuple[int, int]] = {}
    for number, file in enumerate(files):
        before = report.articles
        for place, values, wrong in read(file):
            report.articles += 1
            if values is None:
                report.add("readable", wrong, file.name, place)
            elif _fits(report, file.name, place, values):
                key = blake2b(f"{values['revision']} {values['url']}".encode(errors="surrogatepass"), digest_size=12)
                first, at = seen.setdefault(key.digest(), (number, place))
                if (first, at) != (number, place):
                    told = f"stands there already, in {files[first].name}:{report.unit} {at}"
                    report.add("unique", told, file.name, place, values["url"])
        record.compare(report, file, report.articles - before)
    if report.unrecorded and not report.articles:
        report.add("count", "there is no article in it", files[0].name)
    return report


def _fits(report: Report, file: str, place: int, values: dict[str, Any]) -> bool:
    wrong = False
    for told in schema(values):
        wrong = True
        report.add("schema", told, file, place, values.get("url"))
    for check in () if wrong else CHECKS:
        for told in check(values):
            report.add(check.__name__, told, file, place, values["url"])
    return not wrong
