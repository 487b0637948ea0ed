// A lane for each replica: role and epoch as colour and letter, in or out of the ISR as hatching, the high watermark
// and the log end as steps.

const laneHeight = 40;

/// The hatching patterns; every drawing may use them by name.
const makePatterns = () => {
    const hatch = (id, kind, angle) =>
        svg("pattern", { id, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(" + angle + ")" },
            svg("rect", { width: 7, height: 7, class: "ground " + kind }),
            svg("rect", { width: 2.5, height: 7, class: "stroke " + kind }));
    return svg("svg", { class: "patterns", width: 0, height: 0, "aria-hidden": "true" },
        svg("defs", {}, hatch("behind", "behind", 45), hatch("down", "down", -45)));
};

/// [time, in the ISR] of one broker, from what the controller decided.
const memberSteps = (decided, broker) => {
    const steps = [];
    for (const [time, , , isr] of decided) {
        const inside = isr.includes(broker);
        if (steps.length === 0 || steps[steps.length - 1][1] !== inside) steps.push([time, inside]);
    }
    return steps;
};

/// [time, role, epoch, in the ISR]: both kinds of steps laid over each other.
const laneSteps = (replica, members) => {
    const times = [...new Set([...replica.roles.map(one => one[0]), ...members.map(one => one[0])])].sort((a, b) => a - b);
    const steps = times.map(time => {
        const role = stepAt(replica.roles, time);
        const member = stepAt(members, time);
        return [time, role ? role[1] : "none", role ? role[2] : -1, member ? member[1] : false];
    });
    // Who is down is down, whatever the ISR says of it.
    return steps.filter((step, place) => place === 0 || step[1] !== "down" || steps[place - 1][1] !== "down");
};

const laneClass = ([, role, , inside]) => {
    if (role === "down" || role === "none") return "down";
    if (!inside) return "behind";
    return role;
};
const laneWords = ([, role, epoch, inside]) => {
    if (role === "down") return "down";
    if (role === "none") return "no role yet";
    return role + ", epoch " + epoch + (inside ? ", in the ISR" : ", out of the ISR");
};
const laneLabel = ([, role, epoch, inside]) =>
    role === "leader" || role === "follower" ? role + " e" + epoch + (inside ? ", in ISR" : ", not in ISR") : laneWords([0, role, epoch, inside]);

/// The path of a flat list of points as steps.
const stepPath = (points, x, y, columns) => {
    const shown = thin(points, view.from, view.to, columns);
    if (shown.length === 0) return "";
    let path = "";
    for (let i = 0; i < shown.length; i += 2) {
        const left = Math.max(-2, Math.min(columns + 2, x(shown[i])));
        path += (i === 0 ? "M" : "H") + left.toFixed(1) + (i === 0 ? " " : "V") + y(shown[i + 1]).toFixed(1);
    }
    return path + "H" + x(Math.min(view.to, view.end)).toFixed(1);
};

const replicaLane = (partition, replica, top) => {
    const members = memberSteps(partition.decided, replica.broker);
    const steps = laneSteps(replica, members);
    const y = offset => laneHeight - 3 - (laneHeight - 8) * offset / Math.max(1, top);
    return timeChart({
        name: partition.name + " on broker " + replica.broker, kind: "lane", height: laneHeight,
        label: at => {
            const step = stepAt(steps, at) || [0, "none", -1, false];
            const end = valueAt(replica.log_end, at);
            const mark = valueAt(replica.high_watermark, at);
            return [
                el("b", {}, "broker " + replica.broker),
                el("span", { class: "value" }, laneLabel(step)),
                el("span", { class: "value" }, "end " + countText(end || 0) + " \u00b7 hw " + countText(mark || 0)),
            ];
        },
        draw: (area, x, width) => {
            eachStep(steps, x, (step, from, wide) => {
                const kind = laneClass(step);
                const bar = svg("rect", { class: "role " + kind, x: from, y: 0, width: wide, height: laneHeight });
                area.append(titled(bar, partition.name + " on broker " + replica.broker + ": " + laneWords(step) + ", from " + timeText(step[0])));
                if (wide > 46 && kind !== "down")
                    area.append(svg("text", { class: "epoch", x: from + 4, y: 12 }, (step[1] === "leader" ? "L" : "F") + " e" + step[2]));
                if (wide > 46 && kind === "down")
                    area.append(svg("text", { class: "epoch", x: from + 4, y: 12 }, step[1] === "down" ? "down" : ""));
            });
            area.append(svg("path", { class: "log-end", d: stepPath(replica.log_end, x, y, width) }));
            area.append(svg("path", { class: "high-watermark", d: stepPath(replica.high_watermark, x, y, width) }));
            for (const [time, from, to, cause] of replica.cuts) {
                if (time < view.from || time > view.to) continue;
                const cut = svg("path", { class: "cut", d: "M" + x(time) + " 2l5 9h-10z" });
                area.append(titled(cut, "Cut from " + countText(from) + " to " + countText(to) + " at " + timeText(time) + ": " + cause.replace(/_/g, " ")));
            }
            drawPinned(area, x, y, width, laneHeight, partition.name);
        },
    });
};

/// The leader, the epoch and the ISR as the controller decided them.
const decidedLane = partition => timeChart({
    name: partition.name + ", as decided", kind: "decided", height: 22,
    label: at => {
        const step = stepAt(partition.decided, at);
        return [el("span", { class: "value" }, step ? "ISR " + step[3].join(", ") : "not created")];
    },
    draw: (area, x) => eachStep(partition.decided, x, (step, from, wide) => {
        const [time, leader, epoch, isr, cause, unclean] = step;
        const words = (leader === null ? "no leader" : "leader " + leader) + ", epoch " + epoch + ", ISR " + isr.join(", ");
        const bar = svg("rect", { class: "decision" + (leader === null ? " none" : ""), x: from, y: 2, width: wide, height: 18 });
        area.append(titled(bar, words + (unclean ? ", unclean" : "") + ": " + cause.replace(/_/g, " ") + " at " + timeText(time)));
        if (wide > 7 * words.length) area.append(svg("text", { x: from + 4, y: 15 }, words));
        else if (wide > 24) area.append(svg("text", { x: from + 4, y: 15 }, leader === null ? "\u2013" : "L" + leader));
    }),
});

const makePartition = (partition, open) => {
    let top = 1;
    for (const replica of partition.replicas)
        for (let i = 1; i < replica.log_end.length; i += 2) top = Math.max(top, replica.log_end[i]);
    const rows = [decidedLane(partition), ...partition.replicas.map(replica => replicaLane(partition, replica, top))];
    return el("details", { class: "partition", open, "data-partition": partition.name, ontoggle: event => event.target.open && redraw() },
        el("summary", {}, el("b", {}, partition.name),
            el("span", { class: "quiet" }, " " + partition.replicas.length + " replicas, offsets 0 to " + countText(top))),
        rows);
};

const lanesLegend = () => {
    const key = (kind, words) => legendKey(22, svg("rect", { class: "role " + kind, width: 22, height: 14 }), words);
    const line = (kind, words) => legendKey(22, svg("path", { class: kind, d: "M0 10H10V4H22" }), words);
    return el("p", { class: "legend" }, key("leader", "leader (L)"), key("follower", "follower in the ISR (F)"),
        key("behind", "out of the ISR"), key("down", "down"), line("log-end", "log end"), line("high-watermark", "high watermark"),
        legendKey(14, svg("path", { class: "cut", d: "M7 2l5 9h-10z" }), "log cut"));
};

const makeLanes = run => {
    const hurt = new Set(run.biographies.map(one => one.partition));
    const own = run.partitions.filter(one => !one.internal);
    const internal = run.partitions.filter(one => one.internal);
    const ordered = [...own.filter(one => hurt.has(one.name)), ...own.filter(one => !hurt.has(one.name)), ...internal];
    return el("section", { class: "lanes", "aria-label": "Replicas" }, el("h2", {}, "Replicas"), lanesLegend(),
        ordered.map((partition, place) => makePartition(partition, place < 3 && !partition.internal)));
};
