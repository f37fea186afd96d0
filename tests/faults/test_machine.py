"""What the system refuses ends a command with one line, and leaves nothing half written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from causal_iqa.core.columns import MANIFEST
from causal_iqa.core.condition_archive import Member, write_condition
from causal_iqa.core.contract import atomic, write_table
from causal_iqa.core.errors import UserError
from causal_iqa.core.refusals import check_writable

BIG = 40_000


def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A small disk of its own in memory; skips where mounting is not allowed."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    yield from mounted(tmp_path / "disk", "size=128k")


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    yield from mounted(tmp_path / "disk", "size=1m,ro")


def manifest(pictures: int) -> pl.DataFrame:
    ids = [f"{k:08}-{os.urandom(8).hex()}" for k in range(pictures)]
    return pl.DataFrame({"image_id": ids, "label": [0] * pictures}, schema=MANIFEST)


def run(command: str, options: dict[str, object], log: Path | None = None) -> tuple[int, str]:
    """One command as a rule runs it, and what it said where no log was given."""
    line = [sys.executable, "-m", "causal_iqa", command, json.dumps(options)]
    if log is None:
        done = subprocess.run(line, capture_output=True, text=True)
        return done.returncode, done.stderr
    with log.open("w") as out:
        return subprocess.run(line, stdout=out, stderr=out).returncode, ""


def split(results: Path, log: Path | None = None) -> tuple[int, str]:
    return run("splits", splitting(results), log)


def splitting(results: Path) -> dict[str, object]:
    return {"results": str(results), "test_fraction": 0.2, "seed": 0}


def test_a_full_disk_is_one_line_with_path_and_remedy(small_disk: Path, tmp_path: Path) -> None:
    write_table(manifest(BIG), tmp_path / "manifest.parquet", MANIFEST)
    (small_disk / "manifest.parquet").symlink_to(tmp_path / "manifest.parquet")
    status, said = split(small_disk)
    assert status == 1
    assert said == (
        f"error: {small_disk / 'splits.parquet'}: the disk is full. Make room there, or move "
        "results/ to another disk.\n"
    )
    assert [path.name for path in small_disk.iterdir()] == ["manifest.parquet"]


def test_a_full_disk_keeps_what_was_there(small_disk: Path) -> None:
    target = small_disk / "1.parquet"
    write_table(manifest(3), target, MANIFEST)
    before = target.read_bytes()
    with pytest.raises(OSError, match=r"No space left.*1\.parquet"):
        write_table(manifest(BIG), target, MANIFEST)
    assert target.read_bytes() == before and list(small_disk.iterdir()) == [target]


@pytest.mark.parametrize("kind", ["parquet", "csv", "tar", "png", "text"])
def test_every_kind_of_file_names_itself_on_a_full_disk(small_disk: Path, kind: str) -> None:
    target = small_disk / "fog" / f"1.{kind}"

    def write() -> None:
        if kind in ("parquet", "csv"):
            write_table(manifest(BIG), target, MANIFEST)
        elif kind == "tar":
            write_condition(target, [Member("a", "fog/1/a/a.JPEG", os.urandom(400_000))], {})
        else:
            with atomic(target) as temporary:
                if kind == "png":
                    Image.frombytes("RGB", (400, 400), os.urandom(480_000)).save(temporary, "PNG")
                else:
                    temporary.write_text("x" * 400_000)

    with pytest.raises(OSError, match="No space left") as caught:
        write()
    assert caught.value.filename == str(target)
    assert not list(target.parent.iterdir())


def test_a_log_without_room_for_a_line_ends_the_job_all_the_same(
    small_disk: Path, tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "filler").write_bytes(b"x" * 2**20)
    log = small_disk / "splits.log"
    write_table(manifest(1), tmp_path / "manifest.parquet", MANIFEST)
    assert split(tmp_path, log)[0] == 1
    assert log.read_text() == "" and not (tmp_path / "splits.parquet").exists()


def test_a_full_disk_is_said_in_a_log_on_it(small_disk: Path, tmp_path: Path) -> None:
    """What was written of the file is taken away before the line is written, so there is room."""
    write_table(manifest(BIG), tmp_path / "manifest.parquet", MANIFEST)
    (small_disk / "manifest.parquet").symlink_to(tmp_path / "manifest.parquet")
    log = small_disk / "splits.log"
    assert split(small_disk, log)[0] == 1
    assert "splits.parquet: the disk is full" in log.read_text()


def test_a_read_only_folder_is_one_line(read_only: Path) -> None:
    scorers = {"tv": {"kind": "metric", "metric": "tv_l2"}}
    status, said = run("scorers", {"results": str(read_only), "scorers": scorers})
    assert status == 1 and said.count("\n") == 1
    assert said.startswith(f"error: {read_only / 'scorers.csv'}: the folder is read-only. Run in")
    with pytest.raises(OSError, match="Read-only") as caught, atomic(read_only / "a" / "1.csv"):
        pass
    assert caught.value.filename == str(read_only / "a")
    with pytest.raises(OSError, match="Read-only") as caught, atomic(read_only / "1.csv"):
        pass
    assert caught.value.filename == str(read_only / "1.csv")


def test_a_place_that_takes_no_files_is_named_before_any_job(
    read_only: Path, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=rf"^{read_only}: the folder is read-only\. Run in a"):
        check_writable(read_only / "not" / "there")
    with pytest.raises(UserError, match=rf"^{read_only}: the folder is read-only"):
        check_writable(tmp_path)  # it stands in there
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"file: a file stands where a folder is needed\. Move it"):
        check_writable(tmp_path / "file")
    (tmp_path / "good").mkdir()
    check_writable(tmp_path / "good" / "not" / "there")
    assert not list((tmp_path / "good").iterdir())


def test_a_file_over_the_limit_is_one_line(tmp_path: Path) -> None:
    write_table(manifest(BIG), tmp_path / "manifest.parquet", MANIFEST)
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "from causal_iqa.__main__ import main\n"
        f"sys.exit(main(['splits', {json.dumps(splitting(tmp_path))!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {tmp_path / 'splits.parquet'}: the file would be larger")
    assert done.stderr.count("\n") == 1


def test_too_little_memory_is_one_line(tmp_path: Path) -> None:
    code = (
        "import resource, sys\n"
        "from causal_iqa import __main__ as program\n"
        "import causal_iqa.data.splits\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 32, 1 << 32))\n"
        "def full(*_): import numpy; return numpy.zeros(1 << 40)\n"
        "causal_iqa.data.splits.read_table = full\n"
        f"sys.exit(program.main(['splits', {json.dumps(splitting(tmp_path))!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith(f"error: {tmp_path}: too little memory.")
    assert done.stderr.count("\n") == 1
