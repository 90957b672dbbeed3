"""Verify a signed passport from files alone, and remember the newest status list that was seen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from batteryloop.errors import InputWrong
from batteryloop.passport.credential import Flaw, KeySet, Verdict, parsed, verify_credential
from batteryloop.passport.credential.policy import default_policy
from batteryloop.passport.credential.verify import NOT_GIVEN
from batteryloop.usecases.sign_passport import signed_part


def verify_passport(
    passport: bytes | None,
    token: str,
    key_sets: Sequence[KeySet],
    status_lists: Sequence[str],
    *,
    now: datetime,
    known_versions: Mapping[str, int] | None = None,
    wanted_issuer: str = "",
    needs_status: bool = True,
    status_age_max_days: float | None = None,
) -> Verdict:
    """Return whether a passport's file is what its issuer signed; never an exception.

    Parameters
    ----------
    passport : bytes or None
        The file as it came; None to verify the credential alone.
    token : str
        The credential.
    key_sets : sequence of KeySet
        Whom to trust.
    status_lists : sequence of str
        Tokens; the newest that fits is asked.
    now : datetime
    known_versions : mapping of str to int, optional
        From `remembered`.
    wanted_issuer : str, default ""
        If given, only this issuer counts.
    needs_status : bool, default True
    status_age_max_days : float, optional
        Oldest status list that is taken; the policy's if not given. [days]
    """
    policy = default_policy()
    if status_age_max_days is not None:
        policy = replace(policy, status_list_age_max_days=status_age_max_days)

    def verdict_on(*shown: object) -> Verdict:
        return verify_credential(
            token,
            key_sets,
            now=now,
            passport=shown[0] if shown else NOT_GIVEN,
            status_lists=status_lists,
            known_versions=known_versions,
            wanted_issuer=wanted_issuer,
            needs_status=needs_status,
            policy=policy,
        )

    alone = verdict_on()
    if passport is None or not alone.is_valid:
        return alone
    try:
        document = parsed(passport, subject="the passport")
        part = signed_part(document, alone.passport_version)
    except InputWrong as error:
        reason = f"{error.subject} {error.found}"
        return replace(alone, flaw=Flaw.PASSPORT_ALTERED, reason=reason, notes=())
    verdict = verdict_on(part)
    if part is not document and part != signed_part(document):
        note = f"the file has a newer version; this is the proof of {alone.passport_version}"
        return replace(verdict, notes=(*verdict.notes, note))
    return verdict


def remembered(known_versions: Mapping[str, int], verdict: Verdict) -> dict[str, int]:
    """Return the newest version seen of each status list, with what this verdict has seen.

    Examples
    --------
    >>> remembered({"a": 3}, Verdict(None, "", status_list_id="a", status_list_version=5))
    {'a': 5}
    """
    found = dict(known_versions)
    if verdict.status_list_id and verdict.status_list_version is not None:
        before = found.get(verdict.status_list_id, 0)
        found[verdict.status_list_id] = max(before, verdict.status_list_version)
    return found
