#!/usr/bin/env python3
"""The fidelity table: what real clusters did, what the simulator does, and whether they agree.

usage: tools/fidelity.py [--check] PATH/highwater [EXPERIMENT...]

Scenarios are scenarios/fidelity/*.json, the measured facts stand beside them in measured/. An experiment that was made with
several releases has one scenario and a file of facts for each ("scenario" and "release"). Rules:
  exact    every seed gives the one measured value
  within   every seed lies within the spread that the settings or the machine allow; the reason is given
  one_of   the sequence of leaders, ISR and ELR of every seed is one of the measured ones
With --check the exit code is 1 when anything disagrees. Needs nothing but Python's standard library.
"""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent / "scenarios/fidelity"


def run(program, scenario, seeds, release):
    """One verdict and the facts of one trace line kind for each seed."""
    verdicts = []
    change = ["-X", f"release={release}"] if release else []
    for seed in range(1, seeds + 1):
        command = [program, "run", str(scenario), "--seed", str(seed), *change, "-q"]
        out = subprocess.run([*command, "--format", "json"], capture_output=True, text=True, check=False)
        if out.returncode not in (0, 1):
            sys.exit(f"{scenario}: highwater ended with {out.returncode}\n{out.stderr}")
        verdict = json.loads(out.stdout)
        verdict["command"] = [*command, "--trace", "-"]
        verdicts.append(verdict)
    return verdicts


def walk(verdict, path):
    at = verdict
    rest = path
    while rest:
        keys = [key for key in at if rest == key or rest.startswith(key + ".")]
        key = max(keys, key=len)
        at = at[key]
        rest = rest[len(key) + 1:]
    return at


def sequence(verdict, partition):
    """Leader or not, and sizes of ISR, ELR and last known ELR, change by change."""
    return [[0 if e["leader"] is None else 1, len(e["isr"]), len(e["elr"]), len(e["last_known_elr"])]
            for e in verdict["partitions"][partition]["timeline"]]


def reads_and_faults(verdict):
    """The facts of the trace about what readers were given and when faults happened."""
    if "trace" not in verdict:
        trace = subprocess.run(verdict["command"], capture_output=True, text=True, check=True).stdout
        kinds = ('"fact":"Delivered"', '"fact":"FaultHappened"')
        verdict["trace"] = [json.loads(line) for line in trace.splitlines() if any(kind in line for kind in kinds)]
    return verdict["trace"]


def stuck(verdict, reader, fault):
    """Seconds from a fault to the end of the longest time in which the reader was given nothing."""
    trace = reads_and_faults(verdict)
    happened = next(e["time_us"] for e in trace if e.get("fault") == fault)
    times = [e["time_us"] for e in trace if e.get("consumer") == reader]
    gaps = [(after - before, after) for before, after in zip(times, times[1:]) if after > happened]
    return (max(gaps)[1] - happened) / 1e6 if max(gaps)[0] > 1e6 else max(gaps)[0] / 1e6


def takeover(verdict, member, fault):
    """Seconds from a fault to the first record of a partition that the member did not read before."""
    reads_and_faults(verdict)
    happened = next(e["time_us"] for e in verdict["trace"] if e.get("fault") == fault)
    before = set()
    for event in verdict["trace"]:
        if event.get("consumer") != member:
            continue
        if event["time_us"] < happened:
            before.add(event["partition"])
        elif event["partition"] not in before:
            return (event["time_us"] - happened) / 1e6
    return None


def value(verdict, fact):
    kind, _, rest = fact["path"].partition(":")
    if kind == "sequence":
        return sequence(verdict, rest)
    if kind in ("timeline", "timeline_isr"):
        partition, number = rest.split(":")
        timeline = verdict["partitions"][partition]["timeline"]
        if kind == "timeline_isr":  # the first change to an ISR of that size
            timeline = [e for e in timeline if len(e["isr"]) == int(number)]
            number = 0
        if len(timeline) <= int(number):
            return None
        return timeline[int(number)]["time_us"] / 1e6 - fact["since"]
    if kind == "us":
        return walk(verdict, rest) / 1e6
    if kind == "ms":
        return walk(verdict, rest) / 1e3
    if kind == "sum":
        return sum(walk(verdict, one) for one in rest.split(","))
    if kind == "others":
        path, name = rest.rsplit(":", 1)
        return sum(count for key, count in walk(verdict, path).items() if key != name)
    if kind == "stuck":
        return stuck(verdict, *rest.split(":"))
    if kind == "takeover":
        return takeover(verdict, *rest.split(":"))
    if kind == "fact":
        name, cause = rest.split(":")
        trace = subprocess.run(verdict["command"], capture_output=True, text=True, check=True).stdout
        return sum(1 for line in trace.splitlines() if f'"fact":"{name}"' in line and f'"cause":"{cause}"' in line)
    return walk(verdict, fact["path"])


def agrees(values, fact):
    if fact.get("optional"):
        values = [one for one in values if one is not None]
    if fact["rule"] == "exact":
        return all(fact["real"][0] <= one <= fact["real"][1] for one in values) and fact["real"][0] == fact["real"][1]
    if fact["rule"] == "one_of":
        return all(one in fact["real"] for one in values)
    low, high = fact["spread"]
    return all(one is not None and low <= one <= high for one in values)


def text(values):
    values = [one for one in values if one is not None]
    if not values:
        return "-"
    if isinstance(values[0], list):
        kinds = []
        for one in values:
            word = " ".join(("L" if e[0] else "-") + f"{e[1]}" + (f"+{e[2]}" if e[2] else "") + (f"k{e[3]}" if e[3] else "") for e in one)
            if word not in kinds:
                kinds.append(word)
        return " | ".join(kinds)
    low, high = min(values), max(values)
    show = lambda one: f"{one:.3f}".rstrip("0").rstrip(".") if isinstance(one, float) else str(one)
    return show(low) if low == high else f"{show(low)} .. {show(high)}"


def main():
    arguments = [one for one in sys.argv[1:] if one != "--check"]
    if not arguments:
        sys.exit(__doc__)
    program, only = arguments[0], arguments[1:]
    disagreements = rows = 0
    for measured in sorted((HERE / "measured").glob("*.json")):
        facts = json.loads(measured.read_text())
        name = facts["experiment"]
        if only and name not in only:
            continue
        scenario = HERE / facts.get("scenario", f"{name}.json")
        verdicts = run(program, scenario, facts["seeds"], facts.get("release"))
        print(f"\n{name}: {json.loads(scenario.read_text())['story']}")
        print(f"  {'':44} {'real':34} {'simulated':34} agrees")
        for fact in facts["facts"]:
            values = [value(verdict, fact) for verdict in verdicts]
            fine = agrees(values, fact)
            rows += 1
            disagreements += not fine
            real = fact["real"] if fact["rule"] == "one_of" else fact["real"]
            print(f"  {fact['what']:44} {text(real)[:60]:34} {text(values)[:60]:34} {'yes' if fine else 'NO: ' + fact['why']}")
    print(f"\n{rows - disagreements} passed, {disagreements} failed")
    sys.exit(1 if disagreements and "--check" in sys.argv else 0)


if __name__ == "__main__":
    main()
