#!/usr/bin/env python3
"""Golden traces of the tour and the chapter's scenarios.

usage: tests/golden.py [--update] PATH/highwater

A trace of up to 2,000 lines is kept whole beside its scenario (NAME.trace); of a larger one its fingerprint and
ledger (NAME.golden). --update rewrites them and is refused in CI, where the diff could not be reviewed.
"""
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST_LINES = 2000


def main():
    update = "--update" in sys.argv
    arguments = [one for one in sys.argv[1:] if one != "--update"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    if update and os.environ.get("CI"):
        sys.exit("golden.py: --update is refused in CI")
    passed = failed = 0
    for scenario in sorted((ROOT / "scenarios").glob("tour/*.json")) + sorted((ROOT / "scenarios").glob("book/*.json")):
        name = scenario.relative_to(ROOT)
        command = [arguments[0], "run", str(name), "-q"]
        trace = subprocess.run(command + ["--trace", "-"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
        small = trace.count("\n") <= MOST_LINES
        golden = scenario.with_suffix(".trace" if small else ".golden")
        if small:
            text = trace
        else:
            verdict = json.loads(subprocess.run(command + ["--format", "json"], cwd=ROOT, capture_output=True, text=True, check=False).stdout)
            keep = {"fingerprint": verdict["fingerprint"], "events": verdict["events"], "records": verdict["records"],
                    "timelines": {p: [[e["time_us"], e["leader"], e["isr"]] for e in b["timeline"]] for p, b in verdict["partitions"].items()}}
            text = json.dumps(keep, indent=1) + "\n"
        if update:
            for other in (scenario.with_suffix(".trace"), scenario.with_suffix(".golden")):
                other.unlink(missing_ok=True)
            golden.write_text(text)
        known = golden.read_text() if golden.exists() else ""
        if known == text:
            passed += 1
            continue
        failed += 1
        first = next((f"line {i + 1}:\n  golden {a}\n  now    {b}" for i, (a, b) in enumerate(zip(known.splitlines(), text.splitlines())) if a != b),
                     "another length" if known else "no golden file; tests/golden.py --update makes it")
        print(f"{name}: {golden.name} differs at {first}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
