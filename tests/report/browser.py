#!/usr/bin/env python3
"""Reports as a browser shows them: no error, no request, the verdict's numbers, keys, a pinned record, harmless names.

tests/report/browser.py build/release/highwater
"""

import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from devtools import Browser  # noqa: E402

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
highwater = os.path.abspath(sys.argv[1])
LOSING = "scenarios/tour/failover_acks_1.json"


def run(*arguments, codes=(0,), stdin=None):
    done = subprocess.run([highwater, *arguments], cwd=root, capture_output=True, text=True, input=stdin)
    assert done.returncode in codes, f"{arguments}: exit {done.returncode}: {done.stderr[:400]}"
    return done.stdout


def is_quiet(page, path):
    assert page.errors == [], page.errors
    assert page.requests == ["file://" + path], page.requests


def tiles(page):
    return page.value("Object.fromEntries([...document.querySelectorAll('.tile')].map(t => [t.dataset.key, t.dataset.value]))")


def check_run(page, folder):
    path = os.path.join(folder, "run.html")
    run("report", LOSING, "-o", path, "-q")
    verdict = json.loads(run("run", LOSING, "--format", "json", "-q"))
    page.open(path)
    is_quiet(page, path)
    shown = tiles(page)
    for key in ("lost", "sent", "acknowledged", "failed", "unknown", "duplicated", "reordered", "unread"):
        assert shown["records." + key] == str(verdict["records"][key]), key
    assert shown["ack_p99.shop"] == str(verdict["producers"]["shop"]["ack_latency_us"]["p99"])
    states = page.value("Object.fromEntries([...document.querySelectorAll('[data-guarantee]')].map(g => [g.dataset.guarantee, g.dataset.state]))")
    assert states == {name: state for name, state in verdict["guarantees"].items() if state != "not_applicable"}
    assert page.value("document.querySelectorAll('.row.lane').length") == 3
    assert page.value("document.querySelectorAll('.row.client').length") == 1
    assert page.value("document.querySelectorAll('.fault').length") == 1
    assert page.value("document.querySelectorAll('.biography').length") == len(verdict["losses"])
    assert page.value("document.querySelectorAll('.cut').length") >= 2
    assert "L e1" in page.value("[...document.querySelectorAll('.row.lane')][1].querySelector('svg').textContent")
    assert page.value("document.querySelectorAll('svg[role=img]:not([aria-label])').length") == 0
    assert verdict["fingerprint"] in page.value("document.getElementById('foot').textContent")
    assert verdict["repeat"] in page.value("document.getElementById('foot').textContent")
    check_keys(page)
    check_biography(page, verdict)
    check_prints(page)


def check_keys(page):
    start = page.value("highwater.view.at")
    page.key("ArrowRight")
    moved = page.value("highwater.view.at")
    assert moved > start and page.value("Number(document.getElementById('scrubber').value)") - moved < 100000
    page.key("ArrowLeft")
    assert abs(page.value("highwater.view.at") - start) < 2
    whole = page.value("highwater.view.to - highwater.view.from")
    page.key("+")
    assert page.value("highwater.view.to - highwater.view.from") < whole
    before = page.value("highwater.view.at")
    page.key(".")
    assert page.value("highwater.view.at") > before
    page.key("0")
    assert page.value("highwater.view.to - highwater.view.from") == whole
    # The scrubber follows the keyboard when it has the focus, and the labels follow the scrubber.
    page.value("(document.getElementById('scrubber').focus(), highwater.moveTo(20000000), 1)")
    assert "leader e1, in ISR" in page.value("[...document.querySelectorAll('.row.lane .label')][1].textContent")
    assert "down" in page.value("[...document.querySelectorAll('.row.lane .label')][0].textContent")
    assert "#t=20.000000s" in page.value("location.hash")
    assert page.value("document.getElementById('scrubber').getAttribute('aria-valuetext')") == "20.000 s"


def check_biography(page, verdict):
    record = verdict["losses"][0]["records"][0]
    page.key("p")
    assert page.value("document.getElementById('pinned').dataset.record") == record
    assert page.value("document.querySelectorAll('line.pinned:not(.moment)').length") == 3
    assert page.value("document.querySelectorAll('.pin[aria-pressed=true]').length") == 1
    titles = page.value("[...document.querySelector('.biography').querySelectorAll('h4')].map(h => h.textContent)")
    told = " | ".join(titles)
    for words in ("Broker 1 appends it", "Broker 1 acknowledges", "Broker 1 crashes", "begins to lead without it", "The last copy goes, from broker 1"):
        assert words in told, told
    removed = page.value("[...document.querySelectorAll('.biography .moment')].find(m => m.textContent.includes('The last copy goes')).dataset.time")
    assert int(removed) == verdict["losses"][0]["last_copy_removed"]["time_us"]
    last = page.value("[...document.querySelector('.biography').querySelectorAll('.moment:last-child .has')].map(h => h.textContent)")
    assert last == ["\u2013"] * 3, last
    page.key("Escape")
    assert page.value("document.querySelectorAll('line.pinned').length") == 0


def check_prints(page):
    page.media(medium="print")
    assert page.value("getComputedStyle(document.getElementById('bar')).display") == "none"
    page.media(scheme="dark")
    dark = page.value("getComputedStyle(document.body).backgroundColor")
    page.media()
    assert dark != page.value("getComputedStyle(document.body).backgroundColor")


def check_link(page, folder):
    path = os.path.join(folder, "run.html")
    record = page.value("highwater.data.run.biographies[0].record")
    page.open(path, "#t=8.000000s&record=" + record)
    assert page.value("highwater.view.at") == 8000000
    assert page.value("document.getElementById('pinned').dataset.record") == record


def check_thinning(page):
    kept = page.value("""(() => {
        const points = [];
        for (let i = 0; i < 100000; ++i) points.push(i * 10, i === 54321 ? 999999 : i % 7);
        const shown = highwater.thin(points, 0, 1000000, 1000);
        let greatest = 0;
        for (let i = 1; i < shown.length; i += 2) greatest = Math.max(greatest, shown[i]);
        return [shown.length / 2, greatest, shown.every((v, i) => i < 2 || i % 2 === 1 || v >= shown[i - 2])];
    })()""")
    assert kept[0] <= 4100 and kept[1] == 999999 and kept[2], kept


def check_names(page, folder):
    """Names come from people: none may end the data, or become an element."""
    evil = "</script><img src=x onerror=alert(1)>&\"'<!--"
    scenario = {"name": evil, "story": evil, "topics": [{"name": "t", "partitions": 2}],
                "producers": [{"topic": "t", "records": {"count": 50, "rate": 100}}],
                "faults": [{"name": evil, "at": "200ms", "do": "pause", "target": "broker 1", "for": "1s"}]}
    source, path = os.path.join(folder, "evil.json"), os.path.join(folder, "evil.html")
    with open(source, "w") as file:
        json.dump(scenario, file)
    run("report", source, "-o", path, "-q")
    page.open(path)
    is_quiet(page, path)
    assert page.value("document.querySelector('h1').textContent") == evil
    assert page.value("document.querySelectorAll('img').length") == 0
    assert page.value("document.querySelectorAll('script').length") == 2
    assert page.value("document.querySelector('.fault').dataset.fault") == evil
    assert page.value("document.title").startswith(evil)


def check_verdict(page, folder):
    """A verdict is run again; one whose scenario is away is shown as it is."""
    source, path = os.path.join(folder, "verdict.json"), os.path.join(folder, "verdict.html")
    verdict = run("run", LOSING, "--format", "json", "-q", "--seed", "2")
    with open(source, "w") as file:
        file.write(verdict)
    run("report", source, "-o", path, "-q")
    direct = run("report", LOSING, "--seed", "2", "-q")
    with open(path) as file:
        assert file.read() == direct
    far = json.loads(verdict)
    far["repeat"] = "highwater run no/such/file.json --seed 2"
    with open(source, "w") as file:
        json.dump(far, file)
    run("report", source, "-o", path, "-q")
    page.open(path)
    is_quiet(page, path)
    assert tiles(page)["records.lost"] == str(far["records"]["lost"])
    assert page.value("document.querySelectorAll('.notice').length") == 1
    assert page.value("document.getElementById('bar').hidden")
    far["repeat"], far["fingerprint"] = f"highwater run {LOSING} --seed 2", "0" * 32
    with open(source, "w") as file:
        json.dump(far, file)
    run("report", source, "-o", path, "-q", codes=(4,))


def check_comparison(page, folder):
    source, path = os.path.join(folder, "comparison.json"), os.path.join(folder, "comparison.html")
    text = run("compare", "scenarios/weather/crashes.json", "--presets", "max-reliability,balanced,fast", "--seeds", "12",
               "--format", "json", "-q", codes=(0, 3))
    comparison = json.loads(text)
    with open(source, "w") as file:
        file.write(text)
    run("report", source, "-o", path)
    page.open(path)
    is_quiet(page, path)
    rows = page.value("[...document.querySelectorAll('tbody tr')].map(r => r.dataset.preset)")
    assert rows == [preset["name"] for preset in comparison["presets"]]
    fast = comparison["presets"][2]
    cell = "document.querySelector('tr[data-preset=fast] td[data-column=seeds_with_loss] button')"
    assert page.value(cell + ".textContent").startswith("Logarithmic") and f"{fast['seeds_with_loss']['count']} of 12" in page.value(cell + ".textContent")
    page.value("(" + cell + ".focus(), 1)")
    page.value("(" + cell + ".click(), 1)")
    seeds = page.value("document.getElementById('cell').textContent")
    assert not page.value("document.getElementById('cell').hidden")
    worst = fast["worst"]["lost_per_million"]
    assert worst and all(one["seed"] in fast["seeds_with_loss"]["first"] for one in worst)
    for one in worst:
        assert "seed " + one["seed"] in seeds
    assert page.value(cell + ".getAttribute('aria-expanded')") == "true"
    # What people press to see it again, runs and shows the loss.
    command = page.value("(document.querySelector('#cell code') || {}).textContent")
    if command and command.startswith("highwater run"):
        again = json.loads(subprocess.run(command.replace("highwater", highwater, 1) + " --format json -q", shell=True, cwd=root,
                                          capture_output=True, text=True).stdout)
        assert again["records"]["lost"] > 0


def check_explanation(page, folder):
    """The record that was explained, its point of no return, and what would have saved it; with and without the run."""
    source, path = os.path.join(folder, "explanation.json"), os.path.join(folder, "explanation.html")
    text = run("explain", LOSING, "--format", "json", "-q", codes=(0, 1, 3))
    explanation = json.loads(text)
    name, changes = explanation["record"]["name"], explanation["counterfactuals"]
    for repeat in (explanation["repeat"], "highwater run no/such/file.json --seed 1"):
        with open(source, "w") as file:
            json.dump({**explanation, "repeat": repeat}, file)
        run("report", source, "-o", path, "-q")
        page.open(path)
        is_quiet(page, path)
        assert page.value("document.querySelector('.explanation').dataset.record") == name
        assert page.value("document.querySelectorAll('.steps tr:not(.no-return)').length") == len(explanation["record"]["biography"])
        assert page.value("document.querySelectorAll('.no-return').length") == (explanation["point_of_no_return"] is not None)
        rows = page.value("document.querySelectorAll('.counterfactuals tbody tr').length")
        assert rows == 1 + len(changes["singles"]) + len(changes["pairs"])
        has_run = repeat == explanation["repeat"]
        assert page.value("document.querySelectorAll('.row.lane').length") == (3 if has_run else 0)
        if has_run:
            assert page.value("document.querySelector('.biography').dataset.record") == name


def main():
    page = Browser()
    page.size(1280, 900)
    try:
        with tempfile.TemporaryDirectory() as folder:
            for check in (check_run, check_link, check_names, check_verdict, check_comparison, check_explanation):
                check(page, folder)
                print(check.__name__, "passed")
            page.open(os.path.join(folder, "run.html"))
            check_thinning(page)
    finally:
        page.close()
    print("report: fine")


main()
