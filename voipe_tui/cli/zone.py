"""The zone of this machine as a ``tzinfo`` that knows summer time, past and future."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, tzinfo


class SystemZone(tzinfo):
    """What the C library knows (``TZ``, ``/etc/localtime``). A fixed offset would be wrong half of the year."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        return None if moment is None else timedelta(seconds=self._local(moment).tm_gmtoff)

    def dst(self, moment: datetime | None) -> timedelta | None:
        if moment is None:
            return None
        # Where summer time is in force it is an hour everywhere but on Lord Howe Island; nothing here computes with it.
        return timedelta(hours=1) if self._local(moment).tm_isdst > 0 else timedelta()

    def tzname(self, moment: datetime | None) -> str | None:
        return None if moment is None else self._local(moment).tm_zone

    def fromutc(self, moment: datetime) -> datetime:
        seconds = moment.replace(tzinfo=UTC).timestamp()
        local = datetime.fromtimestamp(seconds, UTC) + timedelta(seconds=time.localtime(seconds).tm_gmtoff)
        wall = local.replace(tzinfo=self, fold=0)
        # In the hour that comes twice, fold tells the second time from the first.
        again = self._seconds(wall) != int(seconds // 1)
        return wall.replace(fold=1) if again else wall

    def _local(self, moment: datetime) -> time.struct_time:
        return time.localtime(self._seconds(moment))

    @staticmethod
    def _seconds(moment: datetime) -> int:
        # A naive date-time is read in the system's zone, with fold, by the standard library itself.
        return int(moment.replace(tzinfo=None).timestamp() // 1)
