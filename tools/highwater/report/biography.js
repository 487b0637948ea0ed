// The life of a record: at each of its key moments the logs of all replicas around its offset.

/// Colours of epochs: neighbours differ, and the epoch stands in the strip as a number too.
const epochClass = epoch => "epoch-" + (epoch < 0 ? "none" : epoch % 4);

const strip = (moment, replica, biography) => {
    const width = 420;
    const height = 26;
    const first = biography.offset - biography.window;
    const x = offset => (offset - first) / (2 * biography.window + 1) * width;
    const gone = !replica.alive;
    const frame = svg("svg", {
        class: "strip" + (gone ? " gone" : ""), viewBox: "0 0 " + width + " " + height, role: "img",
        "aria-label": "broker " + replica.broker + (gone ? ", down" : ", " + replica.role) + ": " +
            (replica.has ? "has " : "does not have ") + biography.record + "; log end " + replica.log_end +
            ", high watermark " + replica.high_watermark,
    }, svg("rect", { class: "shelf", x: 0, y: 3, width, height: 16 }));
    for (const [base, end, epoch] of replica.pieces) {
        const from = Math.max(0, x(base));
        const to = Math.min(width, x(end));
        const piece = svg("rect", { class: "piece " + epochClass(epoch), x: from + 0.5, y: 3, width: Math.max(1, to - from - 1), height: 16 });
        frame.append(titled(piece, "offsets " + base + " to " + (end - 1) + ", epoch " + epoch));
        if (to - from > 26) frame.append(svg("text", { class: "epoch", x: from + 4, y: 15 }, "e" + epoch));
    }
    const slot = x(biography.offset);
    const wide = Math.max(3, x(biography.offset + 1) - slot);
    frame.append(svg("rect", { class: "record " + (replica.has ? "here" : "missing"), x: slot, y: 1, width: wide, height: 20 }));
    if (replica.high_watermark > first)
        frame.append(svg("path", { class: "mark", d: "M" + Math.min(width - 1, x(replica.high_watermark)).toFixed(1) + " 0v22" }));
    return frame;
};

const replicaWords = replica => {
    if (!replica.alive) return "down";
    const role = replica.role === "none" ? "no role" : replica.role === "leader" ? "leader e" + replica.epoch : "follower e" + replica.epoch;
    return role + (replica.in_sync ? "" : ", out of the ISR");
};

const momentItem = (biography, moment, place) => {
    const strips = biography.offset === null ? [] : moment.strips.map(replica =>
        el("div", { class: "replica" },
            el("span", { class: "who" }, el("b", {}, "broker " + replica.broker), " ", replicaWords(replica)),
            strip(moment, replica, biography),
            el("span", { class: "has " + (replica.has ? "yes" : "no") }, replica.has ? "has it" : "\u2013")));
    return el("li", { class: "moment", "data-time": String(moment.time_us) },
        el("button", { type: "button", class: "when", onclick: () => { pin(biography); moveTo(moment.time_us); } }, timeText(moment.time_us)),
        el("div", { class: "what" },
            el("h4", {}, (place + 1) + ". " + moment.title),
            moment.text ? el("p", {}, moment.text) : null,
            moment.rule ? el("p", { class: "rule" }, moment.rule) : null,
            strips));
};

const makeBiography = (biography, open) => {
    const words = biography.fate === "lost" ? " was lost" : "";
    const more = biography.count > 1 ? ", with " + biography.with + " (" + countText(biography.count) + " records)" : "";
    const where = biography.offset === null ? "in no log" : "offset " + countText(biography.offset) + " of " + biography.partition;
    const button = el("button", { type: "button", class: "pin", "aria-pressed": "false",
        onclick: () => pin(view.pinned === biography ? null : biography) }, "Pin");
    biography.button = button;
    return el("details", { class: "biography " + biography.fate, open, "data-record": biography.record },
        el("summary", {}, el("b", {}, biography.record), words + more + ", ", el("span", { class: "quiet" }, where)),
        el("p", {}, button, " marks it in all charts above."),
        el("ol", { class: "moments" }, biography.moments.map((moment, place) => momentItem(biography, moment, place))));
};

const makeBiographies = run => run.biographies.length === 0 ? null :
    el("section", { class: "biographies", "aria-label": "Biographies of records" }, el("h2", {}, "Biography of a record"),
        el("p", { class: "legend" },
            legendKey(12, svg("rect", { class: "record here", x: 3, width: 6, height: 14 }), "the record"),
            legendKey(12, svg("rect", { class: "record missing", x: 3, y: 1, width: 6, height: 12 }), "its place, empty or another's"),
            legendKey(8, svg("path", { class: "mark", d: "M4 0v14" }), "high watermark"),
            el("span", { class: "quiet" }, "Colours and e-numbers of pieces: leader epochs.")),
        run.biographies.map((biography, place) => makeBiography(biography, place === 0)));

/// Marks a record in all charts: its offset across the lanes of its partition, its moments down all of them.
const pin = biography => {
    view.pinned = biography;
    for (const one of data.run ? data.run.biographies : [])
        one.button.setAttribute("aria-pressed", one === biography ? "true" : "false");
    const where = document.getElementById("pinned");
    where.replaceChildren(biography ? "Pinned: " + biography.record : "");
    where.setAttribute("data-record", biography ? biography.record : "");
    status(biography ? biography.record + " is pinned" : "Nothing is pinned");
    redraw();
    remember();
};
const pinNext = () => {
    const all = data.run ? data.run.biographies : [];
    if (all.length === 0) return;
    const place = all.indexOf(view.pinned);
    pin(place + 1 < all.length ? all[place + 1] : null);
};

/// In one lane: `y` gives the height of an offset.
const drawPinned = (area, x, y, width, height, partition) => {
    const pinned = view.pinned;
    if (!pinned || pinned.partition !== partition) return;
    if (pinned.offset !== null)
        area.append(svg("line", { class: "pinned", x1: 0, x2: width, y1: y(pinned.offset), y2: y(pinned.offset) }));
    for (const moment of pinned.moments) {
        if (moment.time_us < view.from || moment.time_us > view.to) continue;
        const at = svg("line", { class: "pinned moment", x1: x(moment.time_us), x2: x(moment.time_us), y1: 0, y2: height });
        area.append(titled(at, pinned.record + ": " + moment.title));
    }
};
