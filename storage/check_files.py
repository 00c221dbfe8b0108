"""Whether the files that people handed in are there, byte for byte."""

from __future__ import annotations

from storage import submissions
from storage.database import Database
from storage.upload_files import UploadFiles


def check_files(database: Database, files: UploadFiles) -> tuple[str, ...]:
    """What is wrong with the files that rows name: gone, or other bytes than were handed in."""
    named = database.read(submissions.checksums)
    found = ((file, files.checksum(file), wanted) for file, wanted in sorted(named.items()))
    return tuple(
        f"uploaded file {file} is missing" if held is None else f"uploaded file {file} has changed"
        for file, held, wanted in found
        if held != wanted
    )
