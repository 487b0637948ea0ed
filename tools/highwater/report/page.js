// Puts the page together.

const makeHead = (title, story, words) => {
    document.getElementById("head").replaceChildren(...[
        el("p", { class: "brand" }, "Highwater"), el("h1", {}, title), story ? el("p", { class: "story" }, story) : null,
        el("p", { class: "quiet" }, words)].filter(Boolean));
};

const makeFoot = (repeat, facts) => {
    document.getElementById("foot").replaceChildren(...[
        repeat ? el("p", {}, "Again: ", command(repeat)) : null,
        el("p", { class: "quiet" }, ["Highwater " + data.version, ...facts].join(" \u00b7 ")),
        document.getElementById("bar").hidden ? null : el("p", { class: "quiet keys" },
            "Keys: \u2190 \u2192 move (with shift in small steps), comma and full stop: previous and next event, " +
            "+ \u2212 0 zoom, p pins the next record, Esc unpins."),
    ].filter(Boolean));
};

const collectStops = run => {
    const stops = run.faults.map(fault => ({ time: fault.from_us, what: fault.do + " " + fault.target }));
    for (const partition of run.partitions)
        for (const [time, leader, epoch, isr] of partition.decided)
            if (!partition.internal)
                stops.push({ time, what: partition.name + ": leader " + leader + ", epoch " + epoch + ", ISR " + isr.join(", ") });
    for (const biography of run.biographies)
        for (const moment of biography.moments) stops.push({ time: moment.time_us, what: biography.record + ": " + moment.title });
    stops.sort((a, b) => a.time - b.time);
    return stops.filter((stop, place) => place === 0 || stop.time !== stops[place - 1].time);
};

/// "#t=8.0s&record=shop:17".
const fromAddress = run => {
    const parts = new URLSearchParams(window.location.hash.slice(1));
    const time = parseFloat(parts.get("t"));
    if (Number.isFinite(time)) moveTo(time * 1e6);
    const pinned = run.biographies.find(one => one.record === parts.get("record"));
    if (pinned) pin(pinned);
};

const noticesOf = list => list.length === 0 ? null :
    el("section", { class: "notices", "aria-label": "Left out of this page" }, el("h2", {}, "Left out of this page"),
        el("ul", {}, list.map(one => el("li", { class: "notice" }, one))));

const showRun = () => {
    const verdict = data.verdict;
    const run = data.run;
    makeHead(verdict.scenario, data.story, "seed " + verdict.seed + " \u00b7 Kafka " + verdict.release + " \u00b7 " + timeText(verdict.end_us) + " simulated");
    const main = document.getElementById("main");
    if (run) {
        view.end = Math.max(1, run.end_us);
        view.to = view.end;
        view.stops = collectStops(run);
        view.at = run.faults.length > 0 ? run.faults[0].from_us : 0;
        makeBar();
        main.append(makePatterns());
    }
    const sections = [makeTiles(verdict), makeLosses(verdict), makeGuarantees(verdict)];
    if (data.explanation) sections.push(makeExplanation(data.explanation));
    if (run) sections.push(
        el("section", { class: "time", "aria-label": "Faults over time" }, axis(), makeRibbon(run.faults)),
        makeLanes(run), makeClients(run), makeAllSeries(run), makeBiographies(run));
    sections.push(noticesOf([...(data.notices || []), ...(run ? run.notices : [])]));
    if (verdict.warnings.length > 0)
        sections.push(el("details", { class: "warnings" },
            el("summary", {}, (verdict.warnings.length === 1 ? "1 warning" : verdict.warnings.length + " warnings") + " of the run"),
            el("ul", {}, verdict.warnings.map(one => el("li", {}, one)))));
    main.append(...sections.filter(Boolean));
    makeFoot(verdict.repeat, ["seed " + verdict.seed, "fingerprint " + verdict.fingerprint, countText(Number(verdict.events)) + " events"]);
    if (!run) return;
    redraw();
    follow();
    fromAddress(run);
    window.addEventListener("hashchange", () => fromAddress(run));
    let width = chartWidth();
    new ResizeObserver(() => {
        if (chartWidth() === width) return;
        width = chartWidth();
        redraw();
    }).observe(main);
    for (const [event, printing] of [["beforeprint", true], ["afterprint", false]])
        window.addEventListener(event, () => {
            view.printing = printing;
            redraw();
        });
};

const showComparison = () => {
    const comparison = data.comparison;
    const seeds = Number(comparison.seeds.last) - Number(comparison.seeds.first) + 1;
    makeHead(comparison.scenario, null,
        "presets under the same " + countText(seeds) + " seeds (" + comparison.seeds.first + " to " + comparison.seeds.last + ")");
    document.getElementById("main").append(makeMatrix(comparison));
    makeFoot(null, ["seeds " + comparison.seeds.first + ".." + comparison.seeds.last]);
};

const showExplanation = () => {
    const explanation = data.explanation;
    makeHead(explanation.scenario, null, "seed " + explanation.seed + " \u00b7 Kafka " + explanation.release);
    document.getElementById("main").append(...[makeExplanation(explanation), noticesOf(data.notices || [])].filter(Boolean));
    makeFoot(explanation.repeat, ["seed " + explanation.seed]);
};

const kinds = { run: showRun, comparison: showComparison, explanation: showExplanation };
kinds[data.kind]();
// For tests and for those who look behind the page.
window.highwater = { data, view, thin, moveTo, show, pin };
