"""Comparisons of secrets, and MACs under them, take no branch and read no address that depends on them: valgrind sees each instruction."""

import subprocess

import pytest

from filemint_node import BINARY

PROGRAM = BINARY.parent / "tests/constant_time"


def under_valgrind(name):
    done = subprocess.run(["valgrind", "--quiet", "--error-exitcode=42", PROGRAM, name], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=120)
    assert done.returncode in (0, 42), done
    return done


@pytest.mark.parametrize("name", ["texts", "bytes", "api_key", "token", "lanes"])
def test_what_has_a_secret_does_not_tell_it(name):
    done = under_valgrind(name)
    assert done.returncode == 0 and done.stderr == "", done.stderr


@pytest.mark.parametrize("name, complaint, place", [
    ("leaky_comparison", "Conditional jump or move depends on uninitialised value", "leaky_equal"),
    ("leaky_look_up", "Use of uninitialised value", "leaky_look_up")])
def test_one_that_does_is_seen(name, complaint, place):
    done = under_valgrind(name)
    assert done.returncode == 42 and complaint in done.stderr and place in done.stderr, done.stderr
