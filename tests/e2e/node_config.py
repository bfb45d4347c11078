"""Changes a configuration that a demo has written, and reads where it listens."""

import json
import re
import socket

import yaml


held_ports = []


def free_port():
    """Ours until this process ends: nobody else is given a port that is bound, and a server that sets SO_REUSEADDR, as all of
    them do, can listen on it beside us, since we do not."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    held_ports.append(held)
    return held.getsockname()[1]


def written(value):
    """As YAML: a duration stands plain, since what is quoted is a text."""
    return value if isinstance(value, str) and re.fullmatch(r"\d+(ms|s|m|h|d)", value) else json.dumps(value)


def replaced(pattern, value, text):
    text, count = re.subn(pattern, lambda found: f"{found[1]}{value}", text, flags=re.MULTILINE)
    assert count, f"no {pattern} in the configuration"
    return text


def changed(text, listeners=None, admin_section=None, **changes):
    """`listeners` and `admin_section` are the YAML that stands in their place, `listen` and `admin` where there is one of each;
    any other key is changed wherever it stands."""
    if listeners is not None:
        text = replaced(r"^(listeners:)\n(?:[ #].*\n)*", f" {listeners}\n", text)
    if admin_section is not None:
        text = replaced(r"^(admin:)\n(?:[ #].*\n)*", f" {admin_section}\n\n", text)
    for key, value in changes.items():
        own = {"listen": r"^(  - listen: )[^\n]*$", "admin": r"^(admin:\n(?:  #.*\n)*  listen: )[^\n]*$"}
        text = replaced(own.get(key, rf"^(\s*{key}: )[^\n]*$"), value, text)
    return text


def url_of(terms):
    """Of a listener or of `admin`."""
    scheme = "https" if terms.get("tls", {}).get("certificate") else "http"
    return terms["listen"] if terms["listen"].startswith("unix:") else f"{scheme}://{terms['listen']}"


def urls(text):
    """Of the first listener, and of the admin port."""
    config = yaml.safe_load(text)
    return url_of(config["listeners"][0]), url_of(config["admin"])
