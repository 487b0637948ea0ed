// The verdict in numbers, the guarantees in words.

const tile = (key, name, value, kind, note) =>
    el("div", { class: "tile " + (kind || ""), "data-key": key, "data-value": String(value.raw) },
        el("div", { class: "name" }, name),
        el("div", { class: "value" }, value.text),
        note ? el("div", { class: "note" }, note) : null);

const plain = number => ({ raw: number, text: countText(number) });
const lasting = micros => ({ raw: micros, text: timeText(micros) });

const makeTiles = verdict => {
    const records = verdict.records;
    const bad = number => (number > 0 ? "bad" : "good");
    const warn = number => (number > 0 ? "warn" : "");
    const writes = Object.entries(verdict.partitions).filter(([name]) => !name.startsWith("__"));
    const worst = writes.reduce((most, [, one]) => Math.max(most, one.write_unavailable_us.total), 0);
    const share = records.acknowledged > 0 ? records.lost / records.acknowledged : 0;
    const tiles = [
        tile("records.lost", "lost", plain(records.lost), bad(records.lost),
            records.lost > 0 ? percentText(share) + " of the acknowledged" : "of the acknowledged records"),
        tile("records.sent", "sent", plain(records.sent)),
        tile("records.acknowledged", "acknowledged", plain(records.acknowledged)),
        tile("records.failed", "failed", plain(records.failed), warn(records.failed), "the application was told"),
        tile("records.unknown", "unknown", plain(records.unknown), warn(records.unknown), "nobody was told"),
        tile("records.duplicated", "duplicated", plain(records.duplicated), warn(records.duplicated)),
        tile("records.reordered", "reordered", plain(records.reordered), warn(records.reordered)),
        tile("records.unread", "unread", plain(records.unread), warn(records.unread)),
        tile("write_unavailable", "no writes", lasting(worst), worst > 0 ? "warn" : "", "of the partition that waited longest"),
    ];
    if (records.unavailable > 0)
        tiles.splice(1, 0, tile("records.unavailable", "unavailable", plain(records.unavailable), "warn", "no leader at the end"));
    for (const [name, producer] of Object.entries(verdict.producers))
        tiles.push(tile("ack_p99." + name, "ack p99, " + name, lasting(producer.ack_latency_us.p99), "",
            "median " + timeText(producer.ack_latency_us.p50)));
    return el("section", { class: "tiles", "aria-label": "Verdict" }, tiles);
};

const marks = { held: "\u2713", allowed: "!", violated: "\u2717", not_applicable: "\u2013" };

const makeGuarantees = verdict => {
    const rows = Object.entries(verdict.guarantees).filter(([, state]) => state !== "not_applicable").map(([name, state]) =>
        el("li", { class: "guarantee " + state, "data-guarantee": name, "data-state": state },
            el("span", { class: "mark", "aria-hidden": "true" }, marks[state] || "?"),
            el("span", {}, name.replace(/_/g, " "), ": ", el("b", {}, state)),
            verdict.because && verdict.because[name] ? el("span", { class: "because" }, verdict.because[name]) : null));
    const failed = verdict.expectations.filter(one => !one.held).map(one =>
        el("li", { class: "guarantee violated" }, el("span", { class: "mark", "aria-hidden": "true" }, "\u2717"),
            "expected " + one.that + " " + one.wanted + ", got " + JSON.stringify(one.got)));
    return el("section", { class: "guarantees", "aria-label": "Guarantees" },
        el("h2", {}, "Guarantees"), el("ul", {}, rows, failed));
};

const lossSentence = loss => {
    const many = loss.records[0] === loss.records[1] ? loss.records[0] : loss.records[0] + " to " + loss.records[1];
    const removed = loss.last_copy_removed;
    const words = [many + " of " + loss.partition + ", " + countText(loss.count) + " records: acknowledged " +
        (loss.acknowledged_by === null ? "" : "by broker " + loss.acknowledged_by + " ") + "at " +
        timeText(loss.acknowledged_us) + " (" + loss.evidence + ")."];
    if (removed) words.push("The last copy went from broker " + removed.broker + " at " + timeText(removed.time_us) + ": " + removed.by + ".");
    words.push(loss.allowed_because ? loss.allowed_because + " allows this." : "Nothing in the configuration allows this.");
    return words.join(" ");
};

const makeLosses = verdict => {
    if (verdict.losses.length === 0) return null;
    const most = 20;
    const items = verdict.losses.slice(0, most).map(loss => el("li", {}, lossSentence(loss)));
    if (verdict.losses.length > most)
        items.push(el("li", {}, "and " + (verdict.losses.length - most) + " more stretches of records; the verdict names them all"));
    return el("section", { class: "losses", "aria-label": "Losses" }, el("h2", {}, "What was lost"), el("ul", {}, items));
};
