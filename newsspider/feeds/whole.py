"""Small files of text that are there whole or not at all."""

import os
from pathlib import Path


def write(path: Path, text: str, errors: str = "strict") -> None:
    """In UTF-8; others may write to this path, too. Raises OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", errors=errors) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
