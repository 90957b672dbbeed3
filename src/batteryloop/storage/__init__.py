"""Where is it kept? Telemetry in a lake of Parquet files, whole batteries per file."""

from batteryloop.storage.compaction import Compacted
from batteryloop.storage.entry import Entry
from batteryloop.storage.lake import Lake, kind_of, open_lake

__all__ = ["Compacted", "Entry", "Lake", "kind_of", "open_lake"]
