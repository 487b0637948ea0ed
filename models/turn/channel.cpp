#include "models/turn/channel.hpp"

namespace kafka {

bool ensure_ready(Channel& channel, sim::ProcessId server, LinkKind kind, Turn& turn) {
    if (channel.state == Channel::State::ready) return true;
    if (channel.state == Channel::State::connecting || channel.retry_at > turn.now) return false;
    channel.connection = turn.open(server, kind);
    channel.state = Channel::State::connecting;
    return false;
}

void give_up(Channel& channel, sim::Duration backoff, Turn& turn) {
    if (channel.connection.valid()) turn.close(channel.connection, sim::Side::client);
    mark_closed(channel, backoff, turn);
}

void mark_closed(Channel& channel, sim::Duration backoff, Turn& turn) {
    channel.state = Channel::State::closed;
    channel.connection = sim::no_connection;
    channel.in_flight = false;
    channel.retry_at = turn.now + backoff;
    channel.round += 1;
}

} // namespace kafka
