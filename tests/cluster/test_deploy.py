"""The files for docker compose and Kubernetes say what they must, name only settings that exist, and hold no secret."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from hearback.settings import Settings, described
from hearback.supervisor import APART

ROOT = Path(__file__).parents[2]
MANIFESTS = sorted((ROOT / "deploy" / "k8s").glob("*.yaml"))
COMPOSE = ROOT / "deploy" / "compose.yaml"
RESOURCES = [one for path in MANIFESTS for one in yaml.safe_load_all(path.read_text())]
WORKLOADS = [one for one in RESOURCES if one["kind"] in ("Deployment", "StatefulSet")]
SECRETS = (
    "HEARBACK_DATABASE_URL",
    "HEARBACK_REDIS_URL",
    "PASSWORD",
    "TOKEN",
    "API_KEY",
    "GAZETTEER_KEY",
    "PUSH_KEY",
    "SMTP",
    "CLIENT_SECRET",
)


def of(kind: str) -> dict[str, Any]:
    return {one["metadata"]["name"]: one for one in RESOURCES if one["kind"] == kind}


def container(workload: dict[str, Any]) -> dict[str, Any]:
    (only,) = workload["spec"]["template"]["spec"]["containers"]
    return dict(only)


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda one: one["metadata"]["name"])
def test_every_process_is_probed_limited_and_disrupted_one_at_a_time(workload: dict[str, Any]) -> None:
    name, what = workload["metadata"]["name"], container(workload)
    assert {"startupProbe", "livenessProbe", "readinessProbe", "resources"} <= set(what)
    assert what["livenessProbe"]["httpGet"]["path"] != "/ready", "a database that is away is no reason to kill anything"
    assert what["securityContext"]["readOnlyRootFilesystem"] and not what["securityContext"]["allowPrivilegeEscalation"]
    labels = workload["spec"]["template"]["metadata"]["labels"]
    assert workload["spec"]["selector"]["matchLabels"] == labels == of("PodDisruptionBudget")[name]["spec"]["selector"]["matchLabels"]
    assert set(what["command"][-1].split(",")) <= set(APART)
    scaled = [one["spec"]["scaleTargetRef"]["name"] for one in of("HorizontalPodAutoscaler").values()]
    assert ("replicas" in workload["spec"]) != (name in scaled), "either a number or a scaler decides"


def test_nothing_is_reached_that_no_policy_opens() -> None:
    policies = of("NetworkPolicy")
    assert policies["hearback-closed"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
    for workload in WORKLOADS:
        opened = policies[workload["metadata"]["name"]]["spec"]
        ports = [port["port"] for rule in opened["ingress"] for port in rule["ports"]]
        assert ports == [one["containerPort"] for one in container(workload)["ports"]]
    (source,) = policies["hearback-rasa"]["spec"]["ingress"][0]["from"]
    assert source["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "worker"


def test_workers_are_as_many_as_the_queue_is_deep() -> None:
    (metric,) = of("HorizontalPodAutoscaler")["hearback-worker"]["spec"]["metrics"]
    assert metric["external"]["metric"]["name"] == "hearback_queue_depth"


def test_settings_exist_and_can_be_read_and_no_secret_stands_in_a_file() -> None:
    known = {name for name, _, _ in described()}
    given = of("ConfigMap")["hearback"]["data"]
    assert set(given) <= known and not [name for name in given if any(part in name for part in SECRETS)]
    read = Settings.from_environ(given)
    rasa = next(one for one in WORKLOADS if one["kind"] == "StatefulSet")
    places = [f"http://hearback-rasa-{number}.hearback-rasa:{read.rasa_port}" for number in range(rasa["spec"]["replicas"])]
    assert list(read.rasa_urls) == places
    assert not of("Secret")
    for workload in WORKLOADS:
        assert {"secretRef": {"name": "hearback"}} in container(workload)["envFrom"]


def test_compose_starts_two_of_each_with_settings_that_exist() -> None:
    made = yaml.safe_load(COMPOSE.read_text())
    known = {name for name, _, _ in described()}
    services = made["services"]
    for name in ("doors", "worker", "rasa-1", "rasa-2", "console"):
        assert set(services[name]["environment"]) <= known and services[name]["healthcheck"]
        assert set(services[name]["command"][0].split(",")) <= set(APART)
    assert services["doors"]["deploy"]["replicas"] == services["worker"]["deploy"]["replicas"] == 2
    for name, service in services.items():
        for setting, value in service.get("environment", {}).items():
            if any(part in setting for part in SECRETS) and setting != "HEARBACK_REDIS_URL":
                assert re.search(r"\$\{\w+", value), f"{name}: {setting} is written out"


def test_kubernetes_takes_the_manifests() -> None:
    """By the schemas of its API, in a validator from PyPI."""
    done = fetched("kubernetes-validate", "--strict", *map(str, MANIFESTS))
    assert done.returncode == 0, done.stdout + done.stderr
    assert (done.stdout + done.stderr).count(" passed ") == len(RESOURCES)


def test_compose_takes_its_file() -> None:
    """By the schema of its specification; and by itself, where it is installed."""
    done = fetched("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE))
    assert done.returncode == 0, done.stdout + done.stderr
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        return
    done = subprocess.run(
        ["docker", "compose", "-f", str(COMPOSE), "config", "--quiet"],
        env={**os.environ, "POSTGRES_PASSWORD": "x"}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def fetched(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a validator from PyPI, or skip where no package registry is reached."""
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    try:
        done = subprocess.run([uv, "tool", "run", "--quiet", *command], capture_output=True, text=True, timeout=180, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"the validator cannot be fetched: {type(error).__name__}")
    if any(words in done.stderr for words in ("Failed to fetch", "error sending request", "Could not connect")):
        pytest.skip("the validator cannot be fetched: no package registry is reached")
    return done
