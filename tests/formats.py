#!/usr/bin/env python3
"""The exports of `highwater trace` as other programs read them: JSON, and EDN as Jepsen writes its histories.

tests/formats.py build/release/highwater
"""

import json
import os
import re
import subprocess
import sys

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOKEN = re.compile(r'\s*(?:,\s*)*("(?:[^"\\]|\\.)*"|[\[\]{}]|[^\s,\[\]{}"]+)')


def tokens(text):
    at = 0
    while text[at:].strip(" ,\n"):
        match = TOKEN.match(text, at)
        assert match, "not EDN: " + text[at:at + 60]
        at = match.end()
        yield match.group(1)


def read(stream):
    """One form of EDN: nil, keywords, integers, strings, vectors, maps."""
    token = next(stream)
    if token == "[" or token == "{":
        items = []
        close = "]" if token == "[" else "}"
        while True:
            item = read(stream)
            if item == (close,):
                break
            items.append(item)
        if token == "[":
            return items
        assert len(items) % 2 == 0, "a map with a key and no value"
        return {items[i]: items[i + 1] for i in range(0, len(items), 2)}
    if token in "]}":
        return (token,)
    if token.startswith('"'):
        return json.loads(token)
    if token == "nil":
        return None
    if token.startswith(":"):
        return token
    return int(token)


def run(*arguments, code=0):
    done = subprocess.run([highwater, *arguments], cwd=root, capture_output=True, text=True)
    assert done.returncode == code, f"{arguments}: exit {done.returncode}: {done.stderr[:300]}"
    return done.stdout if code == 0 else done.stderr


def history(file):
    lines = run("trace", file, "--format", "edn", "-q").splitlines()
    return [read(tokens(line)) for line in lines if not line.startswith(";")]


def check_history(file):
    """What jepsen.history and jepsen.tests.kafka ask of a history; returns its records by type."""
    open_by_process, retired, time, written = {}, set(), 0, {}
    for index, op in enumerate(history(file)):
        assert op[":index"] == index and op[":time"] >= time
        time = op[":time"]
        process, kind = op[":process"], op[":type"]
        if process == ":nemesis":
            assert kind == ":info" and op[":f"] in (":start-fault", ":stop-fault")
            continue
        if kind == ":invoke":
            assert process not in open_by_process and process not in retired, f"process {process} is busy: {op}"
            open_by_process[process] = op
            continue
        begun = open_by_process.pop(process)
        assert begun[":f"] == op[":f"]
        if kind == ":info":
            retired.add(process)
        if op[":f"] in (":send", ":txn"):
            asked = [(mop[1], mop[2]) for mop in begun[":value"]]
            told = [(mop[1], mop[2][1]) for mop in op[":value"]]
            assert asked == told and all(mop[0] == ":send" for mop in begun[":value"])
            written.setdefault(kind, []).extend((mop[1], mop[2][1], mop[2][0]) for mop in op[":value"])
        if op[":f"] == ":poll":
            assert begun[":value"] == [[":poll"]] and op[":value"][0][0] == ":poll"
            for key, pairs in op[":value"][0][1].items():
                assert isinstance(key, int) and all(len(pair) == 2 for pair in pairs)
                written.setdefault("polled", []).extend((key, value, offset) for offset, value in pairs)
    assert not open_by_process
    return written


def main():
    losing = "scenarios/tour/failover_acks_1.json"
    verdict = json.loads(run("run", losing, "--format", "json", "-q"))
    records = check_history(losing)
    assert len(records[":ok"]) == verdict["records"]["acknowledged"]
    # Jepsen would find the loss here: two values at one offset, both acknowledged.
    by_offset = {}
    for key, value, offset in records[":ok"]:
        by_offset.setdefault((key, offset), set()).add(value)
    assert sum(len(values) > 1 for values in by_offset.values()) > 0
    check_history("scenarios/book/rolling_consumer_restart.json")
    groups = check_history("scenarios/book/commit_before_processing.json")
    assert groups["polled"]
    events = json.loads(run("trace", losing, "--format", "perfetto", "-q"))["traceEvents"]
    assert {event["ph"] for event in events} == {"M", "X", "C", "i", "s", "f"}
    assert any(event["name"] == "leader, epoch 1, ISR 2,3" for event in events)
    shiviz = run("trace", losing, "--format", "shiviz", "--fact", "PartitionChanged", "--fact", "BecameLeader", "-q")
    assert shiviz.count("\nBecameLeader") == 2 and '{"broker-1":1, "broker-2":1, "controller":2}' in shiviz
    for form in ("perfetto", "edn"):
        assert "--fact goes with" in run("trace", losing, "--format", form, "--fact", "BecameLeader", code=2)
        assert run("trace", losing, "--format", form, "-q") == run("trace", losing, "--format", form, "-q")
    weather = run("trace", "scenarios/weather/crashes.json", "--format", "edn", "--seed", "3", "-q")
    assert ":start-fault" in weather
    print("formats: fine")


highwater = os.path.abspath(sys.argv[1])
main()
