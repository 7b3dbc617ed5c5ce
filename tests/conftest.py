"""Options of the tests, and a line that says what was left out."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.postgres import Base, Postgres


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite", action="store_true", help="write what the saved pages give into their expected.json")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out: Counter[tuple[str, str]] = Counter()
    for report in terminalreporter.getreports("skipped"):
        left_out[report.longrepr[2].removeprefix("Skipped: "), report.nodeid.partition("::")[0]] += 1
    for reason in dict.fromkeys(reason for reason, _ in left_out):
        files = ", ".join(f"{file} ({number})" for (why, file), number in left_out.items() if why == reason)
        terminalreporter.write_line(f"left out: {files}: {reason}")


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """It may be stopped, if it is started again."""
    postgres = Postgres()
    try:
        postgres.start()
        yield postgres
    finally:
        postgres.remove()


@pytest.fixture
def base(server: Postgres, request: pytest.FixtureRequest) -> Base:
    """An empty database; its name is that of the test."""
    return Base(server, request.node.name[:60])
