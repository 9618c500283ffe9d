"""What a job costs: packets, and seconds, if every port stays silent."""

from __future__ import annotations

from iacdrift.scan.job import PULSE, Job

START = 0.12
"""Seconds that Nmap takes to start and to end."""
FIRST_ANSWER = 0.5
"""Seconds that Nmap waits for an answer of a host that it knows nothing about, at -T4; 1.0 at -T3."""
OWN_PACE = 40_000
"""Packets a second that it reaches where it has its own pace and everything answers at once."""
WAIT_ANSWERED = 0.05
"""Seconds that it waits where every port answers."""
WAIT_HEARD = 0.1
"""Seconds that it waits for a silent port where others answer."""
KNOCKS = 11
"""Probes of one round of looking for an address."""


def packets_of(job: Job) -> int:
    """Of all rounds."""
    ports = KNOCKS if job.stage == "discover" else len(job.ports)
    return len(job.targets) * ports * job.probes


CONTROL_ROUND = 0.035
"""Seconds that Nmap takes for one round of ports that answer, measured: it opens and closes its capture each time."""
SILENT_ROUND = 0.14
"""The same where some ports stay silent beside others that answer."""


def round_seconds(job: Job) -> float:
    """Of one round of ports that all answer."""
    return max(CONTROL_ROUND, len(job.targets) * len(job.ports) / job.pace.average)


def reached(job: Job) -> int:
    """Packets a second that Nmap sends on the average."""
    return job.pace.average if job.pace.min_rate is not None else min(job.pace.average, OWN_PACE)


def seconds_of(job: Job, *, heard: bool = False) -> float:
    """On the clock: the packets at their rate, and the wait for answers that don't come to the last of them.

    `heard`: other ports answer, and Nmap learns how long an answer takes.
    """
    if job.stage in ("known", PULSE, "assure"):
        return START + packets_of(job) / job.pace.max_rate + job.rounds * (SILENT_ROUND if job.stage == "assure" else CONTROL_ROUND)
    wait = WAIT_HEARD if heard else job.pace.wait if job.pace.wait is not None else FIRST_ANSWER * (2 if job.pace.timing < 4 else 1)
    sending = packets_of(job) / reached(job)
    # While many ports are asked the first probes' waiting is over before the last is sent.
    waits = wait if job.pace.retries == 0 or sending > 2 * wait else wait * (1 + min(job.pace.retries, 1))
    return START + sending + waits
