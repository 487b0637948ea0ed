// Latency and lag over time. Drawn by hand: a page may hold 100,000 points, a column of pixels shows four of them.

const seriesHeight = 110;

/// Powers of ten between two values, or round steps where they are close.
const levels = (least, greatest, logarithmic) => {
    const all = [];
    if (logarithmic) {
        for (let level = Math.pow(10, Math.ceil(Math.log10(least))); level <= greatest; level *= 10) all.push(level);
        return all;
    }
    const power = Math.pow(10, Math.floor(Math.log10(Math.max(1, greatest))));
    const step = greatest / power >= 5 ? 2 * power : greatest / power >= 2 ? power : power / 2;
    for (let level = step; level <= greatest; level += step) all.push(level);
    return all;
};

const makeSeries = series => {
    const logarithmic = series.unit === "us";
    let greatest = 1;
    let least = Infinity;
    for (let i = 1; i < series.points.length; i += 2) {
        greatest = Math.max(greatest, series.points[i]);
        if (series.points[i] > 0) least = Math.min(least, series.points[i]);
    }
    least = Math.min(least, greatest / 10);
    const y = value => {
        const share = logarithmic ? Math.log(Math.max(least, value) / least) / Math.log(greatest / least) : value / greatest;
        return seriesHeight - 6 - (seriesHeight - 16) * share;
    };
    const words = value => (logarithmic ? timeText(value) : countText(value));
    return timeChart({
        name: series.title, kind: "series", height: seriesHeight,
        label: at => {
            const value = valueAt(series.points, at);
            return [el("b", {}, series.title), el("span", { class: "value" }, value === null ? "" : words(value)),
                el("span", { class: "quiet" }, (logarithmic ? "log scale, " : "") + "at most " + words(greatest))];
        },
        draw: (area, x, width) => {
            shadeFaults(area, x, seriesHeight);
            for (const level of levels(least, greatest, logarithmic)) {
                area.append(svg("line", { class: "grid", x1: 0, x2: width, y1: y(level), y2: y(level) }));
                area.append(svg("text", { class: "level", x: width - 4, y: y(level) - 2 }, words(level)));
            }
            if (!logarithmic) {
                area.append(svg("path", { class: "curve", d: stepPath(series.points, x, y, width) }));
                return;
            }
            const shown = thin(series.points, view.from, view.to, width);
            let path = "";
            for (let i = 0; i < shown.length; i += 2)
                path += "M" + x(shown[i]).toFixed(1) + " " + y(shown[i + 1]).toFixed(1) + "h1.6";
            area.append(svg("path", { class: "dots", d: path }));
        },
    });
};

const makeAllSeries = run => run.series.length === 0 ? null :
    el("section", { class: "all-series", "aria-label": "Latency and lag" }, el("h2", {}, "Latency and lag"), run.series.map(makeSeries));
