// What the clients did: requests from send to answer, deliveries, assignments.

const endings = ["acknowledged", "tried again", "failed", "no answer"];
const endingClass = ["acked", "retried", "failed", "unanswered"];
const most = 500; // boxes in the window; above it they become bars

/// First places of requests that can reach into the window; they are sorted by when they were sent.
const within = requests => {
    const longest = requests.longest;
    let first = 0;
    let high = requests.length;
    while (first < high) {
        const middle = (first + high) >> 1;
        if (requests[middle][0] < view.from - longest) first = middle + 1;
        else high = middle;
    }
    const shown = [];
    for (let i = first; i < requests.length && requests[i][0] <= view.to; ++i)
        if (requests[i][1] < 0 || requests[i][1] >= view.from) shown.push(requests[i]);
    return shown;
};

const requestWords = ([sent, end, ending, count, name, broker]) =>
    name + " (" + count + ") to broker " + broker + ", sent " + timeText(sent) +
    (end < 0 ? ", no answer" : ", " + endings[ending] + " after " + timeText(end - sent));

/// Boxes from sent to answered, in rows where they overlap.
const drawBoxes = (area, shown, x, height) => {
    const rows = [];
    const placed = shown.map(request => {
        const end = request[1] < 0 ? view.end : request[1];
        let row = rows.findIndex(busy => busy <= request[0]);
        if (row < 0) row = rows.push(0) - 1;
        rows[row] = end;
        return { request, row, end };
    });
    const tall = Math.min(10, (height - 4) / Math.max(1, rows.length));
    for (const { request, row, end } of placed) {
        const from = x(Math.max(view.from, request[0]));
        const box = svg("rect", { class: "request " + endingClass[request[2]], x: from, y: 2 + row * tall,
            width: Math.max(1.5, x(Math.min(view.to, end)) - from - 0.5), height: Math.max(1, tall - 0.7) });
        area.append(titled(box, requestWords(request)));
    }
};

/// Records in each column: answered well upwards, the rest from the top down. Heights are square roots, so that the
/// flood after an outage does not make the rest disappear.
const drawBars = (area, shown, x, width, height) => {
    const columns = Math.max(1, Math.floor(width / 4));
    const good = new Float64Array(columns + 1);
    const bad = new Float64Array(columns + 1);
    for (const request of shown) {
        const time = request[1] < 0 ? view.to : request[1];
        if (time < view.from || time > view.to) continue;
        const column = Math.floor((time - view.from) / (view.to - view.from) * columns);
        (request[2] === 0 ? good : bad)[column] += request[3];
    }
    const greatest = Math.max(1, ...good, ...bad);
    const bars = (values, kind, top) => {
        let path = "";
        values.forEach((value, column) => {
            if (value === 0) return;
            const tall = Math.max(1, Math.sqrt(value / greatest) * (height - 6));
            path += "M" + 4 * column + " " + (top ? 2 : height - 2 - tall) + "h3v" + tall + "h-3z";
        });
        area.append(svg("path", { class: "request " + kind, d: path }));
    };
    bars(good, "acked", false);
    bars(bad, "retried", true);
};

const producerLane = producer => {
    const requests = producer.requests;
    requests.longest = requests.reduce((longest, one) => Math.max(longest, one[1] < 0 ? view.end - one[0] : one[1] - one[0]), 0);
    const height = 46;
    return timeChart({
        name: "Producer " + producer.name, kind: "client", height,
        label: at => {
            const waiting = requests.filter(one => one[0] <= at && (one[1] < 0 || one[1] > at)).length;
            return [el("b", {}, "producer " + producer.name), el("span", { class: "value" }, "to " + producer.topic),
                el("span", { class: "value" }, waiting + " requests under way")];
        },
        draw: (area, x, width) => {
            shadeFaults(area, x, height);
            const shown = within(requests);
            if (shown.length <= most) drawBoxes(area, shown, x, height);
            else drawBars(area, shown, x, width, height);
        },
    });
};

const consumerLane = consumer => {
    const height = 40;
    return timeChart({
        name: "Consumer " + consumer.name, kind: "client", height,
        label: at => {
            const own = consumer.assigned.filter(([, from, to]) => from <= at && at <= to).map(([partition]) => partition);
            return [el("b", {}, "consumer " + consumer.name), consumer.group ? el("span", { class: "value" }, "group " + consumer.group) : null,
                el("span", { class: "value" }, own.length > 3 ? own.length + " partitions" : own.join(", "))].filter(Boolean);
        },
        draw: (area, x, width) => {
            shadeFaults(area, x, height);
            for (const [partition, from, to] of consumer.assigned) {
                if (to < view.from || from > view.to) continue;
                const bar = svg("rect", { class: "assigned", x: x(Math.max(view.from, from)), y: height - 7,
                    width: Math.max(1, x(Math.min(view.to, to)) - x(Math.max(view.from, from))), height: 5 });
                area.append(titled(bar, partition + " assigned, " + timeText(from) + " to " + timeText(to)));
            }
            const columns = Math.max(1, Math.floor(width / 4));
            const sums = new Float64Array(columns + 1);
            for (let i = after(consumer.deliveries, view.from - 1); 2 * i < consumer.deliveries.length && consumer.deliveries[2 * i] <= view.to; ++i)
                sums[Math.floor((consumer.deliveries[2 * i] - view.from) / (view.to - view.from) * columns)] += consumer.deliveries[2 * i + 1];
            const greatest = Math.max(1, ...sums);
            let path = "";
            sums.forEach((value, column) => {
                if (value > 0) path += "M" + 4 * column + " " + (height - 9) + "h3v" + -Math.max(1, Math.sqrt(value / greatest) * (height - 13)) + "h-3z";
            });
            area.append(svg("path", { class: "delivered", d: path }));
        },
    });
};

const clientsLegend = () => el("p", { class: "legend" },
    endingClass.map((kind, place) => legendKey(16, svg("rect", { class: "request " + kind, width: 16, height: 12 }), endings[place])),
    legendKey(16, svg("rect", { class: "delivered", width: 16, height: 12 }), "delivered"),
    legendKey(16, svg("rect", { class: "assigned", y: 4, width: 16, height: 5 }), "partitions assigned"),
    el("span", { class: "quiet" }, "Bars: square roots of records. Zoom in until they become single requests."));

const makeClients = run => el("section", { class: "clients", "aria-label": "Clients" }, el("h2", {}, "Clients"), clientsLegend(),
    run.producers.map(producerLane), run.consumers.map(consumerLane));
