"""Carries packets between network namespaces, each a fixed time late: delay_line.py SECONDS ADDRESS=PID...

PID is a process in the namespace that has ADDRESS. Each namespace gets a device and routes over it to the other addresses, so that
connections which stand become slow too. All of that goes when this process ends. The kernel's netem would do it, but is not
everywhere.
"""

import asyncio
import collections
import ctypes
import fcntl
import os
import struct
import subprocess
import sys

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
DEVICE = "slow"


def enter(path):
    with open(path) as space:
        if ctypes.CDLL(None, use_errno=True).setns(space.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {path}")


def device_in(pid, address, others):
    enter(f"/proc/{pid}/ns/net")
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", DEVICE.encode(), IFF_TUN | IFF_NO_PI))
    subprocess.run(["ip", "link", "set", DEVICE, "mtu", "1500", "up"], check=True)
    for other in others:
        subprocess.run(["ip", "route", "add", f"{other}/32", "dev", DEVICE, "src", address], check=True)
    return device


class Line:
    """One queue for all: each packet waits as long as any other."""

    def __init__(self, delay, devices):
        self.delay, self.devices = delay, devices  # by packed address
        self.waiting = collections.deque()  # (when it is due, to which device, packet)
        self.loop = asyncio.get_running_loop()
        for device in devices.values():
            self.loop.add_reader(device, self.take, device)

    def take(self, device):
        try:
            while True:
                packet = os.read(device, 65_536)
                to = self.devices.get(packet[16:20]) if packet[0] >> 4 == 4 else None
                if to is not None:
                    self.waiting.append((self.loop.time() + self.delay, to, packet))
                    if len(self.waiting) == 1:
                        self.loop.call_later(self.delay, self.give)
        except BlockingIOError:
            pass

    def give(self):
        while self.waiting and self.waiting[0][0] <= self.loop.time():
            _, to, packet = self.waiting.popleft()
            try:
                os.write(to, packet)
            except BlockingIOError:
                pass  # a full queue loses packets
        if self.waiting:
            self.loop.call_at(self.waiting[0][0], self.give)


async def carry(delay, devices):
    Line(delay, devices)
    print("carrying", flush=True)
    await asyncio.Event().wait()


def main():
    delay, places = float(sys.argv[1]), dict(word.split("=") for word in sys.argv[2:])
    devices = {}
    for address, pid in places.items():
        packed = bytes(map(int, address.split(".")))
        devices[packed] = device_in(pid, address, [other for other in places if other != address])
    asyncio.run(carry(delay, devices))


if __name__ == "__main__":
    main()
