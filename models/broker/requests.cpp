#include "models/broker/parts.hpp"

#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

ServedConnection* find(Memory& memory, sim::ConnectionId id) {
    const auto at = std::lower_bound(
        memory.connections.begin(), memory.connections.end(), id,
        [](const ServedConnection& served, sim::ConnectionId wanted) { return served.id < wanted; });
    return at != memory.connections.end() && at->id == id ? &*at : nullptr;
}

ServedConnection& find_or_add(Memory& memory, sim::ConnectionId id) {
    if (ServedConnection* known = find(memory, id)) return *known;
    const auto at = std::lower_bound(
        memory.connections.begin(), memory.connections.end(), id,
        [](const ServedConnection& served, sim::ConnectionId wanted) { return served.id < wanted; });
    return *memory.connections.insert(at, ServedConnection{id, false, {}});
}

/// How long a handler is busy: drawn, and longer for the records of a produce request.
sim::Duration service_time(Broker& broker, const Mail& mail, Turn& turn) {
    const auto owner = static_cast<std::uint64_t>(broker.slot.value);
    const NetworkConfiguration& machine = turn.configuration.network;
    const sim::Duration drawn = turn.draw(machine.request_service, Purpose::request_service, owner);
    const auto* produce = std::get_if<ProduceRequest>(&mail);
    if (produce == nullptr) return turn.busy_for(drawn);
    std::int64_t bytes = 0;
    for (const ProduceContent::Entry& entry : turn.slabs().produce.open(produce->content).entries)
        bytes += entry.batch.bytes;
    const sim::Duration busy = turn.busy_for(drawn + machine.service_per_kibibyte * bytes / 1024);
    if (broker.disk.devices.empty()) return busy;
    return written_at(broker, *produce, turn.now + busy, turn) - turn.now;
}

/// Gives the request to a free handler, or queues it. Source: RequestChannel, KafkaRequestHandler.
/// Shape: a connection has at most one request here, so queued.max.requests is never reached.
void enqueue(Broker& broker, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    Memory& memory = broker.memory;
    for (std::size_t i = 0; i < memory.in_service.size(); ++i) {
        if (memory.in_service[i].connection.valid()) continue;
        memory.in_service[i] = {connection, mail};
        turn.after(service_time(broker, mail, turn),
                   timer(BrokerTimer::service, 0, static_cast<std::uint32_t>(i)));
        return;
    }
    memory.request_queue.push_back({connection, mail});
}

void handle_request(Broker& broker, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    if (const auto* produce = std::get_if<ProduceRequest>(&mail))
        return handle(broker, connection, *produce, turn);
    if (const auto* fetch = std::get_if<FetchRequest>(&mail)) return handle(broker, connection, *fetch, turn);
    if (const auto* metadata = std::get_if<MetadataRequest>(&mail))
        return handle(broker, connection, *metadata, turn);
    if (const auto* init = std::get_if<InitProducerIdRequest>(&mail))
        if (init->transactional_id == no_transactional_id) return handle(broker, connection, *init, turn);
    if (const auto* list = std::get_if<ListOffsetsRequest>(&mail))
        return handle(broker, connection, *list, turn);
    if (const auto* epoch = std::get_if<OffsetsForLeaderEpochRequest>(&mail))
        return handle(broker, connection, *epoch, turn);
    if (const auto* coordinator = std::get_if<FindCoordinatorRequest>(&mail))
        return handle(broker, connection, *coordinator, turn);
    if (has_zookeeper(turn) && handle_control_request(broker, connection, mail, turn)) return;
    if (handle_group_request(broker, connection, mail, turn)) return;
    if (handle_transaction_request(broker, connection, mail, turn)) return;
    turn.release(mail);
    unmute(broker, connection, turn);
    turn.ignore("a broker serves no such request");
}

} // namespace

void accept_mail(Broker& broker, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    ServedConnection& served = find_or_add(broker.memory, connection);
    if (served.busy || !serves_requests(broker)) {
        served.waiting.push_back(mail);
        return;
    }
    served.busy = true;
    enqueue(broker, connection, mail, turn);
}

/// Requests that came while the process was starting. Source: SocketServer.enableRequestProcessing.
void serve_held_requests(Broker& broker, Turn& turn) {
    for (ServedConnection& served : broker.memory.connections) {
        if (served.busy || served.waiting.empty()) continue;
        const Mail mail = served.waiting.front();
        served.waiting.erase(served.waiting.begin());
        served.busy = true;
        enqueue(broker, served.id, mail, turn);
    }
}

void finish_service(Broker& broker, std::uint32_t place, Turn& turn) {
    Memory& memory = broker.memory;
    const QueuedRequest request = memory.in_service[place];
    if (!broker.disk.devices.empty() && stands_in_write(broker, request.mail, turn))
        return memory.disk_work.stuck.push_back(place);
    memory.in_service[place] = {};
    if (!memory.request_queue.empty()) {
        const QueuedRequest waiting = memory.request_queue.front();
        memory.request_queue.erase(memory.request_queue.begin());
        enqueue(broker, waiting.connection, waiting.mail, turn);
    }
    handle_request(broker, request.connection, request.mail, turn);
}

void respond(Broker& broker, sim::ConnectionId connection, const Mail& mail, std::int32_t bytes, Turn& turn) {
    turn.send(connection, sim::Side::server, mail, bytes);
    unmute(broker, connection, turn);
}

void unmute(Broker& broker, sim::ConnectionId connection, Turn& turn) {
    ServedConnection* served = find(broker.memory, connection);
    if (served == nullptr) return;
    if (served->waiting.empty()) {
        served->busy = false;
        return;
    }
    const Mail mail = served->waiting.front();
    served->waiting.erase(served->waiting.begin());
    enqueue(broker, connection, mail, turn);
}

/// The client went away. What it has asked for and what is queued is still done; only the answer has nowhere
/// to go.
void forget_connection(Broker& broker, sim::ConnectionId connection, Turn& turn) {
    Memory& memory = broker.memory;
    turn.close(connection, sim::Side::server);
    std::erase_if(memory.delayed_fetches, [&](const DelayedFetch& fetch) {
        if (fetch.connection != connection) return false;
        turn.cancel(fetch.timer);
        turn.release(fetch.request);
        return true;
    });
    ServedConnection* served = find(memory, connection);
    if (served == nullptr) return;
    // 1. A leader is back before its session has ended and may not register. 2. A client connects, asks,
    // times out and hangs up. 3. The broker serves: nothing of that is ever written. Before 3.5 the kernel
    // accepts the connection, but the first request of a client is ApiVersions (KIP-97, 0.10.2) and no other
    // follows before it is answered (NetworkClient: checkingApiVersions); from 3.5 the port is closed under
    // KRaft (KAFKA-14658, MendedBugs::port_opens_when_ready).
    // Leaves out: clients before 0.10.2 and fetches of followers, which ask no ApiVersions: what they sent is
    // read from the socket later (SocketServer.enableRequestProcessing).
    if (!serves_requests(broker)) {
        for (const Mail& mail : served->waiting)
            turn.release(mail);
        memory.connections.erase(memory.connections.begin() + (served - memory.connections.data()));
        return;
    }
    // Requests that were received before the end of the stream are read and handled (SocketServer, Selector).
    for (const Mail& mail : served->waiting)
        enqueue(broker, connection, mail, turn);
    memory.connections.erase(memory.connections.begin() + (served - memory.connections.data()));
}

} // namespace kafka::parts
