"""Is this passport what its issuer signed, and does the signature still count? Offline.

All evidence is handed in: the passport, the token, key sets, status lists, the moment. Whatever
they hold, the answer is a verdict and never an exception.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from batteryloop.errors import InputWrong
from batteryloop.passport.credential.canonical import CANONICAL_FORM, HASH, digest
from batteryloop.passport.credential.content import Credential, check_span, opened_credential
from batteryloop.passport.credential.issue import TYPE
from batteryloop.passport.credential.keys import KeySet
from batteryloop.passport.credential.policy import Policy, default_policy
from batteryloop.passport.credential.status_check import check_status, entries_of
from batteryloop.passport.credential.types import Flaw, Flawed, Verdict

NOT_GIVEN: Final = object()


def verify_credential(
    token: str,
    key_sets: Sequence[KeySet],
    *,
    now: datetime,
    passport: object = NOT_GIVEN,
    status_lists: Sequence[str] = (),
    known_versions: Mapping[str, int] | None = None,
    wanted_issuer: str = "",
    needs_status: bool = True,
    policy: Policy | None = None,
) -> Verdict:
    """Return whether a signed passport is accepted, with the first reason why not.

    Parameters
    ----------
    token : str
        What claims to be the credential.
    key_sets : sequence of KeySet
        The issuers that are trusted, with their keys.
    now : datetime
    passport : JSON, optional
        The document the credential is shown with. Without it only the credential is verified.
    status_lists : sequence of str
        Tokens that claim to be status lists.
    known_versions : mapping of str to int, optional
        By list the newest version seen so far; an older one is a list rolled back.
    wanted_issuer : str, default ""
        If given, only this issuer is accepted.
    needs_status : bool, default True
        Whether a credential that can be revoked needs a list that says that it was not.
    policy : Policy, optional

    Returns
    -------
    Verdict
    """
    rules = policy or default_policy()
    verdict = Verdict(None, "")
    try:
        found = opened_credential(token, key_sets)
        verdict = _said(found, now)
        if wanted_issuer and found.issuer != wanted_issuer:
            raise Flawed(Flaw.ISSUER_WRONG, f"is issued by {found.issuer}, not by {wanted_issuer}")
        found.opened.key.check_at(found.signed_at)
        check_span(found, now=now, policy=rules)
        bound = _bound(found)
        verdict = replace(
            verdict,
            subject_id=bound[0],
            passport_version=bound[1],
            passport_sha256=bound[2],
        )
        if passport is NOT_GIVEN:
            verdict = _noted(verdict, "the passport itself was not compared")
        else:
            _compare(passport, bound[2])
        entries = entries_of(found.claims)
        if not entries:
            verdict = _noted(verdict, "it cannot be revoked: it names no status list")
        elif not needs_status and not status_lists:
            verdict = _noted(verdict, "whether it was revoked was not asked")
        else:
            for entry in entries:
                answer = check_status(
                    entry,
                    status_lists,
                    key_sets,
                    issuer=found.issuer,
                    now=now,
                    policy=rules,
                    known_versions=known_versions or {},
                )
                verdict = replace(
                    verdict,
                    status_list_age_days=answer.age_days,
                    status_list_id=answer.list_id,
                    status_list_version=answer.version,
                )
    except Flawed as flawed:
        return replace(verdict, flaw=flawed.flaw, reason=_sentence(flawed.reason))
    return replace(verdict, reason=_valid_sentence(verdict))


def _said(found: Credential, now: datetime) -> Verdict:
    published = found.opened.key_set.published_at
    age = None if published is None else max((now - published) / timedelta(days=1), 0.0)
    return Verdict(
        None,
        "",
        issuer=found.issuer,
        kid=found.opened.key.kid,
        algorithm=found.opened.algorithm,
        credential_id=found.credential_id,
        signed_at=found.signed_at,
        valid_until_at=found.valid_until_at,
        key_set_age_days=age,
    )


def _bound(found: Credential) -> tuple[str, str, str]:
    """Return subject, version and hash."""
    if TYPE not in found.types:
        raise Flawed(Flaw.TYPE_WRONG, f"is no {TYPE}")
    subject = found.claims.get("credentialSubject")
    bound = subject.get("passportDigest") if isinstance(subject, dict) else None
    if not isinstance(subject, dict) or not isinstance(bound, dict):
        raise Flawed(Flaw.MALFORMED, "binds no passport")
    if (bound.get("algorithm"), bound.get("canonicalForm")) != (HASH, CANONICAL_FORM):
        raise Flawed(Flaw.MALFORMED, f"its hash is not {HASH} over {CANONICAL_FORM}")
    value, identity, version = (
        bound.get("value"),
        subject.get("id", ""),
        subject.get("passportVersion", ""),
    )
    if not (isinstance(value, str) and isinstance(identity, str) and isinstance(version, str)):
        raise Flawed(Flaw.MALFORMED, "its subject has no texts")
    return identity, version, value


def _compare(passport: object, bound: str) -> None:
    try:
        is_same = digest(passport, subject="passport") == bound
    except InputWrong as error:
        raise Flawed(Flaw.PASSPORT_ALTERED, f"the passport {error.found}") from error
    if not is_same:
        raise Flawed(
            Flaw.PASSPORT_ALTERED,
            "the passport is not the one that was signed: its content was changed, or it is "
            "another version",
        )


def _noted(verdict: Verdict, note: str) -> Verdict:
    return replace(verdict, notes=(*verdict.notes, note))


def _sentence(reason: str) -> str:
    return reason if reason.startswith(("the ", "it ", "its ", "key ")) else f"it {reason}"


def _valid_sentence(verdict: Verdict) -> str:
    signed = verdict.signed_at.date().isoformat() if verdict.signed_at else "an unknown day"
    said = f"signed by {verdict.issuer} on {signed}"
    if verdict.status_list_age_days is not None:
        said += f"; not revoked, as of a status list {_days(verdict.status_list_age_days)} old"
    if verdict.key_set_age_days is not None:
        said += f"; key set {_days(verdict.key_set_age_days)} old"
    return said


def _days(age_days: float) -> str:
    return f"{age_days:.0f} day{'s' if round(age_days) != 1 else ''}"
