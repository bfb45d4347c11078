"""What the linker and the compiler were told to make an attacker's work harder, as it stands in the binary."""

import re
import subprocess

import pytest

from filemint_node import BINARY


def readelf(*what):
    done = subprocess.run(["readelf", "--wide", *what, BINARY], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def imported():
    """Names of the functions that the binary takes from libraries."""
    names = set(re.findall(r" UND (\w+)", readelf("--dyn-syms")))
    assert "socket" in names, "the list was read"
    if "__asan_init" in names:
        pytest.skip("an ASan build: it has checks of its own in their place")
    return names


def test_it_is_loaded_at_a_random_place(imported):
    assert re.search(r"^\s*Type:\s+DYN \(Position-Independent Executable file\)$", readelf("--file-header"), re.M)
    assert re.search(r"\(FLAGS_1\).*\bPIE\b", readelf("--dynamic"))


def test_its_tables_of_functions_are_read_only_before_it_begins(imported):
    assert re.search(r"\(FLAGS\).*\bBIND_NOW\b", readelf("--dynamic"))
    assert re.search(r"^\s*GNU_RELRO\s.* R  ", readelf("--program-headers"), re.M)


def test_its_stack_cannot_be_run_and_is_guarded(imported):
    assert re.search(r"^\s*GNU_STACK\s.* RW  ", readelf("--program-headers"), re.M)
    assert "__stack_chk_fail" in imported


def test_nothing_of_it_can_be_both_written_and_run(imported):
    assert not re.search(r"^\s*LOAD\s.* RWE ", readelf("--program-headers"), re.M)


def test_its_copies_are_checked_against_their_room(imported):
    assert {"__memcpy_chk", "__snprintf_chk"} <= imported, sorted(name for name in imported if name.endswith("_chk"))
