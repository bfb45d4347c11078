"""Files that are large, that change while they are sent, or that are no files."""

import os

import pytest

from filemint_node import eventually
from test_contract_mint import error

FOLDER = "uploads/co_xyz/odd"
GIB = 1024**3


@pytest.fixture
def odd(node):
    folder = node.folder / "data/files/magikarp" / FOLDER
    folder.mkdir(exist_ok=True)
    return folder


def memory(node):
    """Bytes of the process that no file backs."""
    lines = open(f"/proc/{node.process.pid}/status").read().splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith("RssAnon:")))


def begin(node, connection, name, fields=()):
    path = f"{FOLDER}/{name}"
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    connection.send(f"GET /files/magikarp/{path}?token={node.token(path)} HTTP/1.1\r\nHost: a\r\n{lines}\r\n".encode())
    while b"\r\n\r\n" not in connection.buffer:
        connection.more()
    head, _, connection.buffer = connection.buffer.partition(b"\r\n\r\n")
    return head


def test_four_gib_cost_no_memory(node, odd):
    with open(odd / "large.bin", "wb") as large:
        large.truncate(4 * GIB)
        large.seek(4 * GIB - 4)
        large.write(b"last")
    before = memory(node)
    with node.connect() as connection, node.connect() as deaf:
        assert b"Content-Length: 4294967296" in begin(node, deaf, "large.bin")
        assert b"Content-Length: 4294967296" in begin(node, connection, "large.bin")
        read, room, most = len(connection.buffer), bytearray(1024 * 1024), 0
        while read < GIB // 2:
            read += connection.socket.recv_into(room)
            most = max(most, memory(node))
        assert most - before < 8 * 1024 * 1024
    with node.connect() as connection:
        head = begin(node, connection, "large.bin", [("Range", "bytes=4294967290-")])
        assert b"Content-Range: bytes 4294967290-4294967295/4294967296" in head
        while len(connection.buffer) < 6:
            connection.more()
        assert connection.buffer == b"\0\0last"


def test_a_file_that_shrinks_while_it_is_sent_ends_the_connection(node, odd):
    with open(odd / "shrinks.bin", "wb") as file:
        file.truncate(GIB)
    with node.connect() as connection:
        assert b"Content-Length: 1073741824" in begin(node, connection, "shrinks.bin")
        os.truncate(odd / "shrinks.bin", 0)
        read = len(connection.buffer)
        with pytest.raises(ConnectionError):
            while read < GIB:
                connection.buffer = b""
                connection.more()
                read += len(connection.buffer)
    assert node.mint({"filePaths": [f"{FOLDER}/shrinks.bin"]}).status == 200


def test_a_client_that_leaves_closes_the_file(served):
    node = served(allow_core_dumps="true")  # or its descriptors are for root's eyes alone
    data = node.config.parent
    (data / "files/magikarp" / FOLDER).mkdir()
    with open(data / "files/magikarp" / FOLDER / "left.bin", "wb") as file:
        file.truncate(GIB)

    def is_open():
        folder = f"/proc/{node.process.pid}/fd"
        return any(os.readlink(f"{folder}/{fd}").endswith("left.bin") for fd in os.listdir(folder) if os.path.islink(f"{folder}/{fd}"))

    with node.connect() as connection:
        begin(node, connection, "left.bin", [("X-Request-Id", "leaves")])
        assert is_open()
    eventually(lambda: not is_open(), "the file is closed")

    def line():
        return next((each for each in node.log_lines() if each.get("request_id") == "leaves"), None)

    assert 0 < eventually(line, "its line in the log")["bytes"] < GIB


def test_what_is_no_file_or_lies_elsewhere_is_not_found(node):
    (node.folder / "data/outside.txt").write_text("secret")
    roots = [node.folder / "data/files" / source / "uploads/co_xyz/none" for source in ("magikarp", "betaimages")]
    for odd in roots:
        odd.mkdir(parents=True)
        (odd / "inside.txt").write_text("inside")
        (odd / "link.txt").symlink_to("inside.txt")
        (odd / "out.txt").symlink_to(node.folder / "data/outside.txt")
        (odd / "up.txt").symlink_to("../../../../../outside.txt")
        assert (odd / "up.txt").read_text() == "secret"
        (odd / "out").symlink_to(node.folder / "data")
        (odd / "loop").symlink_to("loop")
        (odd / "folder").mkdir()
        os.mkfifo(odd / "fifo")
    for name in ("out.txt", "up.txt", "out/outside.txt", "loop", "folder", "fifo", "inside.txt/deeper", "nothing", "s" * 256):
        path = f"uploads/co_xyz/none/{name}"
        error(node.mint({"filePaths": [path]}), 404, "RESOURCE_NOT_FOUND", details={"filePaths": [path]})
        error(node.download(path, node.token(path, source="betaimages"), source="betaimages"), 404, "RESOURCE_NOT_FOUND")
    inside = "uploads/co_xyz/none/link.txt"
    assert node.download(inside, node.token(inside)).body == b"inside", "a link that stays inside is a file"


def test_an_empty_file(node, odd):
    (odd / "empty.txt").write_bytes(b"")
    path = f"{FOLDER}/empty.txt"
    token = node.token(path)
    with node.connect() as connection:
        target = f"/files/magikarp/{path}?token={token}"
        answer = connection.ask("GET", target)
        assert answer.status == 200 and answer["Content-Length"] == "0"
        error(connection.ask("GET", target, [("Range", "bytes=0-")]), 416, "RANGE_NOT_SATISFIABLE")
        assert connection.ask("HEAD", target).status == 200


@pytest.mark.parametrize("name, kind", [
    ("a.html", "text/html"), ("a.svg", "image/svg+xml"), ("a.PNG", "image/png"), ("a", "application/octet-stream"),
    ("a.unheard-of", "application/octet-stream")])
def test_the_content_type_is_the_extensions(node, odd, name, kind):
    (odd / name).write_text("x")
    path = f"{FOLDER}/{name}"
    answer = node.download(path, node.token(path))
    assert answer["Content-Type"].split(";")[0] == kind
    assert answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]
