// One axis of time for all charts: the window that is shown, the instant that the scrubber points at, the keys.

const view = {
    end: 0, from: 0, to: 0, at: 0,
    pinned: null, // a biography
    charts: [],   // what is drawn anew when the window changes
    cursors: [],  // what follows the scrubber
    printing: false,
    stops: [],    // instants worth a jump: faults, elections, moments of records
};

/// Pixels for time: the page less its label; on paper what an A4 page has.
const chartWidth = () => {
    if (view.printing) return 640;
    const main = document.getElementById("main");
    const style = window.getComputedStyle(main);
    const inside = main.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return Math.max(240, inside - (window.matchMedia("(max-width: 760px)").matches ? 0 : 178));
};
const scale = width => time => (time - view.from) / (view.to - view.from) * width;

const redraw = () => view.charts.forEach(draw => draw());
const follow = () => {
    view.cursors.forEach(show => show());
    const range = document.getElementById("scrubber");
    if (!range) return;
    range.min = view.from;
    range.max = view.to;
    range.step = Math.max(1, Math.round((view.to - view.from) / 2000));
    range.value = view.at;
    range.setAttribute("aria-valuetext", timeText(view.at));
    document.getElementById("instant").textContent = timeText(view.at);
    const zoom = view.end / (view.to - view.from);
    document.getElementById("window").textContent =
        timeText(view.from) + " to " + timeText(view.to) + (zoom > 1.01 ? " (" + rounded(zoom, 3) + " x)" : "");
};
/// The link to what is seen, kept in the address, so that it can be sent to somebody.
const remember = () => {
    const parts = ["t=" + (view.at / 1e6).toFixed(6) + "s"];
    if (view.pinned) parts.push("record=" + encodeURIComponent(view.pinned.record));
    try {
        history.replaceState(null, "", "#" + parts.join("&"));
    } catch (error) {
        // Some browsers keep file addresses as they are.
    }
};

const moveTo = time => {
    view.at = Math.round(Math.min(view.end, Math.max(0, time)));
    if (view.at < view.from || view.at > view.to) {
        const half = (view.to - view.from) / 2;
        show(view.at - half, view.at + half);
        return;
    }
    follow();
    remember();
};
const show = (from, to) => {
    const width = Math.min(view.end, Math.max(200, to - from));
    view.from = Math.round(Math.min(Math.max(0, from), view.end - width));
    view.to = Math.round(view.from + width);
    redraw();
    follow();
    remember();
};
const zoomBy = factor => {
    const left = (view.at - view.from) * factor;
    const right = (view.to - view.at) * factor;
    show(view.at - left, view.at + right);
};
const jump = direction => {
    const stops = view.stops.filter(stop => direction > 0 ? stop.time > view.at : stop.time < view.at);
    if (stops.length === 0) return;
    const stop = direction > 0 ? stops[0] : stops[stops.length - 1];
    moveTo(stop.time);
    status(timeText(stop.time) + ": " + stop.what);
};

const keys = {
    ArrowLeft: event => moveTo(view.at - (view.to - view.from) / (event.shiftKey ? 2000 : 100)),
    ArrowRight: event => moveTo(view.at + (view.to - view.from) / (event.shiftKey ? 2000 : 100)),
    Home: () => moveTo(view.from),
    End: () => moveTo(view.to),
    ",": () => jump(-1),
    ".": () => jump(1),
    "+": () => zoomBy(0.5),
    "=": () => zoomBy(0.5),
    "-": () => zoomBy(2),
    "0": () => show(0, view.end),
    p: () => pinNext(),
    Escape: () => pin(null),
};
const onKey = event => {
    const target = event.target;
    const typing = target instanceof Element && target.closest("input:not([type=range]), select, textarea");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key](event);
};

const makeBar = () => {
    const bar = document.getElementById("bar");
    const button = (text, label, act) =>
        el("button", { type: "button", onclick: act, "aria-label": label, title: label }, text);
    bar.append(
        el("div", { class: "scrub" },
            el("label", { for: "scrubber" }, "Time"),
            el("output", { id: "instant", for: "scrubber" }),
            el("input", { type: "range", id: "scrubber", oninput: event => moveTo(Number(event.target.value)) }),
            el("span", { id: "window" })),
        el("div", { class: "buttons" },
            button("\u2039 event", "Previous event (comma)", () => jump(-1)),
            button("event \u203a", "Next event (full stop)", () => jump(1)),
            button("+", "Zoom in (+)", () => zoomBy(0.5)),
            button("\u2212", "Zoom out (-)", () => zoomBy(2)),
            button("All", "Whole run (0)", () => show(0, view.end)),
            el("span", { id: "pinned" })));
    bar.hidden = false;
    document.addEventListener("keydown", onKey);
};

/// Round steps of time, about `wanted` of them in the window.
const ticks = wanted => {
    const rough = (view.to - view.from) / wanted;
    const power = Math.pow(10, Math.floor(Math.log10(rough)));
    const step = [1, 2, 5, 10].map(factor => factor * power).find(one => one >= rough);
    const all = [];
    for (let time = Math.ceil(view.from / step) * step; time <= view.to; time += step) all.push(time);
    return all;
};

/// One row: a label at the left, a drawing over the time axis at the right, the scrubber's line across it.
/// `draw(area, x, width)` gets a group to fill; `label()` is read again whenever the scrubber moves.
const timeChart = options => {
    const label = el("div", { class: "label" });
    const frame = svg("svg", { class: "chart", role: "img", "aria-label": options.name, preserveAspectRatio: "none" });
    const row = el("div", { class: "row " + (options.kind || "") }, label, frame);
    const line = svg("line", { class: "now", y1: 0, y2: options.height });
    let width = 0;
    const place = () => {
        const x = scale(width)(view.at);
        line.setAttribute("x1", x);
        line.setAttribute("x2", x);
        const words = options.label ? options.label(view.at) : options.name;
        label.replaceChildren(...[words].flat());
    };
    const draw = () => {
        if (row.closest("details:not([open])")) return;
        width = chartWidth();
        frame.setAttribute("viewBox", "0 0 " + width + " " + options.height);
        frame.setAttribute("height", options.height);
        const area = svg("g", {});
        if (options.grid !== false)
            for (const time of ticks(8))
                area.append(svg("line", { class: "grid", x1: scale(width)(time), x2: scale(width)(time), y1: 0, y2: options.height }));
        options.draw(area, scale(width), width);
        frame.replaceChildren(area, line);
        place();
    };
    frame.addEventListener("click", event => {
        const box = frame.getBoundingClientRect();
        moveTo(view.from + (event.clientX - box.left) / box.width * (view.to - view.from));
    });
    view.charts.push(draw);
    view.cursors.push(place);
    return row;
};

const axis = () => timeChart({
    name: "Time axis", kind: "axis", height: 20, label: () => "",
    draw: (area, x) => {
        for (const time of ticks(8))
            area.append(svg("text", { x: x(time) + 3, y: 14 }, timeText(time)));
    },
});

/// Draws `steps` ([time, ...]) as bars that last until the next; `make(step, x, width)` gives the marks of one.
const eachStep = (steps, x, make) => {
    steps.forEach((step, place) => {
        const from = Math.max(step[0], view.from);
        const to = Math.min(place + 1 < steps.length ? steps[place + 1][0] : view.end, view.to);
        if (to > from || (to === from && step[0] === from)) make(step, x(from), Math.max(1, x(to) - x(from)), to);
    });
};
