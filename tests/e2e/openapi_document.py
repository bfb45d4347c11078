"""Holds answers to api/openapi.yaml: status, fields, type and body."""

import functools
import json
import pathlib
import re
import urllib.parse

import jsonschema
import yaml

FILE = pathlib.Path(__file__).resolve().parents[2] / "api/openapi.yaml"
FRAMING = {"date", "content-type", "content-length", "connection"}
CROSS_ORIGIN = {"vary", "access-control-allow-origin", "access-control-expose-headers", "access-control-allow-credentials"}


@functools.cache
def document():
    return yaml.safe_load(FILE.read_text())


def resolve(node):
    """What a $ref leads to."""
    while isinstance(node, dict) and "$ref" in node:
        place = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            place = place[part.replace("~1", "/").replace("~0", "~")]
        node = place
    return node


def component(kind, name):
    return document()["components"][kind][name]


# ---- which response is documented for a request

def path_item(target):
    """The path's template and item; a last parameter takes the rest of the path, slashes too."""
    path = target.partition("?")[0]
    if "://" in path:
        path = urllib.parse.urlsplit(path).path
    items = document()["paths"]
    if path in items:
        return path, items[path]
    for template, item in items.items():
        pattern = re.escape(template).replace(r"\{", "{").replace(r"\}", "}")
        pattern = re.sub(r"\{\w+\}$", ".*", pattern)
        pattern = re.sub(r"/\{\w+\}(?=/)", "/[^/]*", pattern)
        if "{" in template and re.fullmatch(pattern, path):
            return template, item
    return None, None


def response_for(method, target, status):
    """The response that is documented; an AssertionError when there is none."""
    template, item = path_item(target)
    if item is None:
        responses = {"404": component("responses", "EndpointNotFound"), "400": component("responses", "BadRequest")}
    elif method.lower() in item:
        responses = item[method.lower()]["responses"]
    elif template.startswith("/verify"):
        responses = item["get"]["responses"]  # any method is answered
    else:
        responses = {"405": component("responses", "MethodNotAllowed"), "400": component("responses", "BadRequest")}
    assert str(status) in responses, f"{status} is not documented for {method} {target}"
    return resolve(responses[str(status)])


# ---- whether an answer is the documented one

@functools.lru_cache(maxsize=None)
def validator(schema):
    rooted = dict(json.loads(schema), components=document()["components"])
    return jsonschema.Draft202012Validator(rooted)


def fits(value, schema, what):
    problems = list(validator(json.dumps(schema)).iter_errors(value))
    assert not problems, f"{what}: " + "; ".join(
        f"{'/'.join(map(str, problem.absolute_path))}: {problem.message[:300]}" for problem in problems)


def check(method, target, reply):
    """Raises an AssertionError that tells how the answer differs from what the document says."""
    fits_response(response_for(method, target, reply.status), reply, f"{method} {target[:200]} {reply.status}", method)


def check_answer(reply, method=""):
    """The same for an answer to bytes that need not be a request: it must be a documented one of any request."""
    operations = [item[method] for item in document()["paths"].values() for method in item.keys() & {"get", "post"}]
    told = [operation["responses"][str(reply.status)] for operation in operations if str(reply.status) in operation["responses"]]
    complaints = []
    for response in told:
        try:
            return fits_response(resolve(response), reply, str(reply.status), method)
        except AssertionError as complaint:
            complaints.append(str(complaint))
    raise AssertionError(f"{reply.status} is no documented answer: {complaints}")


def fits_response(response, reply, what, method=""):
    check_fields(response.get("headers", {}), reply, what)
    content = response.get("content")
    if method == "HEAD" or content is None:
        assert reply.body == b"", f"{what}: a body"
        return
    kind = (reply["Content-Type"] or "").partition(";")[0]
    assert kind in content or "*/*" in content, f"{what}: {kind} is not documented"
    if kind in content and kind.endswith("json"):
        fits(json.loads(reply.body), content[kind].get("schema", {}), what)


def check_fields(documented, reply, what):
    for name, header in documented.items():
        header = resolve(header)
        value = reply[name]
        if value is None:
            assert not header.get("required"), f"{what}: {name} is missing"
            continue
        schema = header["schema"]
        if schema.get("type") == "integer":
            assert re.fullmatch(r"\d+", value), f"{what}: {name}: {value} is no number"
            value = int(value)
        fits(value, schema, f"{what}: {name}")
    known = {name.lower() for name in documented} | FRAMING | CROSS_ORIGIN
    unknown = {name for name, _ in reply.fields} - known
    assert not unknown, f"{what}: {', '.join(sorted(unknown))} not documented"
