"""A mount that only those see whose command begins with its `within`."""

import os
import subprocess
import sys

import pytest

# Of a file system whose server never says a word: who looks into it waits until that server ends.
HANGING = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
try:
    fuse = os.open("/dev/fuse", os.O_RDWR)
except OSError as missing:
    sys.exit(f"not permitted: {missing}")
terms = f"fd={fuse},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()},allow_other"
if libc.mount(b"hanging", os.fsencode(sys.argv[1]), b"fuse", 0, terms.encode()) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
print("mounted", flush=True)
sys.stdin.read()
"""


class PrivateMount:
    """`command` mounts something on the folder, prints `mounted` and stays for as long as its stdin does."""

    def __init__(self, folder, command):
        self.folder = folder
        folder.mkdir(parents=True)
        user = [] if os.geteuid() == 0 else ["--map-root-user"]
        self.holder = subprocess.Popen(["unshare", "--mount", *user, *command, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != "mounted\n":
            told = self.holder.communicate()[1].strip()
            assert "permi" in told.lower(), told  # Operation not permitted, Permission denied
            pytest.skip(f"this system allows no such mount here: {told}")
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        self.within = ["nsenter", f"--target={self.holder.pid}", "--mount", *user]

    def close(self):
        self.holder.communicate()


def small_disk(folder, size="3m"):
    return PrivateMount(folder, ["sh", "-c", f'mount -t tmpfs -o size={size} none "$0" && echo mounted && exec cat'])


def hanging_disk(folder):
    return PrivateMount(folder, [sys.executable, "-c", HANGING])
