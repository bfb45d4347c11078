"""slow: between nodes a round trip takes 200 ms, and 5 % of the packets get lost. Who is admitted out of a lease does not notice.

All nodes are asked by turns on the usual network and on the slow one; the median of the pairs counts. Now and then a packet is lost
so often that a lease ends or its owner seems to be gone: such a pair's p99 is a round trip, and is told as the worst.
"""

import statistics
import time

DELAY_S, LOST_PERCENT = 0.1, 5  # each way
RATE = 300  # a second, at each node
SPAN_S = 4  # of a measurement
SETTLED_S = 3.0  # leases are held, connections have found their pace
MOST_RATIO = 1.5


def slow(harness):
    section, ratios = compare(harness, max(1, int(harness.asked.seconds / (2 * (SPAN_S + SETTLED_S)))))
    harness.report.mark(section, "p99 to the usual one, median", statistics.median(ratios), MOST_RATIO)


def compare(harness, pairs, span=SPAN_S, settled=SETTLED_S, lost=LOST_PERCENT):
    """What holds however busy the machine is: at the 99th percentile no call waits for a peer. Without loss, half of them will do:
    it is for a short look beside other work."""
    section = harness.report.section("slow", f"{DELAY_S * 2e3:.0f} ms round trip and {lost} % loss between nodes")
    ratios, trips, refused, took = [], [], 0, []
    quantile = "p99" if lost else "p50"
    for number in range(pairs):
        usual = measured(harness, span, settled)
        with harness.network.delayed(DELAY_S):
            for name in harness.network.nodes if lost else ():
                harness.network.cut([each for each in harness.network.nodes if each != name], [name], lost)
            late = measured(harness, span, settled)
            trips += [peer["round_trip_us"] for node in harness.nodes for peer in harness.peers_of(node).values()]
            harness.network.heal()
        ratios.append(late["p99_us"] / usual["p99_us"])
        took.append(late[quantile + "_us"] / 1e3)
        refused += usual["failed"] + late["failed"]
        harness.report.figure(section, f"pair {number + 1}", usual_p50_us=usual["p50_us"], slow_p50_us=late["p50_us"],
                              usual_p99_us=usual["p99_us"], slow_p99_us=late["p99_us"], ratio=ratios[-1])
        healed_at = time.monotonic()
    harness.mark_healed(section, "slow", healed_at)
    harness.report.figure(section, f"{quantile} while slow, ms", median=statistics.median(took), worst=max(took))
    harness.report.mark(section, f"{quantile} while slow, median, ms", statistics.median(took), 1e3 * DELAY_S)
    harness.report.mark(section, "pairs beyond it", sum(each > 1e3 * DELAY_S for each in took), pairs // 4)
    harness.report.mark(section, "calls that failed", refused, 0)
    if lost:
        harness.report.mark(section, "packets lost", harness.network.lost, 1, at_least=True)
    known = [trip for trip in trips if trip is not None]
    harness.report.mark(section, "round trips meanwhile, at least ms", min(known, default=0) / 1e3, 2e3 * DELAY_S, at_least=True)
    return section, ratios


def measured(harness, span, settled):
    """The worst of all nodes, which are asked at the same time."""
    warm = [harness.callers.stream(node, harness.minting(harness.free), 50) for node in harness.nodes]
    time.sleep(settled)
    told = [load.told() for load in [harness.load(node, span, RATE) for node in harness.nodes]]
    for stream in warm:
        stream.stop()
    worst = {name: max(each[name] for each in told) for name in ("p50_us", "p99_us")}
    return worst | {"failed": sum(each["errors"] for each in told)}
