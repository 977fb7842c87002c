"""The samples for Prometheus, looked at by its own tools: what /metrics says, and when which alert is raised."""

import re
import shutil
import subprocess
from pathlib import Path

import yaml
from prometheus_client import generate_latest
from prometheus_client.metrics_core import Metric

from reflect import meters
from reflect.files import ROOT
from reflect.web import background

DEPLOY = ROOT / "deploy"


def promtool(*words: str, given: bytes = b"", folder: Path = DEPLOY) -> tuple[int, str]:
    """What Prometheus' own tool says, and its exit code."""
    done = subprocess.run(["promtool", *words], input=given, capture_output=True, cwd=folder, check=False)
    return done.returncode, (done.stdout + done.stderr).decode()


def test_every_metric_that_an_alert_names_is_there() -> None:
    families: list[Metric] = list(meters.REGISTRY.collect())
    there = {f"{family.name}{end}" for family in families for end in ("", "_total", "_bucket", "_count", "_sum")}
    rules = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0]["rules"]
    named = {name for rule in rules for name in re.findall(r"\breflect_\w+", rule["expr"])}
    assert len(named) >= 8
    assert named - there == set()
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] in {"page", "ticket"} for rule in rules)
    works = {
        work for rule in rules for text in re.findall(r'work=~"([^"]+)"', rule["expr"]) for work in text.split("|")
    }
    assert works
    assert [work for work in works if not callable(getattr(background, work, None))] == []


def test_prometheus_looks_at_reflect_and_at_the_alerts() -> None:
    configuration = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    assert configuration["rule_files"] == ["alerts.yml"]
    assert configuration["scrape_configs"][0]["job_name"] == "reflect"


def test_prometheus_finds_nothing_to_mend_in_the_names_of_metrics() -> None:
    assert promtool("check", "metrics", given=generate_latest(meters.REGISTRY)) == (0, "")


def test_prometheus_takes_the_samples() -> None:
    code, said = promtool("check", "config", "prometheus.yml")
    assert code == 0, said
    assert "9 rules found" in said


def test_each_alert_is_raised_when_it_should_and_silent_otherwise(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "alerts.yml", tmp_path)
    cases = Path(__file__).with_name("alerts_test.yml")
    shutil.copy(cases, tmp_path)
    code, said = promtool("test", "rules", cases.name, folder=tmp_path)
    assert code == 0, said
    raised = {rule["alertname"] for case in yaml.safe_load(cases.read_text())["tests"]
              for rule in case["alert_rule_test"] if "exp_alerts" in rule}  # fmt: skip
    assert raised == set(re.findall(r"alert: (\w+)", (DEPLOY / "alerts.yml").read_text()))
