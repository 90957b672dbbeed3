"""What do the rules say? Parameters, requirements and a grade, decided on the interval."""

from collections.abc import Mapping, Sequence
from typing import Literal

from batteryloop.evaluation.age import age_of
from batteryloop.evaluation.figures import figure_kind, shown
from batteryloop.evaluation.inputs import Inputs
from batteryloop.evaluation.profile import AskedParameter, GradeRule, Profile, Requirement
from batteryloop.evaluation.types import Figure, Grade, Parameter, Verdict
from batteryloop.quantities import Estimate

Met = Literal["met", "missed", "cannot tell"]
Rule = GradeRule | Requirement


def said(name: str, estimate: Estimate) -> str:
    """Return an estimate as a sentence has it: title, value, interval in its shown unit.

    Examples
    --------
    >>> said("soh_energy_frac", Estimate("soh_energy_frac", 0.864, 0.852, 0.875, 0.9, "m"))
    'energy left (SOCE) 86.4 % (85.2 to 87.5)'
    """
    title = figure_kind(name).title
    return f"{title} {shown(name, estimate)}" if estimate.is_known else f"{title} is not known"


def decided(estimate: Estimate, rule: Rule) -> Met:
    """Return whether a bound is met, by the whole interval or not at all.

    Examples
    --------
    >>> soh = Estimate("soh_frac", 0.81, 0.79, 0.83, 0.9, "m")
    >>> [decided(soh, GradeRule("A", "soh_frac", least)) for least in (0.78, 0.80, 0.84)]
    ['met', 'cannot tell', 'missed']
    """
    low, high = estimate.low, estimate.high
    if low is None or high is None:
        return "cannot tell"
    least, most = rule.at_least, rule.at_most
    is_met = (least is None or low >= least) and (most is None or high <= most)
    is_missed = (least is not None and high < least) or (most is not None and low > most)
    return "met" if is_met else "missed" if is_missed else "cannot tell"


def bound_words(rule: Rule) -> str:
    """Return a bound in words, in the figure's shown unit.

    Examples
    --------
    >>> bound_words(GradeRule("B", "soh_energy_frac", at_least=0.8))
    'at least 80 %'
    """
    kind = figure_kind(rule.figure)
    unit = f" {kind.shown}" if kind.shown else ""
    parts = (("at least", rule.at_least), ("at most", rule.at_most))
    return " and ".join(
        f"{words} {bound * kind.factor:g}{unit}" for words, bound in parts if bound is not None
    )


def parameters_of(
    profile: Profile, figures: Mapping[str, Figure], inputs: Inputs
) -> tuple[Parameter, ...]:
    """Return each parameter that a profile asks for, and whether the report gives it."""
    return tuple(_parameter(asked, profile, figures, inputs) for asked in profile.parameters)


def _parameter(
    asked: AskedParameter, profile: Profile, figures: Mapping[str, Figure], inputs: Inputs
) -> Parameter:
    category = inputs.statement.category
    obligation = asked.obligation(category)
    how, reason = _available(asked, figures, inputs)
    if obligation is None:
        how = "not applicable"
        reason = "the category is not given" if category is None else f"not asked of {category}"
    return Parameter(
        profile.name, asked.name, asked.figure, obligation or "", asked.reference, how, reason
    )


def _available(
    asked: AskedParameter, figures: Mapping[str, Figure], inputs: Inputs
) -> tuple[Literal["given", "unknown", "not applicable"], str]:
    if asked.statement:
        is_given = getattr(inputs.statement, asked.statement, None) is not None
        return ("given", "") if is_given else ("unknown", "nobody states it")
    figure = figures.get(asked.figure)
    if figure is None:
        return "unknown", f"this report has no figure {asked.figure}"
    is_known = figure.estimate.is_known
    return ("given", "") if is_known else ("unknown", figure.estimate.reason)


def verdicts_of(
    profile: Profile, figures: Mapping[str, Figure], inputs: Inputs
) -> tuple[Verdict, ...]:
    """Return the verdict on each requirement of a profile."""
    return tuple(_verdict(rule, profile, figures, inputs) for rule in profile.requirements)


def _verdict(
    rule: Requirement, profile: Profile, figures: Mapping[str, Figure], inputs: Inputs
) -> Verdict:
    def verdict(
        decision: Literal["met", "missed", "cannot tell", "not applicable", "over"], reason: str
    ) -> Verdict:
        return Verdict(
            profile.name, rule.name, rule.figure, decision, reason, rule.source, rule.dated,
            rule.trust, rule.at_least, rule.at_most,
        )  # fmt: skip

    stated = inputs.statement
    if rule.categories and stated.category not in rule.categories:
        return verdict("not applicable", f"not asked of {stated.category or 'an unknown category'}")
    if rule.vehicle_classes and stated.vehicle_class not in rule.vehicle_classes:
        classes = ", ".join(rule.vehicle_classes)
        found = stated.vehicle_class or "a vehicle whose class is not given"
        return verdict("not applicable", f"asked of {classes}, not of {found}")
    over, unsaid = _period(rule, inputs)
    if over:
        return verdict("over", over)
    figure = figures.get(rule.figure)
    if figure is None:
        return verdict("cannot tell", f"this report has no figure {rule.figure}")
    estimate = figure.estimate
    told = f"{said(rule.figure, estimate)}; {bound_words(rule)}"
    reasons = [told, *([estimate.reason] if estimate.reason else []), *unsaid]
    return verdict(decided(estimate, rule), "; ".join(reasons))


def _period(rule: Requirement, inputs: Inputs) -> tuple[str, list[str]]:
    """Return why the period of a requirement is over, and what is not known of it."""
    stated, unsaid = inputs.statement, []
    years, why = age_of(inputs)
    if rule.age_max_years is not None:
        if years is None:
            unsaid.append(f"{why}: taken to be within the period")
        elif years > rule.age_max_years:
            return f"{years:.1f} years old; the period ended at {rule.age_max_years:g} years", []
    if rule.distance_max_km is not None:
        km = stated.odometer_km
        if km is None:
            unsaid.append("distance not stated: taken to be within the period")
        elif km > rule.distance_max_km:
            return f"{km:,.0f} km driven; the period ended at {rule.distance_max_km:,.0f} km", []
    return "", unsaid


def grade_of(profile: Profile, figures: Mapping[str, Figure]) -> Grade:
    """Return the grade that a profile's rules give, or between which it lies.

    Parameters
    ----------
    profile : Profile
        With grades, the best first.
    figures : mapping of str to Figure
        The report's.

    Notes
    -----
    A grade is met where all its bounds are met by whole intervals, missed where one of them is
    missed. The battery has at worst the first grade that is met, at best the first that is not
    missed; where these differ the grade cannot be told. A figure that is not known leaves a
    needed bound open and is passed over where it is not needed.
    """
    names = list(dict.fromkeys(rule.grade for rule in profile.grades))
    states = {
        name: _state([r for r in profile.grades if r.grade == name], figures) for name in names
    }
    best = next((name for name in names if states[name] != "missed"), profile.lowest_grade)
    worst = next((name for name in names if states[name] == "met"), profile.lowest_grade)
    shown = set(_around(names, best, worst, profile.lowest_grade))
    told = [rule for rule in profile.grades if rule.grade in shown]
    return Grade(
        profile.name,
        best if best == worst else "",
        best,
        worst,
        _reasons(told, figures, is_sure=best == worst),
    )


def _state(rules: Sequence[GradeRule], figures: Mapping[str, Figure]) -> Met:
    found = {_of_rule(rule, figures) for rule in rules} - {None}
    if "missed" in found:
        return "missed"
    return "cannot tell" if "cannot tell" in found else "met"


def _of_rule(rule: GradeRule, figures: Mapping[str, Figure]) -> Met | None:
    figure = figures.get(rule.figure)
    if figure is None or not figure.estimate.is_known:
        return "cannot tell" if rule.is_needed else None
    return decided(figure.estimate, rule)


def _around(names: list[str], best: str, worst: str, lowest: str) -> list[str]:
    """Return the grades whose bounds say why: from one above the best to the worst."""
    ladder = [*names, lowest]
    first, last = ladder.index(best), ladder.index(worst)
    return ladder[max(first - 1, 0) : last + 1]


_HOW = {"met": "met", "missed": "missed", "cannot tell": "not decided by the interval"}


def _reasons(
    rules: Sequence[GradeRule], figures: Mapping[str, Figure], *, is_sure: bool
) -> tuple[str, ...]:
    """Return why, a sentence for each figure and outcome; what is met counts for a sure grade."""
    grouped: dict[tuple[str, Met | None], list[GradeRule]] = {}
    for rule in rules:
        grouped.setdefault((rule.figure, _of_rule(rule, figures)), []).append(rule)
    reasons = []
    for (name, state), group in grouped.items():
        if state is None:
            reasons.append(f"{figure_kind(name).title} is not known and passed over")
        elif is_sure or state != "met":
            figure = figures.get(name)
            told = f"{name} missing" if figure is None else said(name, figure.estimate)
            bounds = ", ".join(f"{bound_words(rule)} for {rule.grade}" for rule in group)
            reasons.append(f"{told}; {bounds}: {_HOW[state]}")
    return tuple(reasons)
