"""An ablation's report as a page of the docs: `python -m benchmarks.ablation FOLDER PAGE`.

    python -m benchmarks.ablation runs/laptop docs/ablation-laptop.md

Beside the page go its figures, in `images/NAME`, and the cells with every curve and episode, in `records/NAME.tar.xz`.
Who unpacks them has the ablation's folder without its replays: the command that made it finds them there, repeats none,
and writes the same report.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
import tarfile
from pathlib import Path

from neurosym.ablation.records import CELL_FILE
from neurosym.ablation.store import STUDY_FILE, read_cells, read_settings
from neurosym.errors import NeurosymError
from neurosym.files import write_whole

__all__ = ["archive", "as_page", "main", "publish"]

ELSEWHERE = "## Example episodes\n"  # the section about files that stay where they are
NOTE = """Written by `python -m benchmarks.ablation`; do not edit. [All cells](records/{name}.tar.xz), with every curve
and episode: unpack them, and the command below, with that folder for `--out`, makes this report anew."""


def publish(folder: Path, page: Path) -> None:
    """Write the page, its figures and its records; older ones go.

    Raises:
        NeurosymError: there is no ablation with a report in the folder.
    """
    try:
        report = (folder / "report.md").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NeurosymError(
            f"{folder}: no report.md here; `neurosym ablate --out {folder}` makes it"
        ) from None
    if not (folder / "figures").is_dir():
        raise NeurosymError(f"{folder}: no figures here; `neurosym ablate --out {folder}` draws them")
    kept = archive(folder)
    images, records = page.parent / "images" / page.stem, page.parent / "records"
    shutil.rmtree(images, ignore_errors=True)
    shutil.copytree(folder / "figures", images)
    records.mkdir(exist_ok=True)
    write_whole(records / f"{page.stem}.tar.xz", kept)
    write_whole(page, as_page(report, page.stem).encode())


def as_page(report: str, name: str) -> str:
    """The report's Markdown with figures where the page finds them, and without what stays in the folder."""
    title, _, rest = report.partition("\n\n")
    sections = re.split(r"^(?=## )", rest, flags=re.MULTILINE)
    kept = "".join(each for each in sections if not each.startswith(ELSEWHERE))
    return f"{title}\n\n{NOTE.format(name=name)}\n\n{kept.replace('](figures/', f'](images/{name}/')}"


def archive(folder: Path) -> bytes:
    """The study and its cells as a tar.xz, the same bytes for the same records."""
    if read_settings(folder) is None:
        raise NeurosymError(f"{folder}: no {STUDY_FILE} here; this is no ablation's folder")
    paths = [folder / STUDY_FILE, *(folder / cell.key.folder / CELL_FILE for cell in read_cells(folder))]
    told = io.BytesIO()
    with tarfile.open(fileobj=told, mode="w:xz", format=tarfile.PAX_FORMAT) as file:
        for path in paths:
            entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
            data = path.read_bytes()
            entry.size = len(data)
            file.addfile(entry, io.BytesIO(data))
    return told.getvalue()


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="the ablation's, with a report")
    parser.add_argument("page", type=Path, help="a Markdown file")
    given = parser.parse_args(words)
    try:
        publish(given.folder, given.page)
    except NeurosymError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
