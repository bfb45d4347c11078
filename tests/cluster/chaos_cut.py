"""cut: a node loses its peers, PostgreSQL or both, in both directions or one, while clients reach every node.

Whatever is cut: no company gets more than its limit in any 60 s, be it asked for call by call or leased out. What is revoked
meanwhile ends on each node that has a way to the store, its own or a peer's. Who has none neither mints nor accepts 10 s later; who
has one goes on. When the network is back the cluster is whole within 5 s.
"""

import time

from scene import HEALED_WITHIN_S, ISOLATED_WITHIN_S, KNOWN_WITHIN_S, LARGE, LONG_STALENESS_S, SMALL, STALENESS_S
from verdicts import accepted_after, admitted, most_in_a_window, refused_from, remaining_above

BEFORE_S, REVOKED_S = 2.0, 1.0  # into the load; into the cut
SEEN_WITHIN_S = 3.0
HOLD_S = ISOLATED_WITHIN_S + 3
ROUND_S = HOLD_S + 12


def peers_out(network, victim, others):
    network.cut([victim], others)


def peers_in(network, victim, others):
    network.cut(others, [victim])


def one_link(network, victim, others):
    network.part([victim], others[:1])


def one_link_out(network, victim, others):
    network.cut([victim], others[:1])


KINDS = {  # how, and whether the victim keeps a way to the store
    "peers": (lambda network, victim, others: network.part([victim], others), True),
    "peers-out": (peers_out, True),
    "peers-in": (peers_in, True),
    "one-link": (one_link, True),
    "one-link-out": (one_link_out, True),
    "postgres": (lambda network, victim, _: network.part([victim], ["postgres"]), True),
    "postgres-out": (lambda network, victim, _: network.cut([victim], ["postgres"]), True),
    "postgres-in": (lambda network, victim, _: network.cut(["postgres"], [victim]), True),
    "both": (lambda network, victim, others: network.part([victim], ["postgres", *others]), False),
    "both-out": (lambda network, victim, others: network.cut([victim], ["postgres", *others]), False),
}


def cut(harness):
    """Each kind in a seeded order, each with a victim of the dice, as long as there is time; the first one always."""
    kinds = [harness.asked.only] if harness.asked.only else harness.dice.sample(list(KINDS), len(KINDS))
    end, done = time.monotonic() + harness.asked.seconds, 0
    while done == 0 or time.monotonic() + ROUND_S < end:
        cut_once(harness, kinds[done % len(kinds)], done)
        done += 1


def cut_once(harness, kind, number, hold=HOLD_S):
    how, keeps_way = KINDS[kind]
    harness.set_staleness(STALENESS_S if keeps_way else LONG_STALENESS_S)
    names = [node.name for node in harness.nodes]
    victim = harness.dice.choice(names)
    others = harness.dice.sample([name for name in names if name != victim], len(names) - 1)
    peer = f" and {others[0]}" if kind.startswith("one-link") else ""
    section = harness.report.section(f"cut {kind} {number}", f"{kind}, of {victim}{peer}")

    small, large = (harness.company(f"co_{size}_{number}", size) for size in (SMALL, LARGE))
    harness.await_known(small, large)
    lasting, doomed = harness.token(harness.nodes[0]), harness.token(harness.nodes[1])
    watch = harness.watch(
        small=(harness.minting(small), 40), large=(harness.minting(large), 400), free=(harness.minting(harness.free), 10),
        lasting=(harness.opening(lasting), 10), doomed=(harness.opening(doomed), 20))
    time.sleep(BEFORE_S)
    cut_at, lost = time.monotonic(), harness.network.lost
    how(harness.network, victim, others)
    parted = [peer for peer in others if harness.network.is_cut(victim, peer)]
    seen = awaited(lambda: is_seen(harness, victim, parted), cut_at, REVOKED_S)
    revoked_at = harness.revoke(doomed)
    seen = seen or awaited(lambda: is_seen(harness, victim, parted), cut_at, hold)
    time.sleep(max(0.0, cut_at + hold - time.monotonic()))
    harness.network.heal()
    healed_at = time.monotonic()
    harness.report.mark(section, "packets lost", harness.network.lost - lost, 1, at_least=True)
    if parted:
        harness.report.mark(section, "seen by both sides after s", seen or hold, SEEN_WITHIN_S)
    harness.mark_healed(section, kind, healed_at)
    watch.stop()
    judge(harness, section, watch, victim, others, keeps_way, (cut_at, revoked_at, healed_at))


def is_seen(harness, victim, parted):
    told = {node.name: harness.peers_of(node) for node in harness.nodes if node.name in (victim, *parted)}
    return all(told[a][b]["state"] != "up" for peer in parted for a, b in ((victim, peer), (peer, victim)))


def awaited(happened, since, at_most):
    """Seconds since then when it happened first; None: not by `at_most` seconds since then."""
    while (waited := time.monotonic() - since) < at_most:
        if happened():
            return waited
        time.sleep(0.05)
    return None


def judge(harness, section, watch, victim, others, keeps_way, times):
    cut_at, revoked_at, healed_at = times
    report = harness.report
    for kind, limit in (("small", SMALL), ("large", LARGE)):
        used = most_in_a_window(watch.of(kind))
        report.figure(section, f"{kind} company", limit=limit, used=used, **watch.outcomes(kind))
        report.mark(section, f"{kind} company: calls over its limit", max(0, used - limit), 0)
        report.mark(section, f"{kind} company: Remaining above the truth", remaining_above(watch.of(kind), limit), 0)
    knowing = [victim, *others] if keeps_way else others
    known = [refused_from(watch.of("doomed", name), revoked_at) for name in knowing]
    report.figure(section, "revoked, ended after s", **{name: told or "never" for name, told in zip(knowing, known)})
    late = max(accepted_after(watch.of("doomed", name), revoked_at + KNOWN_WITHIN_S) for name in knowing)
    report.mark(section, "revoked, accepted past its bound, s", late, 0)
    for kind, what in (("lasting", "good tokens"), ("free", "calls without a limit")):
        bad = sum(sum(answer.status != 200 for answer in watch.of(kind, name)) for name in knowing)
        report.mark(section, f"{what} refused where there is a way", bad, 0)
    for name in (victim, *others):
        good = [answer for answer in admitted(watch.of("free", name)) if cut_at < answer.sent < healed_at]
        report.figure(section, f"calls without a limit at {name}", admitted_meanwhile=len(good), **watch.outcomes("free", name))
    if not keeps_way:
        stopped = cut_at + ISOLATED_WITHIN_S
        for kind in ("free", "lasting", "doomed"):
            went_on = [answer for answer in watch.of(kind, victim) if answer.done < healed_at]
            report.mark(section, f"{kind}: goes on past {ISOLATED_WITHIN_S:.0f} s, s", accepted_after(went_on, stopped), 0)
        after = accepted_after(watch.of("doomed", victim), healed_at + HEALED_WITHIN_S)
        report.mark(section, "revoked, accepted after the heal, s", after, 0)
