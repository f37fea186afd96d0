"""Whether a condition's archive is what its index says, and what was asked for.

A job that uses archives looks once. What fails is moved out of the way and noted (``damage``), so
that the next plain run makes it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from causal_iqa.core.condition_archive import condition_provenance, index_path, sha256_of
from causal_iqa.core.contract import NAMED, read_provenance
from causal_iqa.core.errors import UserError
from causal_iqa.core.provenance.damage import AGAIN, note


def check_asked(asked: Mapping[Path, Mapping[str, Any]]) -> None:
    """Raise UserError where an index says that its condition was made from something else.

    asked: archive -> what the provenance of its index must say (``recipe.made_from``). Of a
    published archive, which was not made here, its condition alone is compared. No picture is
    read, and an index that is missing or cut short is left to ``checked_fingerprints``.
    """
    _refuse({tar: fault for tar, facts in asked.items() if (fault := _other(tar, facts))})


def _other(tar: Path, asked: Mapping[str, Any]) -> str | None:
    found = read_provenance(index_path(tar))
    if not found:
        return None
    for fact in ["condition"] if "archive" in found else asked:
        if found.get(fact) != asked[fact]:
            return f"has another {fact}, {found.get(fact)}, than the {asked[fact]} asked for"
    return None


def checked_fingerprints(tars: Iterable[Path]) -> dict[Path, str]:
    """The fingerprint in the index of each archive, once the two were held against each other.

    Every byte of an archive that was made here is read (its SHA-256 is the fingerprint). A
    published archive is too large for that: looked at is whether it reaches to the end of the
    index's last picture. Its MD5 was taken when it was indexed, and Snakemake indexes it anew when
    its size or time changes.

    Raises UserError where two do not belong together, or are of another condition.
    """
    listed = list(dict.fromkeys(tars))  # once each, for every byte of it is read
    _refuse({tar: fault for tar in listed if (fault := _damage(tar))})
    return {tar: read_provenance(index_path(tar))["fingerprint"] for tar in listed}


def _damage(tar: Path) -> str | None:
    found = condition_provenance(tar)
    if "fingerprint" not in found:
        archive = read_provenance(index_path(tar)).get("archive")
        if archive is not None:
            # Raised at once: what was published is not ours to move aside.
            raise UserError(f"{archive} is missing or cut short; fetch it again")
        return "or its index is missing or cut short"
    misnamed = _misnamed(tar)
    if misnamed is not None:
        return misnamed
    # Last, since this reads the whole archive.
    if "archive" not in found and sha256_of(tar) != found["fingerprint"]:
        return "was changed: its SHA-256 is not the one in its index"
    return None


def check_named(tars: Iterable[Path]) -> None:
    """Raise UserError where an index says that its archive is of another condition. Cheap."""
    _refuse({tar: fault for tar in tars if (fault := _misnamed(tar))})


def _misnamed(tar: Path) -> str | None:
    named = f"{tar.parent.name}/{tar.stem}"
    found = read_provenance(index_path(tar)).get("condition", named)
    return None if found == named else f"holds another condition, {found}"


def _refuse(faults: Mapping[Path, str]) -> None:
    """Move faulty archives and their indices aside; raise UserError that says how to mend it."""
    if not faults:
        return
    for tar, fault in faults.items():
        there = [path for path in (tar, index_path(tar)) if path.exists()]
        for path in there:
            path.replace(path.with_name(f"{path.name}.damaged"))
        if there:
            note(tar.parent, [f"{tar.name} {fault}"])
    named = [f"{tar} {fault}" for tar, fault in faults.items()]
    more = f"; and {len(named) - NAMED} more" if len(named) > NAMED else ""
    raise UserError(
        f"{'; '.join(named[:NAMED])}{more}. What was there is now named .damaged. {AGAIN}: it "
        "makes the condition anew."
    )
