"""A fingerprint changes with the meaning of the code that is reached, and of nothing else."""

import importlib.util
import shutil
from pathlib import Path

import pytest

from causal_iqa.core.provenance import fingerprint

TOP = """
import numpy as np
from causal_iqa.sub import low
from causal_iqa.sub.low import Kind as Sort

def f(x: Sort):
    from causal_iqa.sub.low import X
    return np.abs(X) + low.g()

def unused_there():
    return 1
"""
LOW = '''
"""Doc."""
X = 1
Y = X + 1
TABLE = {}
TABLE["a"] = X

class Kind:
    size = Y

def g():
    """Doc."""
    return helper()

def helper():
    return 3

def lonely():
    return TABLE
'''


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """``top`` takes a constant, a function and, as a type, a class of ``sub.low``."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "__init__.py").write_text("")
    (tmp_path / "sub" / "low.py").write_text(LOW)
    (tmp_path / "top.py").write_text(TOP)
    (tmp_path / "passing.py").write_text("from causal_iqa.sub.low import lonely\n")
    (tmp_path / "user.py").write_text("from causal_iqa.passing import lonely\nrun = lonely\n")
    (tmp_path / "other.py").write_text("Z = 1\n")
    own = tmp_path / "core" / "provenance" / "fingerprint.py"
    own.parent.mkdir(parents=True)
    shutil.copy(fingerprint.__file__, own)
    return tmp_path


def fingerprint_of(package: Path, root: str) -> str:
    """As a new process of a project with this package finds it."""
    own = package / "core" / "provenance" / "fingerprint.py"
    spec = importlib.util.spec_from_file_location(fingerprint.__name__, own)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.code_fingerprint(root))


def changes(package: Path, file: str, old: str, new: str, root: str = "top") -> bool:
    """Whether an edit of a file changes the fingerprint of ``root``."""
    before = fingerprint_of(package, root)
    text = (package / file).read_text()
    assert old in text
    (package / file).write_text(text.replace(old, new))
    return fingerprint_of(package, root) != before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("top.py", "return np.abs(X)", "return X"),
        ("top.py", "def unused_there", "def renamed"),
        ("top.py", "import numpy as np", "import math as np"),
        ("top.py", "import X", "import Y as X"),
        ("sub/low.py", "X = 1", "X = 2"),
        ("sub/low.py", "return helper()", "return 4"),
        ("sub/low.py", "return 3", "return 4"),
        ("sub/low.py", "size = Y", "size = 0"),
        ("sub/low.py", "Y = X + 1", "Y = X + 2"),
        ("sub/low.py", '"""Doc."""\nX', 'print("loaded")\nX'),
    ],
)
def test_code_that_is_reached_counts(package: Path, file: str, old: str, new: str) -> None:
    assert changes(package, file, old, new)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("other.py", "Z = 1", "Z = 2"),
        ("sub/low.py", "X = 1", "NEW = 5\nX = 1"),
        ("sub/low.py", "return TABLE", "return None"),
        ("sub/low.py", 'TABLE["a"] = X', 'TABLE["b"] = X'),
        ("sub/low.py", "X = 1", "# a comment\n\nX   =  1"),
        ("sub/low.py", '    """Doc."""\n', '    """Another."""\n'),
        ("top.py", "def f(x: Sort)", "def f(x: Sort | None)"),
        ("top.py", "import numpy as np", "import math\nimport numpy as np"),
        ("top.py", "import numpy as np", "if TYPE_CHECKING:\n    import z\nimport numpy as np"),
    ],
)
def test_what_is_not_reached_does_not_count(package: Path, file: str, old: str, new: str) -> None:
    assert not changes(package, file, old, new)


def test_what_changes_a_value_counts_where_the_value_does(package: Path) -> None:
    assert changes(package, "sub/low.py", 'TABLE["a"] = X', 'TABLE["b"] = X', root="user")


def test_a_name_that_a_module_passes_on_is_followed(package: Path) -> None:
    assert changes(package, "sub/low.py", "return TABLE", "return 1", root="user")


def test_of_a_root_that_is_a_definition_the_rest_of_its_module_does_not_count(
    package: Path,
) -> None:
    assert changes(package, "sub/low.py", "return 3", "return 4", root="sub.low:g")
    assert not changes(package, "sub/low.py", "return TABLE", "return 1", root="sub.low:g")


def test_unknown_module_is_an_error(package: Path) -> None:
    with pytest.raises(ValueError, match="no_such is no module"):
        fingerprint.code_fingerprint("no_such")
    with pytest.raises(ValueError, match=r"core\.jpeg defines no decodes"):
        fingerprint.code_fingerprint("core.jpeg:decodes")
