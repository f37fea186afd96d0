"""A fingerprint changes with the meaning of the code and of nothing else."""

from pathlib import Path

import pytest

from causal_iqa import fingerprint


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package where ``top`` imports ``sub.low`` inside a function, and ``other`` stands alone."""
    monkeypatch.setattr(fingerprint, "_ROOT", tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "__init__.py").write_text("")
    (tmp_path / "sub" / "low.py").write_text('"""Doc."""\nX = 1\n')
    (tmp_path / "top.py").write_text(
        "def f():\n    from causal_iqa.sub.low import X\n    return X\n"
    )
    (tmp_path / "other.py").write_text("Y = 1\n")
    return tmp_path


def changes(package: Path, file: str, text: str, module: str = "top") -> bool:
    def now() -> str:
        fingerprint._meaning.cache_clear()
        fingerprint._imports.cache_clear()
        return fingerprint.code_fingerprint(module)

    before = now()
    (package / file).write_text(text)
    return now() != before


def test_own_code_counts(package: Path) -> None:
    assert changes(package, "top.py", "def f():\n    return 2\n")


def test_imported_code_counts(package: Path) -> None:
    assert changes(package, "sub/low.py", "X = 2\n")


def test_code_that_is_not_imported_does_not_count(package: Path) -> None:
    assert not changes(package, "other.py", "Y = 2\n")


def test_comment_docstring_and_layout_do_not_count(package: Path) -> None:
    assert not changes(package, "sub/low.py", '"""Another."""\n# comment\n\nX   =  1\n')


def test_import_for_types_alone_does_not_count(package: Path) -> None:
    guarded = "if TYPE_CHECKING:\n    from causal_iqa.other import Y\n"
    assert changes(package, "top.py", guarded)
    assert not changes(package, "other.py", "Y = 2\n")


def test_unknown_module_is_an_error(package: Path) -> None:
    with pytest.raises(ValueError, match="no_such is no module"):
        fingerprint.code_fingerprint("no_such")
