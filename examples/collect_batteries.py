"""Plan a day's collection of twelve simulated pick-ups, with their papers."""

from datetime import date

from batteryloop.circular.collect import document_text, make_instance
from batteryloop.usecases.plan_collection import plan_collection
from batteryloop.wiring.chance import seeded


def main():
    hub, sites, fleet = make_instance(12, seeded(5))
    plan = plan_collection(sites, [hub], fleet, date(2026, 11, 25), n_iterations=300)
    print("SIMULATED pick-ups")
    for tour in plan.plans[0].tours:
        stops = ", ".join(f"{stop.pickup_id} {stop.begins_h:.1f} h" for stop in tour.stops)
        print(f"{tour.tour_id} ({tour.kind_id}): {stops}; {tour.cost_eur:.0f} EUR")
    print(document_text(plan.documents[plan.plans[0].tours[0].tour_id]))


if __name__ == "__main__":
    main()
