"""The design sheet, as Markdown."""

from collections.abc import Sequence

from batteryloop.circular.repurpose.types import Design


def design_sheet(designs: Sequence[Design]) -> str:
    """Return the sheet of the first design, with the others as a table to compare.

    What the numbers rest on, and what they leave out, stands at the end.
    """
    best = designs[0]
    npv, run, bare = best.worth.npv_eur, best.with_storage, best.without
    payback = best.worth.payback_years
    said = [
        f"# Second-life storage for {best.use}",
        "",
        f"{len(best.module_ids)} modules of {best.chemistry}: {best.energy_kwh:,.1f} kWh, "
        f"{best.power_kw:,.1f} kW.",
        "",
        "| | without | with storage |",
        "|---|---|---|",
        f"| cost of a year [EUR] | {bare.cost_eur:,.0f} | {run.cost_eur:,.0f} |",
        f"| highest import [kW] | {bare.peak_max_kw:,.1f} | {run.peak_max_kw:,.1f} |",
        f"| not served [kWh] | {bare.unserved_kwh:,.0f} | {run.unserved_kwh:,.0f} |",
        f"| sun used on site [%] | {100 * bare.self_consumed_frac:.1f} "
        f"| {100 * run.self_consumed_frac:.1f} |",
        f"| through the storage [kWh] | 0 | {run.throughput_kwh:,.0f} |",
        "",
        f"**Worth**: {npv.value or 0:,.0f} EUR ({npv.low or 0:,.0f} to {npv.high or 0:,.0f}, 90 %) "
        f"over {best.forecast.term_years} years; a loss in {100 * best.worth.loss_frac:.0f} % of "
        f"the draws; {best.worth.paid_eur:,.0f} EUR paid at the start, "
        + (f"back in {payback:.1f} years." if payback else "never paid back."),
        "",
        f"**Warranty**: {100 * best.forecast.promise_frac:.0f} % left after "
        f"{best.forecast.term_years} years is broken with probability "
        f"{100 * best.forecast.break_frac:.1f} %.",
        "",
        "| year | left [%] | low | high |",
        "|---|---|---|---|",
    ]
    said += [
        f"| {year} | {100 * (left.value or 0):.1f} | {100 * (left.low or 0):.1f} "
        f"| {100 * (left.high or 0):.1f} |"
        for year, left in zip(best.forecast.years, best.forecast.left, strict=True)
    ]
    said += [
        "",
        "| modules | energy [kWh] | power [kW] | worth [EUR] | low | high | warranty broken [%] |",
        "|---|---|---|---|---|---|---|",
    ]
    said += [
        f"| {len(d.module_ids)} | {d.energy_kwh:,.1f} | {d.power_kw:,.1f} "
        f"| {d.worth.npv_eur.value or 0:,.0f} | {d.worth.npv_eur.low or 0:,.0f} "
        f"| {d.worth.npv_eur.high or 0:,.0f} | {100 * d.forecast.break_frac:.1f} |"
        for d in designs
    ]
    said += [
        "",
        "Prices, loads and sun are taken as known ahead; a real controller saves less. "
        "Costs are of `circular/repurpose/figures.csv`. "
        + "; ".join(best.forecast.notes).capitalize()
        + ".",
        "",
        "Modules: " + ", ".join(best.module_ids),
    ]
    return "\n".join(said) + "\n"
