// What `highwater explain` found: step by step, the point of no return, and what would have saved the record.

const outcomeWords = {
    saved: "saves it", spared: "spares it, others are hit", told: "the sender is told", undecided: "undecided",
    not_saved: "does not save it", otherwise: "another mishap", never_sent: "never sent",
};
const outcomeMarks = { saved: "\u2713", spared: "~", told: "!", undecided: "?", not_saved: "\u2717", otherwise: "\u2717", never_sent: "\u2013" };

const explanationSteps = explanation => {
    const point = explanation.point_of_no_return;
    const rows = [];
    explanation.record.biography.forEach((step, place) => {
        rows.push(el("tr", {}, el("td", {}, timeText(step.time_us) + (step.times > 1 ? ", " + step.times + " times" : "")),
            el("td", { class: "words" }, step.what, step.rule ? el("span", { class: "note" }, step.rule) : null)));
        if (point && point.step === place)
            rows.push(el("tr", { class: "no-return" }, el("td", { colspan: "2" }, point.from_the_start
                ? "From the start no continuation saves it (" + point.continuations + " tried)."
                : "Point of no return: after this, none of " + point.continuations + " continuations without new faults saves it; one step earlier " +
                    point.saved_at_the_step_before + " did.")));
    });
    return el("table", { class: "steps" }, el("tbody", {}, rows));
};

const counterfactualRow = one => {
    const run = one.run || {};
    const latency = run.ack_latency_us || {};
    const number = value => (value === null || value === undefined ? "\u2013" : timeText(value));
    return el("tr", { class: "outcome " + one.outcome, "data-outcome": one.outcome },
        el("th", { scope: "row" }, one.changes ? Object.entries(one.changes).map(([key, value]) => el("code", {}, key + "=" + value)) : "as it was"),
        el("td", { class: "words" }, one.changes ? [el("span", { class: "mark", "aria-hidden": "true" }, outcomeMarks[one.outcome] || "?"),
            " " + (outcomeWords[one.outcome] || one.outcome)] : one.outcome),
        el("td", {}, run.records ? countText(run.records.lost) : "\u2013"), el("td", {}, number(latency.p50)), el("td", {}, number(latency.p99)),
        el("td", {}, number(run.write_unavailable_us)));
};

const counterfactualTable = explanation => {
    const order = Object.keys(outcomeWords);
    const all = [...explanation.counterfactuals.singles, ...explanation.counterfactuals.pairs]
        .sort((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome));
    if (all.length === 0) return el("p", {}, "No change of a setting changes this run.");
    const heads = ["change", "and the record", "lost", "ack p50", "ack p99", "no writes"];
    return el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Counterfactuals" }, el("table", { class: "counterfactuals" },
        el("thead", {}, el("tr", {}, heads.map(head => el("th", { scope: "col" }, head)))),
        el("tbody", {}, counterfactualRow({ outcome: explanation.record.mishap.replace(/_/g, " "), run: explanation.run }), all.map(counterfactualRow))));
};

const makeExplanation = explanation => {
    const record = explanation.record;
    if (!record) return el("section", { class: "explanation", "aria-label": "Explanation" }, el("p", {}, explanation.note || "There is nothing to explain."));
    const layer = explanation.layer;
    return el("section", { class: "explanation matrix", "aria-label": "Explanation", "data-record": record.name },
        el("h2", {}, "Why " + record.name + " was " + record.mishap.replace(/_/g, " ")),
        explanation.note ? el("p", {}, explanation.note) : null,
        layer ? el("p", {}, "The layer that failed: ", el("b", {}, layer.name), ". " + layer.why) : null,
        explanationSteps(explanation),
        el("h3", {}, "What would have saved it"), counterfactualTable(explanation),
        el("p", { class: "quiet" }, explanation.counterfactuals.without_effect + " other changes leave the run as it is, " +
            explanation.counterfactuals.impossible + " contradict the scenario."));
};
