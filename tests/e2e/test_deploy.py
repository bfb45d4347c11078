"""What lies in deploy/, read by those who would run it. No container engine runs here: nothing is started from it."""

import json
import os
import pathlib
import re
import subprocess

import pytest
import yaml

from filemint_node import BINARY

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CHECKS = ROOT / "tests/deploy"


def said(command, **options):
    return subprocess.run(
        [str(part) for part in command], stdin=options.pop("stdin", subprocess.DEVNULL), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=60, **options)


@pytest.fixture(scope="module")
def objects():
    done = subprocess.run(
        ["kubectl", "kustomize", DEPLOY / "kubernetes/base"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def faults_of(objects):
    return subprocess.run(
        ["node", CHECKS / "check_manifests.mjs"], input=json.dumps(objects), capture_output=True, text=True, timeout=60)


def of_kind(objects, kind):
    return [each for each in objects if each["kind"] == kind]


def test_every_object_fits_the_schema_of_its_kind(objects):
    done = faults_of(objects)
    assert done.returncode == 0, done.stdout + done.stderr
    kinds = {each["kind"] for each in objects}
    assert kinds >= {"StatefulSet", "Service", "PodDisruptionBudget", "NetworkPolicy", "ConfigMap"}


@pytest.mark.parametrize(
    "spoil, told",
    [
        (lambda spec: spec.update(replicas="three"), "replicas"),
        (lambda spec: spec["template"]["spec"]["containers"][0].update(readinesProbe={}), "readinesProbe"),
    ],
    ids=["a wrong type", "a field that is none"],
)
def test_the_check_of_schemas_sees_a_fault(objects, spoil, told):
    spoiled = json.loads(json.dumps(of_kind(objects, "StatefulSet")))
    spoil(spoiled[0]["spec"])
    done = faults_of(spoiled)
    assert done.returncode == 1 and told in done.stdout, done.stdout + done.stderr


def test_selectors_find_the_pods_and_ports_have_names(objects):
    template = of_kind(objects, "StatefulSet")[0]["spec"]["template"]
    labels = template["metadata"]["labels"]
    ports = {port["name"] for container in template["spec"]["containers"] for port in container["ports"]}
    for service in of_kind(objects, "Service"):
        assert service["spec"]["selector"].items() <= labels.items(), service
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports, service
    budget = of_kind(objects, "PodDisruptionBudget")[0]["spec"]["selector"]["matchLabels"]
    policy = of_kind(objects, "NetworkPolicy")[0]["spec"]["podSelector"]["matchLabels"]
    assert budget.items() <= labels.items() and policy.items() <= labels.items()


def test_a_pod_takes_as_long_to_end_as_its_node_may_drain(objects, tmp_path):
    settings = yaml.safe_load(of_kind(objects, "ConfigMap")[0]["data"]["filemint.yaml"])["http"]
    seconds = sum(int(settings[key].removesuffix("s")) for key in ("lame_duck", "drain_timeout", "drain_last_words"))
    spec = of_kind(objects, "StatefulSet")[0]["spec"]["template"]["spec"]
    assert spec["terminationGracePeriodSeconds"] > seconds


@pytest.mark.parametrize("folder, name", [("kubernetes/base", "filemint-0.filemint-nodes"), ("compose", "filemint-1.nodes")])
def test_the_configuration_is_one_that_a_node_takes(folder, name):
    """`config check` finds fault with nothing but that the certificates are not here."""
    done = said([BINARY, "config", "check", DEPLOY / folder / "filemint.yaml"], env=dict(os.environ, FILEMINT_NODE_NAME=name))
    told = done.stdout.splitlines()
    assert all(re.search(r": cluster\.(ca|certificate|key): /run/secrets/\S+: No such file", line) for line in told), told
    assert sum(name in line for line in told) == 2, told  # its own certificate and key


def test_compose_reads_the_composition():
    done = said(["docker-compose", "--file", DEPLOY / "compose.yaml", "config"])
    assert done.returncode == 0, done.stdout
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for service in services.values():
        for mounted in service.get("volumes", []):
            source = mounted.split(":")[0]
            assert not source.startswith(".") or (DEPLOY / source).exists(), mounted


def test_each_root_of_the_composition_is_a_folder_that_is_there():
    """A node does not start without."""
    mounts = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["x-node"]["volumes"]
    places = {there: DEPLOY / here for here, there, *_ in (mount.split(":") for mount in mounts)}
    for source in yaml.safe_load((DEPLOY / "compose/filemint.yaml").read_text())["sources"]:
        root = pathlib.PurePosixPath(source["root"])
        assert (places[str(root.parent)] / root.name).is_dir(), root


def test_compose_finds_a_fault(tmp_path):
    spoiled = tmp_path / "compose.yaml"
    spoiled.write_text((DEPLOY / "compose.yaml").read_text().replace("depends_on:", "depend_on:"))
    assert said(["docker-compose", "--file", spoiled, "config"]).returncode != 0


def test_the_containerfile_is_well_formed(tmp_path):
    check = ["node", CHECKS / "check_containerfile.mjs"]
    done = said([*check, DEPLOY / "Containerfile"])
    assert done.returncode == 0, done.stdout
    spoiled = tmp_path / "Containerfile"
    spoiled.write_text((DEPLOY / "Containerfile").read_text().replace("ENTRYPOINT", "ENTRYPOIND"))
    assert "ENTRYPOIND" in said([*check, spoiled]).stdout


def test_the_image_has_the_packages_of_the_libraries_that_the_binary_needs():
    """Those that it names itself: a package brings what its own libraries need."""
    needed = set(re.findall(r"NEEDED.*\[(.+)\]", said(["readelf", "--dynamic", BINARY]).stdout))
    owners = set()
    for name, found in re.findall(r"(\S+) => (/\S+)", said(["ldd", BINARY]).stdout):
        if name not in needed:
            continue
        real = str(pathlib.Path(found).resolve())
        told = said(["dpkg", "--search", real, real.removeprefix("/usr")]).stdout  # packages name it by one of the two
        owners.update(line.split(":")[0] for line in told.splitlines() if not line.startswith("dpkg-query"))
    last_stage = (DEPLOY / "Containerfile").read_text().rsplit("FROM ", 1)[1]
    in_every_image = {"libc6", "libgcc-s1"}
    installed = set(re.findall(r"^ +([a-z0-9.+-]+) \\$", last_stage, re.MULTILINE))
    assert owners - in_every_image == installed - {"ca-certificates"}


def test_haproxy_takes_its_configuration(tmp_path):
    settings = (DEPLOY / "haproxy/haproxy.cfg").read_text()
    local = re.sub(r"filemint-\d:", "127.0.0.1:", settings)  # the names are the composition's
    (tmp_path / "haproxy.cfg").write_text(local)
    done = said(["haproxy", "-c", "-f", tmp_path / "haproxy.cfg"])
    assert done.returncode == 0, done.stdout
