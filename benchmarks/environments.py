"""The packages that are compared: each in an environment of its own, as its makers publish it, each in a process."""

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
ENVIRONMENTS = FOLDER / ".environments"
HERE = ("lxml", "newsspider", "warcio")
"""What runs in the project's own environment."""
ALSO = {"trafilatura": ["lxml_html_clean", "warcio"], "newspaper4k": ["warcio"]}
"""What a package needs and its own list of requirements may leave out, and what reads its pages."""


class ContenderError(Exception):
    """A package cannot be installed, or does not run."""


def python(name: str) -> str:
    """The interpreter of a package's environment, which is made if need be. Raises ContenderError."""
    if name in HERE:
        return sys.executable
    folder, packages = ENVIRONMENTS / name, [name, *ALSO.get(name, [])]
    ready = folder / "ready"
    if not ready.exists() or ready.read_text() != " ".join(packages):
        print(f"Making an environment for {name} (once) ...", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        (ENVIRONMENTS / ".gitignore").write_text("*\n")
        pip = [str(folder / "bin/python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run([*pip, "install", *packages], capture_output=True, text=True)
        if done.returncode:
            raise ContenderError(f"{name} could not be installed: {done.stderr.strip().splitlines()[-1]}")
        ready.write_text(" ".join(packages))
    return str(folder / "bin/python")


class Process:
    """A script of this folder, run with a package: it says its version, then answers each line that it is given."""

    def __init__(self, name: str, script: str, path: Path, *arguments: str) -> None:
        """`path` is what it reads. Raises ContenderError."""
        self.name = name
        home = path if path.is_dir() else path.parent
        self.process = subprocess.Popen(
            [python(name), str(FOLDER / script), name, str(path), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={"PYTHONPATH": str(FOLDER.parent) if name in HERE else "", "HOME": str(home)},
        )
        self.version: str = self._answer()["version"]

    def ask(self) -> Any:
        """Its next answer. Raises ContenderError."""
        assert self.process.stdin
        print(file=self.process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise ContenderError(f"{self.name} does not run; its process ended with code {self.process.wait()}")
        return json.loads(line)

    def end(self) -> None:
        self.process.communicate()
