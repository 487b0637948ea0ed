// Making elements, words for numbers, the data of the page. Text only ever enters as text.

const data = JSON.parse(document.getElementById("data").textContent);

const svgSpace = "http://www.w3.org/2000/svg";

const put = (element, attributes, children) => {
    for (const [name, value] of Object.entries(attributes || {})) {
        if (value === null || value === undefined || value === false) continue;
        if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
        else element.setAttribute(name, value === true ? "" : value);
    }
    for (const child of children.flat(3))
        if (child !== null && child !== undefined && child !== false) element.append(child);
    return element;
};
const el = (tag, attributes, ...children) => put(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) =>
    put(document.createElementNS(svgSpace, tag), attributes, children);
/// A mark with a tooltip, which is also what a screen reader says.
const titled = (element, text) => {
    element.prepend(svg("title", {}, text));
    return element;
};

const countText = number => String(Math.round(number)).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
const rounded = (number, digits) => String(Number(number.toPrecision(digits)));
/// Microseconds as people say them.
const timeText = micros => {
    const size = Math.abs(micros);
    if (size >= 1e6) return (micros / 1e6).toFixed(size >= 1e8 ? 1 : 3) + " s";
    if (size >= 1e3) return rounded(micros / 1e3, 4) + " ms";
    return Math.round(micros) + " us";
};
const bytesText = bytes => {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let unit = 0;
    for (; bytes >= 1024 && unit < 4; ++unit) bytes /= 1024;
    return rounded(bytes, 3) + " " + units[unit];
};
const percentText = share =>
    share === 0 ? "0 %" : share < 0.0001 ? "< 0.01 %" : rounded(100 * share, 3) + " %";

/// A sample of a mark with its meaning.
const legendKey = (width, mark, words) =>
    el("span", { class: "key" }, svg("svg", { width, height: 14, "aria-hidden": "true" }, mark), words);

const status = text => {
    document.getElementById("status").textContent = text;
};

/// A command with a button that copies it. Without a clipboard (a page opened from a file) the text is selected.
const command = text => {
    const code = el("code", { tabindex: "0" }, text);
    const select = () => {
        const range = document.createRange();
        range.selectNodeContents(code);
        const selection = window.getSelection();
        selection.removeAllRanges();
        selection.addRange(range);
    };
    const copy = () => {
        select();
        let copied = false;
        try {
            copied = document.execCommand("copy");
        } catch (error) {
            copied = false;
        }
        status(copied ? "The command is copied." : "The command is selected.");
    };
    return el("span", { class: "command" }, code,
        el("button", { type: "button", class: "copy", onclick: copy, "aria-label": "Copy the command " + text }, "Copy"));
};

/// The last of `steps` that begins at `time` or before; steps are lists that begin with their time.
const stepAt = (steps, time) => {
    let low = 0;
    let high = steps.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (steps[middle][0] <= time) low = middle + 1;
        else high = middle;
    }
    return low > 0 ? steps[low - 1] : null;
};

/// Place in a flat list [time, value, ...] of the first point after `time`.
const after = (points, time) => {
    let low = 0;
    let high = points.length / 2;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (points[2 * middle] <= time) low = middle + 1;
        else high = middle;
    }
    return low;
};
const valueAt = (points, time) => {
    const place = after(points, time);
    return place > 0 ? points[2 * place - 1] : null;
};

/// The points of [from, to] for so many columns of pixels: of each column first, least, greatest and last, so that
/// no peak is lost. Shape: flat in, flat out; one point before and one after the window belong to it.
const thin = (points, from, to, columns) => {
    const first = Math.max(0, after(points, from) - 1);
    const end = Math.min(points.length / 2, after(points, to) + 1);
    if (end - first <= 4 * columns) return points.slice(2 * first, 2 * end);
    const out = [];
    const width = (to - from) / columns;
    for (let at = first; at < end;) {
        const column = Math.floor((points[2 * at] - from) / width);
        let least = at;
        let greatest = at;
        let next = at;
        for (; next < end && Math.floor((points[2 * next] - from) / width) === column; ++next) {
            if (points[2 * next + 1] < points[2 * least + 1]) least = next;
            if (points[2 * next + 1] > points[2 * greatest + 1]) greatest = next;
        }
        const chosen = [...new Set([at, least, greatest, next - 1])].sort((a, b) => a - b);
        for (const place of chosen) out.push(points[2 * place], points[2 * place + 1]);
        at = next;
    }
    return out;
};
