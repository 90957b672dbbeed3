"""Which events must be told to the Chinese traceability platform, and by when? Counted here."""

from batteryloop.passport.cn.uploads import UploadDue, UploadRule, upload_rules, uploads_due
from batteryloop.passport.cn.working_days import WorkCalendar, after_working_days

__all__ = [
    "UploadDue",
    "UploadRule",
    "WorkCalendar",
    "after_working_days",
    "upload_rules",
    "uploads_due",
]
