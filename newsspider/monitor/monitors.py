"""The monitors, in Spidermon's own form: each looks at one matter, and fails with what it objects to.

`self.data.case` is what they look at; `self.data.objections` gets what they object to, in words and with pages.
"""

from collections.abc import Iterable, Iterator

from spidermon import Monitor, MonitorSuite  # type: ignore[import-untyped]

from newsspider.monitor import lists
from newsspider.monitor.case import Case
from newsspider.monitor.figures import FIELDS, layouts, rules
from newsspider.monitor.pages import SHOWN, Shown
from newsspider.monitor.words import Objection, objected, objection, told
from newsspider.sites.leftovers import KINDS


class NewsMonitor(Monitor):  # type: ignore[misc]  # Spidermon has no types
    """What all have in common."""

    @property
    def case(self) -> Case:
        case: Case = self.data.case
        return case

    def objects(self, objections: Iterable[Objection]) -> None:
        """Fails where there are any."""
        found = list(objections)
        self.data.objections.extend(found)
        if found:
            self.fail("; ".join(each.finding.told for each in found))

    def shares(self, names: Iterable[str]) -> Iterator[Objection]:
        for name in names:
            if verdict := self.case.judgement.share(name):
                yield objection(name, verdict, self.case.pages.of(name))


class FieldMonitor(NewsMonitor):
    """The share of articles with each field, and which rule no longer finds it."""

    def test_fields(self) -> None:
        self.objects([*map(self._with_rule, self.shares(f"fields/{field}" for field in FIELDS)), *self._dates()])

    def _with_rule(self, objection: Objection) -> Objection:
        finding = objection.finding
        for name, verdict in self.case.fallen(finding.name.partition("/")[2]):
            finding.told += f"; {told(name, verdict, self.case.rule(name))}"
            break
        return objection

    def _dates(self) -> Iterator[Objection]:
        if verdict := self.case.judgement.share("published/url"):
            shown = self.case.pages.of("published_from/url")
            yield self._with_rule(objection("published/url", verdict, shown, to="fields/published"))


class RuleMonitor(NewsMonitor):
    """Rules that stopped matching, also where another stood in for them."""

    def test_rules(self) -> None:
        self.objects(self._fallen())

    def _fallen(self) -> Iterator[Objection]:
        said = {each.finding.name.partition("/")[2] for each in self.data.objections}
        for field in sorted({name.split("/")[1] for name in rules(self.case.today)} - said):
            for name, verdict in self.case.fallen(field):
                shown = self.case.pages.unmatched(name.replace("rules/", "parser/", 1))
                yield objection(name, verdict, shown, to=f"rules/{field}", what=self.case.rule(name))
                break


class LayoutMonitor(NewsMonitor):
    """Articles are read by the layouts that they are usually read by."""

    def test_layouts(self) -> None:
        self.objects(self._changed())

    def _changed(self) -> Iterator[Objection]:
        today = layouts(self.case.today)
        for name in sorted({name for stats in self.case.past for name in layouts(stats)}):
            if verdict := self.case.judgement.share(name):
                others = [shown for other in today if other != name for shown in self.case.pages.of(other)]
                yield objection(name, verdict, others[:SHOWN])


class ParagraphMonitor(NewsMonitor):
    """Number and length of paragraphs."""

    def test_number(self) -> None:
        self.objects(self._off("paragraphs/number", "paragraphs", "paragraphs an article"))

    def test_length(self) -> None:
        self.objects(self._off("paragraphs/length", "length", "characters a paragraph"))

    def _off(self, name: str, what: str, words: str) -> Iterator[Objection]:
        off = self.case.judgement.length(name, what)
        if off:
            beside = "should be at least" if off.bound else "usually"
            said = f"{off.seen:g} {words}, {beside} {off.usual:g}"
            yield objected(name, said, off.usual, off.seen, self._shown(name, falling=off.seen < off.usual))

    def _shown(self, name: str, *, falling: bool) -> list[Shown]:
        sign = 1 if falling else -1
        if name.endswith("number"):
            return self.case.pages.shortest(first=lambda article: sign * len(article.paragraphs))
        return self.case.pages.shortest(
            first=lambda article: sign * sum(map(len, article.paragraphs)) / max(len(article.paragraphs), 1)
        )


class TextMonitor(NewsMonitor):
    """Boilerplate that is left in the text, and articles of which only a part could be had."""

    def test_boilerplate(self) -> None:
        self.objects(self.shares(f"boilerplate/{kind}" for kind in KINDS))

    def test_incomplete(self) -> None:
        self.objects(self.shares(["incomplete"]))


class ErrorMonitor(NewsMonitor):
    """Articles that could not be had, and requests that had to be made again."""

    def test_errors(self) -> None:
        if verdict := self.case.judgement.share("errors"):
            lost = [Shown(url, None) for url in self.case.lost]
            self.objects([objection("errors", verdict, self.case.pages.of("errors") or lost, what=self._reasons())])

    def _reasons(self) -> str:
        """404: 12, TimeoutError: 2"""
        prefix = "failed/article/"
        counts = {name: count for name, count in self.case.today.items() if name.startswith(prefix)}
        told = (
            f"{name.removeprefix(prefix)}: {counts[name]}" for name in sorted(counts, key=lambda name: -counts[name])
        )
        return f" ({', '.join(told)})" if counts else ""

    def test_retries(self) -> None:
        self.objects(self.shares(["retries"]))


class ListMonitor(NewsMonitor):
    """What the lists name, against what came of it; where they end; silence."""

    def test_lists(self) -> None:
        self.objects(found for check in lists.CHECKS if (found := check(self.case)))

    def test_listed(self) -> None:
        if verdict := self.case.judgement.share("articles/listed"):
            self.objects([objection("articles/listed", verdict, self.case.pages.lists.held[:SHOWN])])


class NewsSuite(MonitorSuite):  # type: ignore[misc]
    """In the order of what is told first."""

    monitors = (ListMonitor, FieldMonitor, RuleMonitor, LayoutMonitor, ParagraphMonitor, TextMonitor, ErrorMonitor)
