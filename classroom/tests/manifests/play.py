"""Runs the commands of a manifest as its engine would, part by part, then the merge.

    play.py kubernetes|gitlab|github FILE SCRATCH

The engine's variables are those that its documentation promises. What is stood in for: `sudo` is
`exec`, and lab-runner grades one exercise, whose answers need no compiler.
Exit codes: 0 the class is whole, 1 it isn't.
"""

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

EXERCISE, SLUG = "predict-cable", "ch07-predict-cable"
PARTS = 4


def refuse(why):
    sys.exit(f"refused: {why}")


def kubernetes(text, class_dir):
    grade, merge = (doc["spec"] for doc in yaml.safe_load_all(text))
    if (grade["completionMode"], grade["completions"]) != ("Indexed", PARTS):
        refuse("not an Indexed Job of four")
    # What the API server asks for beside the schema.
    if "backoffLimitPerIndex" not in grade:
        refuse("FailIndex needs backoffLimitPerIndex")
    if grade["template"]["spec"]["restartPolicy"] != "Never":
        refuse("podFailurePolicy needs restartPolicy Never")
    if not merge["suspend"]:
        refuse("the merge would not wait")

    def command(spec):
        (container,) = spec["template"]["spec"]["containers"]
        words = [word.replace("/class/", f"{class_dir}/", 1) for word in container["args"]]
        kept = {e["name"]: e["value"] for e in container.get("env", []) if e["name"] != "LAB_WORK"}
        return words, kept

    words, kept = command(grade)
    for index in range(PARTS):
        yield words, {**kept, "JOB_COMPLETION_INDEX": str(index)}
    yield command(merge)


def gitlab(text, _):
    jobs = yaml.safe_load(text)
    count = jobs["grade"]["parallel"]
    total = {"CI": "true", "CI_NODE_TOTAL": str(count)}

    def command(job):
        return ["bash", "-euo", "pipefail", "-c", "\n".join(job["script"])]

    for index in range(1, count + 1):
        yield command(jobs["grade"]), {**total, "CI_NODE_INDEX": str(index)}
    yield command(jobs["merge"]), {"CI": "true", "CI_NODE_TOTAL": "1"}


def github(text, class_dir):
    jobs = yaml.safe_load(text)["jobs"]
    parts = jobs["grade"]["strategy"]["matrix"]["part"]

    def command(job, known):
        step = job["steps"][[step.get("name", "").split(" ")[0] for step in job["steps"]].index(known[0])]
        filled = {name: fill(value, known[1]) for name, value in step.get("env", {}).items()}
        environment = {"CI": "true", "RUNNER_TEMP": f"{class_dir}/temp", **filled}
        return ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], environment

    for index, _ in enumerate(parts):
        strategy = {"strategy.job-index": index, "strategy.job-total": len(parts)}
        yield command(jobs["grade"], ("Grade", strategy))
    yield command(jobs["merge"], ("Merge", {}))


def fill(text, known):
    return re.sub(r"\$\{\{ *([a-z.-]+) *\}\}", lambda found: str(known[found[1]]), text)


def make_class(at):
    """Four who hand in, and stand-ins for programs, in the folder `bin`."""
    shutil.rmtree(at, ignore_errors=True)
    root = Path(os.environ["LAB_ROOT"])
    answer = root / "labs/ch07-loopback-path/exercises/predict-cable/solution.toml"
    with (at.mkdir(parents=True) or at / "roster.csv").open("w") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "name"])
        for n in range(PARTS):
            (at / f"submissions/s{n}/{SLUG}").mkdir(parents=True)
            shutil.copy(answer, at / f"submissions/s{n}/{SLUG}/answer.toml")
            rows.writerow([f"s{n}", f"student {n}"])
    runner = Path(os.environ["CARGO_TARGET_DIR"]) / "debug/lab-runner"
    stand_in(at / "bin/sudo", 'exec "$@"')
    stand_in(
        at / "bin/lab-runner",
        f'[[ $1 != grade ]] || set -- "$@" --exercise {EXERCISE}\nexec "{runner}" "$@"',
    )


def stand_in(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)


def main(engine, file, scratch):
    at = Path(scratch) / f"play-{engine}"
    make_class(at)
    # Another engine's variables, of whatever runs this test, are not this one's.
    foreign = re.compile("LAB_PARTITION|SLURM_|JOB_COMPLETION|CI_NODE|NOMAD_|LAB_WORK")
    own = {name: value for name, value in os.environ.items() if not foreign.match(name)}
    own["PATH"] = f"{at}/bin:{own['PATH']}"
    commands = {"kubernetes": kubernetes, "gitlab": gitlab, "github": github}[engine]
    for words, environment in commands(Path(file).read_text(), at):
        done = subprocess.run(
            words, cwd=at, env={**own, **environment}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False,
        )
        if done.returncode != 0:
            refuse(f"{words} with {environment}: exit code {done.returncode}\n{done.stderr}")
    with (at / "class/gradebook.csv").open(newline="") as file:
        graded = len(list(csv.reader(file))) - 1
    if graded != PARTS or "all are graded" not in done.stdout:
        refuse(f"{graded} of {PARTS} are in the gradebook: {done.stdout}")


main(*sys.argv[1:])
