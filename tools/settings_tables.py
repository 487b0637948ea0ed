#!/usr/bin/env python3
"""Makes models/settings/tables/*.tsv from the facts that were read from Kafka's jars.

usage: tools/settings_tables.py PATH/kafka-settings.tsv
Columns kept: name, type, valid, update_mode, defaults, first, last, broker_synonyms; added: modelled.
"""
import csv
import pathlib
import sys

MODELLED = {
    "producer": """acks enable.idempotence retries max.in.flight.requests.per.connection batch.size linger.ms
        max.request.size request.timeout.ms delivery.timeout.ms retry.backoff.ms retry.backoff.max.ms
        reconnect.backoff.ms reconnect.backoff.max.ms socket.connection.setup.timeout.ms
        socket.connection.setup.timeout.max.ms metadata.max.age.ms metadata.recovery.strategy timeout.ms
        buffer.memory max.block.ms block.on.buffer.full metadata.fetch.timeout.ms compression.type partitioner.class
        partitioner.ignore.keys partitioner.adaptive.partitioning.enable transactional.id transaction.timeout.ms""",
    "consumer": """auto.offset.reset fetch.min.bytes fetch.max.bytes max.partition.fetch.bytes fetch.max.wait.ms
        request.timeout.ms retry.backoff.ms retry.backoff.max.ms reconnect.backoff.ms reconnect.backoff.max.ms
        socket.connection.setup.timeout.ms socket.connection.setup.timeout.max.ms metadata.max.age.ms
        session.timeout.ms heartbeat.interval.ms max.poll.interval.ms max.poll.records enable.auto.commit
        auto.commit.interval.ms group.instance.id group.protocol client.rack
        group.remote.assignor partition.assignment.strategy default.api.timeout.ms isolation.level""",
    "topic": """min.insync.replicas unclean.leader.election.enable max.message.bytes flush.messages flush.ms
        segment.bytes segment.ms retention.bytes retention.ms message.timestamp.type message.timestamp.before.max.ms
        message.timestamp.after.max.ms message.timestamp.difference.max.ms cleanup.policy min.cleanable.dirty.ratio
        min.compaction.lag.ms max.compaction.lag.ms delete.retention.ms""",
    "broker": """replica.lag.time.max.ms replica.lag.max.messages replica.fetch.wait.max.ms replica.fetch.min.bytes
        replica.fetch.max.bytes replica.fetch.response.max.bytes replica.fetch.backoff.ms replica.socket.timeout.ms
        replica.high.watermark.checkpoint.interval.ms request.timeout.ms num.io.threads
        broker.heartbeat.interval.ms broker.session.timeout.ms zookeeper.session.timeout.ms controlled.shutdown.enable
        controlled.shutdown.max.retries controlled.shutdown.retry.backoff.ms delete.topic.enable
        leader.imbalance.per.broker.percentage
        auto.leader.rebalance.enable leader.imbalance.check.interval.seconds unclean.leader.election.interval.ms
        controller.quorum.append.linger.ms controller.quorum.request.timeout.ms log.flush.scheduler.interval.ms
        broker.rack replica.selector.class min.insync.replicas unclean.leader.election.enable message.max.bytes
        controller.quorum.retry.backoff.ms controller.quorum.election.timeout.ms controller.quorum.fetch.timeout.ms
        controller.quorum.election.backoff.max.ms metadata.max.idle.interval.ms
        metadata.log.max.record.bytes.between.snapshots metadata.log.max.snapshot.interval.ms
        log.retention.check.interval.ms log.flush.start.offset.checkpoint.interval.ms log.initial.task.delay.ms
        log.message.timestamp.type log.message.timestamp.before.max.ms log.message.timestamp.after.max.ms
        log.message.timestamp.difference.max.ms
        log.cleanup.policy log.cleaner.enable log.cleaner.backoff.ms log.cleaner.min.cleanable.ratio
        log.cleaner.min.compaction.lag.ms log.cleaner.max.compaction.lag.ms log.cleaner.delete.retention.ms
        log.retention.ms log.retention.minutes log.retention.hours log.retention.bytes log.segment.bytes log.roll.ms
        num.recovery.threads.per.data.dir log.roll.hours log.dirs log.dir.failure.timeout.ms log.flush.interval.messages log.flush.interval.ms default.replication.factor num.partitions
        group.initial.rebalance.delay.ms group.min.session.timeout.ms group.max.session.timeout.ms group.max.size
        group.consumer.session.timeout.ms group.consumer.min.session.timeout.ms group.consumer.max.session.timeout.ms
        group.consumer.heartbeat.interval.ms group.consumer.min.heartbeat.interval.ms
        group.consumer.max.heartbeat.interval.ms group.consumer.max.size group.consumer.assignors
        group.coordinator.append.linger.ms offsets.commit.timeout.ms offsets.retention.minutes offsets.retention.check.interval.ms offsets.topic.num.partitions
        offsets.topic.replication.factor transaction.state.log.min.isr
        transaction.state.log.num.partitions transaction.state.log.replication.factor
        transaction.abort.timed.out.transaction.cleanup.interval.ms transaction.max.timeout.ms
        transaction.partition.verification.enable add.partitions.to.txn.retry.backoff.ms
        add.partitions.to.txn.retry.backoff.max.ms""",
}

def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    target = pathlib.Path(__file__).resolve().parent.parent / "models/settings/tables"
    target.mkdir(parents=True, exist_ok=True)
    with open(sys.argv[1], encoding="utf-8") as facts:
        rows = list(csv.DictReader(facts, delimiter="\t", quoting=csv.QUOTE_NONE))
    for scope, modelled in MODELLED.items():
        names = set(modelled.split())
        lines = ["name\ttype\tvalid\tupdate_mode\tdefaults\tfirst\tlast\tbroker_synonyms\tmodelled"]
        for row in rows:
            if row["scope"] != scope:
                continue
            fields = [row["name"], row["type"], row["valid"], row["update_mode"], row["defaults"],
                      row["first_release_seen"], row["last_release_seen"], row["broker_synonyms"] or "",
                      "yes" if row["name"] in names else "no"]
            lines.append("\t".join(fields))
        (target / f"{scope}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")

if __name__ == "__main__":
    main()
