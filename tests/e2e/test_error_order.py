"""Of two faults in one minting call the earlier in the contract's order of checks is told: all pairs that can be combined."""

import contextlib
import itertools
import json

import pytest

import openapi_document
from error_world import ABSENT, FORBIDDEN, ILLEGAL, LARGE_BODY, MAX_BODY
from filemint_node import MINT, PDF, request_bytes
from test_contract_mint import error, unknown_key


class Call:
    """A minting call without a fault, which faults change."""

    def __init__(self, world):
        self.world = world
        self.method, self.target = "POST", MINT
        self.company, self.expired, self.scoped, self.throttled, self.revoked = "co_xyz", False, True, False, False
        self.credential = None  # in place of a key of the company
        self.fields = []
        self.members = {"filePaths": [PDF]}
        self.behind = b""  # the body's JSON
        self.full = self.starved = False  # the node

    def authorization(self):
        if self.credential is not None:
            return self.credential
        return self.world.node.bearer(self.world.key(self.company, self.expired, self.scoped, self.throttled, self.revoked))

    def send(self):
        body = json.dumps(self.members).encode() + self.behind
        if self.company in ("co_small", "co_spent"):
            self.world.use_up(self.company)
        with contextlib.ExitStack() as conditions:
            if self.starved:
                conditions.enter_context(self.world.starved())
            if self.full:
                conditions.enter_context(self.world.full())
            fields = [*self.authorization(), *self.fields]
            if not self.starved:
                return self.world.node.ask(self.method, self.target, fields, body)
            return self.ask_without_its_body([*fields, ("Content-Length", str(LARGE_BODY))])

    def ask_without_its_body(self, fields):
        with self.world.node.connect() as connection:
            connection.send(request_bytes(self.method, self.target, fields))
            answer = connection.next_answer(self.method)
        openapi_document.check(self.method, self.target, answer)
        return answer


class Fault:
    def __init__(self, name, status, code, apply, told=None, slot=None):
        self.name, self.status, self.code, self.apply = name, status, code, apply
        self.told = told or (lambda answer: True)  # what tells it from others of the same code
        self.slot = slot  # of faults in the same slot a request has one

    def __repr__(self):
        return self.name


def suspended(call):
    call.company = {"co_xyz": "co_gone", "co_small": "co_gone_small", "co_spent": "co_gone_spent"}[call.company]


def window_is_full(call):
    call.company = {"co_xyz": "co_small", "co_gone": "co_gone_small"}[call.company]


def tokens_are_spent(call):
    call.company = {"co_xyz": "co_spent", "co_gone": "co_gone_spent"}[call.company]


def setting(name, value):
    return lambda call: setattr(call, name, value)


def field(name, value):
    return lambda call: call.fields.append((name, value))


def member(name, value):
    return lambda call: call.members.__setitem__(name, value)


def path(*added):
    return lambda call: call.members["filePaths"].extend(added)


def details(name):
    return lambda answer: name in answer.details


def message(text):
    return lambda answer: text in answer.json["error"]["message"]


FAULTS = [  # in the contract's order
    Fault("malformed HTTP", 400, "BAD_REQUEST", field("Folded", "a\r\n b")),
    Fault("no route", 404, "ENDPOINT_NOT_FOUND", setting("target", "/nowhere")),
    Fault("the method", 405, "METHOD_NOT_ALLOWED", setting("method", "PUT")),
    Fault("load", 503, "SERVICE_UNAVAILABLE", setting("full", True), lambda answer: answer["X-RateLimit-Limit"] is None),
    Fault("no credential", 401, "UNAUTHORIZED", setting("credential", []), slot="caller"),
    Fault("an unknown key", 401, "INVALID_API_KEY",
          lambda call: setattr(call, "credential", call.world.node.bearer(unknown_key(call.world.node))), slot="caller"),
    Fault("a revoked key", 401, "INVALID_API_KEY", setting("revoked", True), slot="caller"),
    Fault("an expired key", 401, "EXPIRED_API_KEY", setting("expired", True)),
    Fault("a suspended company", 403, "FORBIDDEN", suspended, lambda answer: "filePaths" not in answer.details),
    Fault("the key's scope", 404, "ENDPOINT_NOT_FOUND", setting("scoped", False)),
    Fault("the throttle", 429, "THROTTLED", setting("throttled", True)),
    Fault("the window", 429, "RATE_LIMIT_EXCEEDED", window_is_full, lambda answer: answer.details["category"] == "auto_generator", slot="window"),
    Fault("the window of tokens", 429, "RATE_LIMIT_EXCEEDED", tokens_are_spent, lambda answer: answer.details["category"] == "tokens", slot="window"),
    Fault("room for the body", 503, "SERVICE_UNAVAILABLE", setting("starved", True), lambda answer: answer["X-RateLimit-Limit"], slot="body"),
    Fault("the body's size", 400, "INVALID_PAYLOAD", lambda call: setattr(call, "behind", call.behind + b" " * (MAX_BODY + 1)),
          details("max_body_bytes"), slot="body"),
    Fault("the encoding", 400, "INVALID_PAYLOAD", field("Content-Encoding", "gzip"), message("must not be encoded")),
    Fault("the type", 400, "INVALID_PAYLOAD", field("Content-Type", "text/plain"), message("application/json")),
    Fault("the syntax", 400, "INVALID_PAYLOAD", lambda call: setattr(call, "behind", b"}" + call.behind), message("not valid JSON")),
    Fault("a member's type", 400, "INVALID_PAYLOAD", member("urls", "yes"), lambda answer: answer.details == {"field": "urls"}),
    Fault("no filePaths", 400, "MISSING_REQUIRED_FIELD", member("filePaths", None), slot="paths"),
    Fault("the source", 400, "INVALID_PAYLOAD", member("source", "nowhere"), details("allowed")),
    Fault("the count", 422, "UNPROCESSABLE_ENTITY", path(*[PDF] * 1_000), lambda answer: answer.details == {"max": 1_000}),
    Fault("expiresIn", 422, "UNPROCESSABLE_ENTITY", member("expiresIn", 0), lambda answer: answer.details["field"] == "expiresIn"),
    Fault("download", 422, "UNPROCESSABLE_ENTITY", member("download", {"elsewhere": "a"}), lambda answer: answer.details["field"] == "download"),
    Fault("an illegal path", 422, "UNPROCESSABLE_ENTITY", path(ILLEGAL), lambda answer: answer.details == {"filePaths": [ILLEGAL]}),
    Fault("a path not granted", 403, "FORBIDDEN", path(FORBIDDEN), lambda answer: answer.details == {"filePaths": [FORBIDDEN]}),
    Fault("a path that is not there", 404, "RESOURCE_NOT_FOUND", path(ABSENT), lambda answer: answer.details == {"filePaths": [ABSENT]}),
]
OF_A_KEY = {"an expired key", "a suspended company", "the key's scope", "the throttle", "the window", "the window of tokens"}
OF_PATHS = {"the count", "an illegal path", "a path not granted", "a path that is not there"}


def can_be_combined(first, second):
    if first.slot and first.slot == second.slot:
        return False
    if first.slot == "caller" and first.name != "a revoked key" and second.name in OF_A_KEY:
        return False  # nobody's key has no company
    return not (first.name == "no filePaths" and second.name in OF_PATHS)


PAIRS = [pair for pair in itertools.combinations(FAULTS, 2) if can_be_combined(*pair)]


def check(answer, fault):
    error(answer, fault.status, fault.code)
    assert fault.told(answer), (fault, answer)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_alone_is_told(world, fault):
    call = Call(world)
    fault.apply(call)
    check(call.send(), fault)


@pytest.mark.parametrize("first, second", PAIRS, ids=lambda fault: fault.name)
def test_the_earlier_of_two_faults_is_told(world, first, second):
    for order in ((first, second), (second, first)):
        call = Call(world)
        for fault in order:
            fault.apply(call)
        check(call.send(), first)


def test_all_pairs_but_those_that_no_request_can_have_are_tried():
    of_callers, of_windows, of_bodies = 3, 1, 1
    assert len(FAULTS) * (len(FAULTS) - 1) // 2 - len(PAIRS) == of_callers + of_windows + of_bodies + 2 * len(OF_A_KEY) + len(OF_PATHS)
