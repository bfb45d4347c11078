"""brief: each harness for a few seconds, on one cluster: what ./dev test has of them. Ratios of latencies are left to the long
ones: in so short a time they tell how busy the machine is."""

from chaos_cut import cut_once
from chaos_random import Strangers, mark_all, one
from chaos_restarts import kill_one, roll_for
from chaos_slow import compare
from chaos_store import killed


def brief(harness):
    cut_once(harness, "peers-out", 0, hold=4.0)
    compare(harness, pairs=1, span=2, settled=1.0, lost=0)  # lost packets end leases by chance: slow itself has them
    killed(harness, 0, kills=1)
    section = harness.report.section("random", "One run of mixed faults")
    run = one(harness, Strangers(harness), harness.asked.seed, span=5.0)
    mark_all(harness.report, section, [run], [harness.asked.seed] if run.is_bad() else [])
    roll_for(harness, 10, drain=3)
    section = harness.report.section("kill", "kill -9 of a node")
    kill_one(harness, section, harness.dice.choice(harness.nodes), span=1)
