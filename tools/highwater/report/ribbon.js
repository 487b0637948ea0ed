// The faults, above all other charts, and as shades behind them.

const faultEnd = fault => (fault.to_us === null ? view.end : fault.to_us);

/// Faults in rows, so that those of one time do not hide each other.
const faultRows = faults => {
    const ends = [];
    return faults.map(fault => {
        let row = ends.findIndex(end => end <= fault.from_us);
        if (row < 0) row = ends.push(0) - 1;
        ends[row] = faultEnd(fault) + view.end / 200;
        return { fault, row };
    });
};

const makeRibbon = faults => {
    const rows = faultRows(faults);
    const height = 6 + 18 * Math.max(1, ...rows.map(one => one.row + 1));
    return timeChart({
        name: "Faults", kind: "ribbon", height,
        label: at => {
            const now = faults.filter(fault => fault.from_us <= at && at <= faultEnd(fault));
            return [el("b", {}, "Faults"), el("span", { class: "value" }, now.map(one => one.do + " " + one.target).join(", "))];
        },
        draw: (area, x, width) => {
            if (faults.length === 0) area.append(svg("text", { class: "quiet", x: 4, y: 15 }, "none"));
            for (const { fault, row } of rows) {
                const from = x(Math.max(view.from, fault.from_us));
                const to = x(Math.min(view.to, faultEnd(fault)));
                if (faultEnd(fault) < view.from || fault.from_us > view.to) continue;
                const words = fault.do + " " + fault.target;
                const mark = svg("g", { class: "fault", "data-fault": fault.name },
                    svg("rect", { x: from, y: 3 + 18 * row, width: Math.max(4, to - from), height: 15, rx: 2 }));
                titled(mark, fault.name + ": " + words + ", " + timeText(fault.from_us) +
                    (fault.to_us === null ? ", to the end" : fault.to_us > fault.from_us ? " to " + timeText(fault.to_us) : ""));
                const inside = to - from > 7 * words.length;
                const later = rows.filter(one => one.row === row && one.fault.from_us > fault.from_us).map(one => x(one.fault.from_us));
                const room = Math.min(width, ...later) - to;
                if (inside || room > 10 + 6.5 * words.length)
                    mark.append(svg("text", { class: inside ? "inside" : "", x: inside ? from + 4 : to + 6, y: 14 + 18 * row }, words));
                area.append(mark);
            }
        },
    });
};

/// Shades behind another chart where faults were.
const shadeFaults = (area, x, height) => {
    for (const fault of data.run ? data.run.faults : []) {
        if (faultEnd(fault) < view.from || fault.from_us > view.to) continue;
        const from = x(Math.max(view.from, fault.from_us));
        const to = x(Math.min(view.to, faultEnd(fault)));
        area.append(svg("rect", { class: "shade", x: from, y: 0, width: Math.max(1, to - from), height }));
    }
};
