"""Follow twenty returned packs into the recycled content of new batteries."""

from datetime import date

from batteryloop.circular.recycle import (
    ReturnedPack,
    balance_plant,
    check_targets,
    make_batteries,
    new_battery,
    trace_returns,
    way_of,
)


def main() -> None:
    plant = balance_plant({"LFP": 50_000}, steps=("iron_phosphate",))
    for result in check_targets(plant, date(2027, 12, 31)):
        print("passes" if result.passes else "fails", "-", result.sentence)

    packs = [ReturnedPack(f"RET-{i:02d}", "LFP" if i % 2 else "NMC622", 400.0) for i in range(20)]
    traced = trace_returns(packs)
    print("RET-00 went", way_of(traced, "RET-00")["recovered_kg"]["lithium_carbonate"])

    made = make_batteries(traced.lots, [new_battery("NEW-1", "NMC622", 80.0)], date(2031, 8, 18))
    for share in made.contents[0].shares:
        print(f"{share.element}: {100 * share.share_frac:.0f} % recycled")


if __name__ == "__main__":
    main()
