"""Import telemetry: files into the lake, each battery ready to be judged."""

from collections.abc import Iterator

from batteryloop.record import BatteryIdentity
from batteryloop.telemetry import Recording
from batteryloop.usecases.ports import Refusal, TelemetrySink, TelemetrySource
from batteryloop.usecases.read_telemetry import read_telemetry


def import_telemetry(
    source: TelemetrySource, sink: TelemetrySink, default: BatteryIdentity
) -> Iterator[tuple[BatteryIdentity, Recording] | Refusal]:
    """Append each battery of the source to the sink; yield what went in and what was refused."""
    known: dict[str, BatteryIdentity] = {}
    try:
        for part in read_telemetry(source, default):
            if not isinstance(part, Refusal):
                identity, recording = part
                sink.append(recording.frame, is_simulated=recording.source.is_simulated)
                known[identity.battery_id] = identity
            yield part
    finally:
        sink.remember(known)
