"""A network of our own for a cluster: each node in a network namespace, all on one bridge, and packets that get lost on demand.

The namespaces have no names: they live as long as the processes in them, which end with us. So nothing of it can be left behind,
however we end, and nothing of the machine's own network is touched. Needs root (or CAP_NET_ADMIN and CAP_SYS_ADMIN) and nft.
"""

import contextlib
import ctypes
import os
import pathlib
import re
import subprocess
import sys

from cluster_parts import ENDS_WITH_US

CLONE_NEWNET = 0x40000000
HERE = pathlib.Path(__file__).resolve().parent
SUBNET = "10.77.0"


class NotPermitted(RuntimeError):
    """This machine gives us no network of our own."""


def shell(lines, prefix=()):
    subprocess.run([*prefix, "sh", "-ec", "\n".join(lines)], check=True, stdin=subprocess.DEVNULL)


class Network:
    """A place for a LocalCluster. Takes the calling process into the outer namespace, where clients, the proxy and PostgreSQL
    are: make it once, first of all and on the main thread. Names are those of nodes, "postgres" and "clients"."""

    clients, postgres, network = f"{SUBNET}.1", f"{SUBNET}.2", f"{SUBNET}.0/24"

    def __init__(self, nodes):
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
            raise NotPermitted("no network namespace of our own: " + os.strerror(ctypes.get_errno()))
        self.addresses = {"clients": self.clients, "postgres": self.postgres}
        self.holders = {}
        self.faults = {}  # (from, to): the share of packets that get lost, in percent
        self.lost = 0  # packets, up to the last change
        shell(["ip link set lo up", "ip link add bridge type bridge", "ip link set bridge up",
               f"ip addr add {self.clients}/24 dev bridge", f"ip addr add {self.postgres}/24 dev bridge"])
        self.nodes = list(nodes)
        for number, name in enumerate(nodes, 1):
            self.addresses[name] = f"{SUBNET}.{10 + number}"
            self.add(name, f"veth{number}")

    def add(self, name, device):
        holder = subprocess.Popen(
            [*ENDS_WITH_US, "unshare", "--net", "sh", "-c", "echo made; exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert holder.stdout.readline() == b"made\n"
        self.holders[name] = holder
        shell([f"ip link add {device} type veth peer name eth0 netns {holder.pid}", f"ip link set {device} master bridge up"])
        shell(["ip link set lo up", f"ip addr add {self.addresses[name]}/24 dev eth0", "ip link set eth0 up"], self.prefix_of(name))

    def address_of(self, name):
        return self.addresses[name]

    def listen_of(self, name):
        """Its own loopback too, for load that is made beside it."""
        return [self.addresses[name], "127.0.0.1"]

    def prefix_of(self, name):
        """What a command begins with to run there; at no node it is where we are."""
        holder = self.holders.get(name)
        return ["nsenter", f"--net=/proc/{holder.pid}/ns/net"] if holder else []

    # ---- faults

    def cut(self, senders, receivers, percent=100):
        """That share of what any sender sends to any receiver gets lost from now on. A way back is a cut of its own."""
        self.change(self.faults | {(a, b): percent for a in senders for b in receivers if a != b})

    def part(self, some, others):
        """Both ways."""
        self.change(self.faults | {pair: 100 for a in some for b in others for pair in ((a, b), (b, a))})

    def heal(self):
        self.change({})

    def is_cut(self, a, b):
        """In either direction: nothing that needs an answer gets through."""
        return 100 in (self.faults.get((a, b)), self.faults.get((b, a)))

    def change(self, faults):
        """To these, in one step a space. Receivers drop what comes in: who sent it does not notice, as on a real network."""
        changed = {to for _, to in self.faults.keys() | faults.keys()}
        self.faults = faults
        for space in {name if name in self.holders else "clients" for name in changed}:
            told = self.nft(space, "list ruleset")
            self.lost += sum(map(int, re.findall(r"counter packets (\d+)", told)))
            rules = [
                f"add rule inet faults in ip saddr {self.addresses[a]} ip daddr {self.addresses[b]} {how_lost(percent)}"
                for (a, b), percent in faults.items() if b == space or space == "clients" and b not in self.holders]
            self.nft(space, "\n".join([
                "add table inet faults", "flush table inet faults",
                "add chain inet faults in { type filter hook input priority 0; }", *rules]))

    def nft(self, space, commands):
        return subprocess.run([*self.prefix_of(space), "nft", "-f", "-"], input=commands, stdout=subprocess.PIPE, text=True,
                              check=True).stdout

    @contextlib.contextmanager
    def delayed(self, seconds):
        """What nodes send each other arrives that much later."""
        spaces = [f"{self.addresses[name]}={self.holders[name].pid}" for name in self.nodes]
        line = subprocess.Popen([*ENDS_WITH_US, sys.executable, HERE / "delay_line.py", str(seconds), *spaces],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            assert line.stdout.readline() == b"carrying\n", "the delay line did not start"
            yield
        finally:
            line.kill()  # its devices go with it, and the routes over them
            line.communicate()

    def close(self):
        for holder in self.holders.values():
            holder.kill()
            holder.communicate()


def how_lost(percent):
    return "counter drop" if percent == 100 else f"numgen random mod 100 < {percent} counter drop"
