// Presets against measures: each cell an estimate with its interval, and the way to the seeds behind it.

/// What the columns are: where the number of a preset stands, where its difference stands, how it is said.
const columnsOf = comparison => {
    const perMillion = (name, title) => ({
        key: name + "_per_million", title, words: value => (value >= 1000 ? countText(value) : rounded(value, 3)), unit: "per million sent",
        value: preset => preset.per_million_sent[name],
    });
    const quantile = (from, name, title) => ({
        key: from + "_" + name + "_us", title, words: timeText, unit: "over all records",
        differenceKey: (from === "ack_latency_us" ? "ack_latency" : "end_to_end_latency") + "_" + name + "_us",
        value: preset => (preset[from] ? preset[from][name] : undefined),
    });
    const plainColumn = (key, title, words, unit) => ({ key, title, words, unit, value: preset => preset[key] });
    const all = [
        perMillion("lost", "lost"), perMillion("duplicated", "duplicated"), perMillion("reordered", "reordered"),
        perMillion("refused", "refused"), perMillion("skipped", "skipped"), perMillion("reread", "re-read"),
        plainColumn("write_unavailable_us", "no writes", timeText, "mean of a partition and run"),
        plainColumn("read_unavailable_us", "no reads", timeText, "mean of a partition and run"),
        quantile("ack_latency_us", "p50", "ack p50"), quantile("ack_latency_us", "p99", "ack p99"),
        quantile("end_to_end_latency_us", "p50", "end to end p50"), quantile("end_to_end_latency_us", "p99", "end to end p99"),
        plainColumn("replicated_bytes", "between brokers", bytesText, "mean of a run"),
        plainColumn("stored_bytes", "stored", bytesText, "mean of a run"),
    ];
    const told = all.filter(column => comparison.presets.some(preset => column.value(preset) !== undefined && column.value(preset) !== null));
    // What is zero everywhere stands last.
    const isZero = column => comparison.presets.every(preset => !column.value(preset));
    return [...told.filter(column => !isZero(column)), ...told.filter(isZero)];
};

/// An interval of a share on a scale that shows 0.01 % as well as 100 %.
const shareBar = losses => {
    const width = 130;
    const x = share => share <= 0 ? 0 : Math.max(0, (Math.log10(share) + 4) / 4) * width;
    const [low, high] = losses.interval;
    const bar = svg("svg", { class: "interval", viewBox: "-4 0 " + (width + 8) + " 16", role: "img",
        "aria-label": losses.count + " of " + losses.of + " seeds, between " + percentText(low) + " and " + percentText(high) });
    for (const level of [0.0001, 0.001, 0.01, 0.1, 1])
        bar.append(svg("line", { class: "grid", x1: x(level), x2: x(level), y1: 2, y2: 14 }));
    bar.append(svg("line", { class: "whisker", x1: x(low), x2: Math.max(x(low) + 1, x(high)), y1: 8, y2: 8 }));
    bar.append(svg("line", { class: "whisker", x1: x(high), x2: x(high), y1: 4, y2: 12 }));
    if (losses.count > 0) {
        bar.append(svg("line", { class: "whisker", x1: x(low), x2: x(low), y1: 4, y2: 12 }));
        bar.append(svg("circle", { class: "estimate", cx: x(losses.count / losses.of), cy: 8, r: 4 }));
    }
    return titled(bar, "Logarithmic: 0.01 % at the left, 100 % at the right");
};

const upward = share => percentText(Math.ceil(share * 1e4 - 1e-9) / 1e4);
const lossWords = losses => losses.count === 0
    ? "0 of " + countText(losses.of) + ", at most " + upward(losses.interval[1])
    : countText(losses.count) + " of " + countText(losses.of) + ", " + percentText(losses.interval[0]) + " to " + percentText(losses.interval[1]);

const differenceWords = (difference, words) => {
    if (!difference) return null;
    const sign = value => (value > 0 ? "+" : value < 0 ? "\u2212" : "") + words(Math.abs(value));
    const clear = difference.significant !== undefined && difference.significant !== null ? difference.significant : difference.includes_zero === false;
    const range = difference.interval ? sign(difference.interval[0]) + " to " + sign(difference.interval[1]) : "";
    if (!clear && difference.interval && difference.interval[0] === 0 && difference.interval[1] === 0) return el("span", { class: "difference" }, "~");
    return el("span", { class: "difference" + (clear ? " clear" : "") }, clear ? sign(difference.estimate) : "~", " ", el("span", { class: "range" }, range));
};

/// The command for one seed: what the comparison gives as "repeat", with the seed put in.
const replay = (preset, seed) =>
    preset.repeat ? preset.repeat.replace("{seed}", seed) : "seed " + seed + " under the preset " + preset.name;

/// The panel below the table: the seeds of one cell.
const showCell = (preset, column) => {
    const panel = document.getElementById("cell");
    const lost = preset.seeds_with_loss.first.map(seed => ({ seed }));
    const worst = preset.worst ? preset.worst[column.loss ? "lost_per_million" : column.differenceKey || column.key] : null;
    const seeds = worst && worst.length > 0 ? worst : column.loss ? lost : [];
    const items = seeds.slice(0, 20).map(one => el("li", {},
        "seed " + one.seed +
            (one.value === undefined ? "" : ", " + column.words(one.value) + (column.loss ? " per million lost" : "")) + ": ",
            command(replay(preset, one.seed))));
    panel.replaceChildren(
        el("h3", {}, preset.name + ": " + column.title),
        el("p", {}, items.length > 0 ? (column.loss ? "Seeds that lost, the worst first:" : "The worst seeds:")
            : column.loss ? "No seed lost an acknowledged record." : "No seed stands out."),
        el("ol", {}, items),
        preset.settings ? el("p", { class: "quiet" }, Object.entries(preset.settings).map(([key, value]) => key + "=" + value).join(", ")) : null);
    panel.hidden = false;
    for (const other of document.querySelectorAll("td button[aria-expanded=true]")) other.setAttribute("aria-expanded", "false");
    status(preset.name + ", " + column.title + ": " + items.length + " seeds");
};

const cell = (preset, column, shown, difference) => {
    const button = el("button", { type: "button", "aria-expanded": "false", "aria-controls": "cell", onclick: () => {
        showCell(preset, column);
        button.setAttribute("aria-expanded", "true");
    } }, shown, difference);
    return el("td", { "data-column": column.key }, button);
};

const presetRow = (comparison, preset, columns, beaten) => {
    const loss = { key: "seeds_with_loss", title: "seeds that lost", loss: true, words: countText };
    const by = beaten.find(one => one.preset === preset.name);
    const violated = Object.entries(preset.violated || {}).map(([name, one]) =>
        el("div", { class: "violated" }, "\u2717 " + name.replace(/_/g, " ") + " violated in " + one.seeds + " seeds"));
    const differences = preset.difference || {};
    return el("tr", { "data-preset": preset.name },
        el("th", { scope: "row" }, preset.name, preset.name === comparison.reference ? el("span", { class: "note" }, "reference") : null,
            by ? el("span", { class: "note" }, "beaten by " + by.by) : null, violated),
        cell(preset, loss, [shareBar(preset.seeds_with_loss), el("span", {}, lossWords(preset.seeds_with_loss))],
            differenceWords(differences.seeds_with_loss, percentText)),
        columns.map(column => {
            const value = column.value(preset);
            return cell(preset, column, el("span", {}, value === null || value === undefined ? "\u2013" : column.words(value)),
                differenceWords(differences[column.differenceKey || column.key], column.words));
        }));
};

const makeMatrix = comparison => {
    const columns = columnsOf(comparison);
    const beaten = comparison.pareto ? comparison.pareto.beaten : [];
    const warnings = [...new Set(comparison.presets.flatMap(preset => preset.warnings || []))];
    return el("section", { class: "matrix", "aria-label": "Comparison" },
        comparison.circumstances && comparison.circumstances.length > 0 ? el("p", {}, comparison.circumstances.join("; ")) : null,
        el("p", { class: "quiet" }, "Each cell: the value, and below it the difference from ", el("b", {}, comparison.reference),
            " with its " + comparison.confidence_percent + " % interval; ~ where the interval includes zero. Press a cell for its seeds."),
        el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Table of presets" }, el("table", {},
            el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "preset"),
                el("th", { scope: "col" }, "seeds that lost", el("span", { class: "note" }, "log scale, 0.01 % to 100 %")),
                columns.map(column => el("th", { scope: "col" }, column.title, el("span", { class: "note" }, column.unit))))),
            el("tbody", {}, comparison.presets.map(preset => presetRow(comparison, preset, columns, beaten))))),
        el("div", { id: "cell", hidden: true }),
        comparison.pareto ? el("p", {}, "Nothing beats: ", el("b", {}, comparison.pareto.front.join(", "))) : null,
        comparison.conclusive === false ? el("p", { class: "notice" }, "Inconclusive: some presets are not decided yet.") : null,
        warnings.length > 0 ? el("details", {},
            el("summary", {}, countText(warnings.length) + (warnings.length === 1 ? " warning" : " warnings")),
            el("ul", {}, warnings.map(one => el("li", {}, one)))) : null);
};
