#include "tools/highwater/formats/processes.hpp"

#include "tools/highwater/names.hpp"

namespace highwater {

namespace {

using namespace kafka;

/// Whether the controller decided it; the rest happens to the broker itself.
bool is_decided(BrokerEvent event) {
    switch (event) {
    case BrokerEvent::registered:
    case BrokerEvent::unfenced:
    case BrokerEvent::fenced:
    case BrokerEvent::in_controlled_shutdown:
    case BrokerEvent::shutdown_granted:
    case BrokerEvent::registration_refused:
    case BrokerEvent::directory_failed:
    case BrokerEvent::unregistered:
        return true;
    case BrokerEvent::started:
    case BrokerEvent::stopped:
    case BrokerEvent::crashed:
    case BrokerEvent::paused:
    case BrokerEvent::resumed:
    case BrokerEvent::power_lost:
    case BrokerEvent::disk_wiped:
        return false;
    }
    return false;
}

} // namespace

Processes::Processes(const Configuration& configuration) : configuration_(configuration) {
    brokers_ = static_cast<int>(configuration.brokers.size());
    producers_ = brokers_ + static_cast<int>(configuration.control_processes());
    consumers_ = producers_ + static_cast<int>(configuration.producers.size());
    control_ = consumers_ + static_cast<int>(configuration.consumers.size());
    active_ = configuration.control_processes() == 0 ? control_ : brokers_; // or the ensemble
}

int Processes::of_producer(ProducerIndex index) const {
    if (index.value < 0) return -1;
    const ConsumerIndex owner = configuration_.producer(index).owner;
    return owner.value >= 0 ? of_consumer(owner) : producers_ + index.value;
}

int Processes::of(const Fact& fact) {
    return std::visit(
        [this](const auto& f) -> int {
            using F = std::decay_t<decltype(f)>;
            if constexpr (std::is_same_v<F, fact::PartitionChanged> ||
                          std::is_same_v<F, fact::ReplicasChanged> ||
                          std::is_same_v<F, fact::FeaturesFinalized>) {
                return active_;
            } else if constexpr (std::is_same_v<F, fact::BrokerChanged>) {
                return is_decided(f.event) ? active_ : f.broker.value;
            } else if constexpr (std::is_same_v<F, fact::ControllerActivated>) {
                if (f.active) active_ = of_voter(f.voter);
                return of_voter(f.voter);
            } else if constexpr (std::is_same_v<F, fact::ApplicationCrashed>) {
                return f.consumer.value >= 0 ? of_consumer(f.consumer) : of_producer(f.producer);
            } else if constexpr (requires { f.voter; }) {
                return of_voter(f.voter);
            } else if constexpr (requires { f.producer; }) {
                return of_producer(f.producer);
            } else if constexpr (std::is_same_v<F, fact::Delivered> || std::is_same_v<F, fact::ResultSent>) {
                return of_consumer(f.consumer);
            } else if constexpr (std::is_same_v<F, fact::OperationMoved>) {
                return f.target.value;
            } else if constexpr (requires { f.broker; }) {
                return f.broker.value; // of a fault: any process, or none
            } else if constexpr (requires { f.consumer; }) {
                return of_consumer(f.consumer);
            } else if constexpr (requires { f.stream; }) {
                return f.stream == no_stream ? -1 : of_producer(configuration_.stream(f.stream).producer);
            } else {
                return -1; // ConfigChanged, FaultMissed, Ignored
            }
        },
        fact);
}

std::string Processes::name(int process) const {
    return process == control_ ? "control plane" : process_name(configuration_, BrokerSlot{process});
}

PartitionIndex partition_of(const Fact& fact) {
    return std::visit(
        [](const auto& f) -> PartitionIndex {
            if constexpr (requires { f.partition; })
                return f.partition;
            else
                return PartitionIndex{-1};
        },
        fact);
}

} // namespace highwater
