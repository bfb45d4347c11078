"""store: PostgreSQL stops, is killed, or comes back as an older copy of itself.

Nodes go on with what they know for store.max_staleness and then say 503; they are back by themselves. Nothing that was acknowledged
is lost by a kill; of counts of the day at most a second is. A restored copy is noticed and taken up, and what the nodes have heard
to be revoked stays so.
"""

import time

from filemint_node import eventually
from scene import HEALED_WITHIN_S, KNOWN_WITHIN_S, STALENESS_S
from verdicts import accepted_after, admitted, silent_for

READ_EACH_S = 1.0  # the last read before the end may be as old as that
ANSWER_S = 1.0  # what an answer may take on a machine that is shared
KILLS = 3
A_DAY, DAY_RATE = 300, 20  # calls a day; a second


def store(harness):
    """All ways in turn, again and again while there is time."""
    harness.set_staleness(STALENESS_S)
    ways = {"stopped": stopped, "killed": killed, "day": day, "restored": restored}
    chosen = [harness.asked.only] if harness.asked.only else list(ways)
    end, done = time.monotonic() + harness.asked.seconds, 0
    while done < len(chosen) or (not harness.asked.only and time.monotonic() + 15 < end):
        ways[chosen[done % len(chosen)]](harness, done)
        done += 1


def stopped(harness, number):
    """SIGSTOP: connections stand, nobody answers."""
    section = harness.report.section(f"store stopped {number}", f"PostgreSQL is stopped; nodes go on for {STALENESS_S} s")
    token = harness.token(harness.nodes[0])
    watch = harness.watch(free=(harness.minting(harness.free), 20), opening=(harness.opening(token), 20))
    stopped_at = time.monotonic()
    harness.cluster.postgres.freeze()
    time.sleep(STALENESS_S + 3)
    harness.cluster.postgres.thaw()
    thawed_at = time.monotonic()
    harness.mark_healed(section, "stopped", thawed_at)
    watch.stop()
    for kind in ("free", "opening"):
        for node in harness.nodes:
            answers = watch.of(kind, node.name)
            harness.report.figure(section, f"{kind} at {node.name}", **watch.outcomes(kind, node.name))
            gap = silent_for(answers, stopped_at, stopped_at + STALENESS_S - READ_EACH_S)
            harness.report.mark(section, f"{kind}: silent before its time, s", gap, ANSWER_S)
            meanwhile = [answer for answer in answers if answer.done < thawed_at]
            late = accepted_after(meanwhile, stopped_at + STALENESS_S)
            harness.report.mark(section, f"{kind}: goes on past its time, s", late, 0)
    wrong = [answer.status for kind in ("free", "opening") for answer in watch.of(kind) if answer.status not in (200, 503)]
    harness.report.mark(section, "answers that are neither 200 nor 503", len(wrong), 0)


def killed(harness, number, kills=KILLS):
    """kill -9 of all its processes, right after it has acknowledged a change."""
    section = harness.report.section(f"store killed {number}", "PostgreSQL is killed right after a change, and started again")
    watch = harness.watch(free=(harness.minting(harness.free), 20))
    lost = 0
    for _ in range(kills):
        doomed = harness.token(harness.nodes[0])
        harness.revoke(doomed)
        key = harness.key("co_free")
        harness.cluster.postgres.kill()
        harness.cluster.postgres.start()
        started_at = time.monotonic()
        harness.mark_healed(section, "killed", started_at)
        for node in harness.nodes:
            try:
                eventually(lambda node=node: harness.mint(node, key).status == 200, "the key is there", KNOWN_WITHIN_S)
            except AssertionError:
                lost += 1
            lost += harness.opens(node, doomed)
    watch.stop()
    harness.report.figure(section, "meanwhile", kills=kills, **watch.outcomes("free"))
    harness.report.mark(section, "acknowledged changes lost", lost, 0)
    bad = sum(answer.status != 200 for answer in watch.of("free"))
    harness.report.mark(section, "calls refused while it was away", bad, 0)


def day(harness, number):
    """Counts of the day: PostgreSQL is away while they grow, and later all nodes are killed at once."""
    section = harness.report.section(f"store day {number}", f"A key's {A_DAY} calls a day, over PostgreSQL's and all nodes' ends")
    key = harness.company(f"co_day_{number}", 100_000, "--per-day", str(A_DAY))
    harness.await_known(key)
    answers = []

    def call(seconds):
        streams = [harness.callers.stream(node, harness.minting(key), DAY_RATE / len(harness.nodes)) for node in harness.nodes]
        time.sleep(seconds)
        for stream in streams:
            answers.extend(stream.stop())

    call(2)
    harness.cluster.postgres.kill()
    call(2)
    harness.cluster.postgres.start()
    harness.mark_healed(section, "killed", time.monotonic())
    call(2)
    for node in harness.nodes:
        node.kill()
    killed_at = time.monotonic()
    harness.supervised(harness.is_whole, "the cluster is whole", 60)
    before = len(admitted(answers))
    streams = [harness.callers.stream(node, harness.minting(key), 60) for node in harness.nodes]
    time.sleep((A_DAY - before) / 180 + 3)
    for stream in streams:
        answers.extend(stream.stop())
    used = len(admitted(answers))
    last = [answer.status for answer in answers[-20:]]
    harness.report.figure(section, "calls", a_day=A_DAY, admitted=used, before_the_kill=before, of_it_within_the_last_s=sum(
        killed_at - answer.done < 1 + ANSWER_S for answer in admitted(answers) if answer.done < killed_at))
    harness.report.mark(section, "calls over the day's", used - A_DAY, DAY_RATE)
    harness.report.mark(section, "of the day's calls usable", used / A_DAY, 0.98, at_least=True)
    harness.report.mark(section, "last calls that were not refused", sum(status != 429 for status in last), 0)


def restored(harness, number):
    """An older copy: what came later is gone, and nodes notice; what they know to be revoked stays revoked."""
    section = harness.report.section(f"store restored {number}", "PostgreSQL comes back as an older copy")
    postgres = harness.cluster.postgres
    postgres.keep_copy()
    harness.supervised(harness.is_whole, "the cluster is whole with the copy made", 60)
    doomed, good = harness.token(harness.nodes[0]), harness.token(harness.nodes[0])
    revoked_at = harness.revoke(doomed)
    later = harness.key("co_free")
    harness.await_known(later)
    for node in harness.nodes:
        eventually(lambda node=node: not harness.opens(node, doomed), f"{node.name} knows of the revocation", KNOWN_WITHIN_S)
    known_at = time.monotonic()
    watch = harness.watch(doomed=(harness.opening(doomed), 20), good=(harness.opening(good), 20),
                          later=(harness.minting(later), 10), free=(harness.minting(harness.free), 10))
    postgres.restore_copy()
    back_at = time.monotonic()
    harness.mark_healed(section, "restored", back_at)
    time.sleep(max(0.0, back_at + HEALED_WITHIN_S + 1 - time.monotonic()))
    watch.stop()
    for kind in ("doomed", "good", "later", "free"):
        harness.report.figure(section, kind, **watch.outcomes(kind))
    again = sum(answer.status == 200 for answer in watch.of("doomed"))
    harness.report.mark(section, "revoked, accepted again", again, 0)
    late = max(accepted_after(watch.of("later", node.name), back_at + HEALED_WITHIN_S) for node in harness.nodes)
    harness.report.mark(section, "a key that is no more, past its time, s", late, 0)
    bad = sum(answer.status != 200 for kind in ("good", "free") for answer in watch.of(kind))
    harness.report.mark(section, "what was there before, refused", bad, 0)
    harness.report.figure(section, "revoked before the copy came, s", seconds=known_at - revoked_at)
