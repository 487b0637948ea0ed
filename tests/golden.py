#!/usr/bin/env python3
"""Golden traces of the tour and the chapter's scenarios.

usage: tests/golden.py [--update] PATH/highwater

A trace of up to 2,000 lines is kept whole beside its scenario (NAME.trace). Of a larger one the story is kept: the
facts that do not come with every batch, and a last line with the fingerprint over all facts and the final world. --update rewrites them and is refused in CI, where the diff could not be reviewed.
"""
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST_LINES = 2000
PER_BATCH = ("RecordsSent", "ProduceSent", "BatchAppended", "BatchRemoved", "ProduceAnswered", "RecordsAcknowledged",
             "HighWatermarkMoved", "FetchServed", "Delivered", "MetadataApplied", "Ignored", "DuplicateDetected")


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
        golden = scenario.with_suffix(".trace")
        text = trace
        if trace.count("\n") > MOST_LINES:
            verdict = json.loads(subprocess.run(command + ["--format", "json"], cwd=ROOT, capture_output=True, text=True, check=False).stdout)
            lines = [line for line in trace.splitlines() if not any(f'"fact":"{one}"' in line for one in PER_BATCH)]
            keep = {"fingerprint": verdict["fingerprint"], "events": verdict["events"], "records": verdict["records"]}
            text = "\n".join(lines[:MOST_LINES] + [json.dumps(keep)]) + "\n"
        if update:
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
