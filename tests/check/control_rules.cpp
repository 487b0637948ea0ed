// Rules between controller and brokers: each is green after a run, and red when its subject is broken.

#include "tests/check/ended.hpp"

using namespace kafka;
using ended::Ended;

namespace {

ControllerImage& decided_image(Ended& run) { return run.world.controllers[0].memory.image; }

void apply_metadata(Ended& run) {
    run.tell(fact::MetadataApplied{BrokerSlot{1}, run.world.brokers[1].memory.image.next_offset});
}

} // namespace

TEST_CASE("no_fenced_broker_is_in_an_isr: a partition with a leader counts no fenced broker") {
    Ended run;
    decided_image(run).registrations[2].fenced = true;
    run.tell(fact::BrokerChanged{BrokerSlot{2}, BrokerEvent::fenced, no_broker_epoch});
    CHECK(run.breaches("no_fenced_broker_is_in_an_isr") == 1);
    decided_image(run).partitions[0].leader = no_slot; // its last member may stay
    run.tell(fact::BrokerChanged{BrokerSlot{2}, BrokerEvent::fenced, no_broker_epoch});
    CHECK(run.breaches("no_fenced_broker_is_in_an_isr") == 1);
}

TEST_CASE("no_fenced_broker_is_in_an_isr: the controllers of 3.2 let them in") { // KAFKA-13916
    for (const Release release : {Release::v3_2, Release::v3_3}) {
        Ended run;
        Configuration configuration = *run.world.configuration;
        configuration.controller_dialect = dialect_of(release);
        run.world.configuration = std::make_shared<const Configuration>(std::move(configuration));
        decided_image(run).registrations[2].fenced = true;
        run.tell(fact::BrokerChanged{BrokerSlot{2}, BrokerEvent::fenced, no_broker_epoch});
        CHECK(run.breaches("no_fenced_broker_is_in_an_isr") == (release < Release::v3_3 ? 0 : 1));
    }
}

TEST_CASE("leaders_know_their_isr: the same partition epoch is the same ISR") {
    Ended run;
    Leader& leader = std::get<Leader>(run.replica(0).role);
    leader.isr.remove(BrokerSlot{2});
    run.look();
    CHECK(run.breaches("leaders_know_their_isr") == 1);
    leader.partition_epoch = PartitionEpoch{leader.partition_epoch.value - 1}; // it has not heard yet
    run.look();
    CHECK(run.breaches("leaders_know_their_isr") == 1);
}

TEST_CASE("eligible_replicas_have_committed_records: who may be elected has them all") {
    Ended run;
    PartitionState& state = decided_image(run).partitions[0];
    state.isr.remove(BrokerSlot{2});
    state.elr.add(BrokerSlot{2});
    run.look();
    CHECK(run.breaches("eligible_replicas_have_committed_records") == 0);
    truncate_to(run.log(2), Offset{50});
    run.replica(2).high_watermark = run.log(2).log_end_offset;
    run.look();
    CHECK(run.breaches("eligible_replicas_have_committed_records") == 1);
}

TEST_CASE("brokers_have_the_metadata_that_they_say: as many records applied is the same state") {
    Ended run;
    run.world.brokers[1].memory.image.next_offset = end_offset(run.world.controllers[0].durable.log);
    apply_metadata(run);
    CHECK(run.breaches("brokers_have_the_metadata_that_they_say") == 0);
    run.world.brokers[1].memory.image.partitions[0].isr.remove(BrokerSlot{2});
    apply_metadata(run);
    CHECK(run.breaches("brokers_have_the_metadata_that_they_say") == 1);
}

TEST_CASE("fetchers_follow_roles: nobody fetches what it leads, or twice") {
    Ended run;
    run.look();
    CHECK(run.breaches("fetchers_follow_roles") == 0);
    std::vector<Fetcher>& fetchers = run.world.brokers[1].memory.fetchers;
    REQUIRE(fetchers.size() == 1);
    Fetcher second = fetchers[0];
    second.leader = BrokerSlot{2};
    fetchers.push_back(second);
    run.look();
    CHECK(run.breaches("fetchers_follow_roles") == 1);
    fetchers.pop_back();
    fetchers[0].replicas.clear();
    run.look();
    CHECK(run.breaches("fetchers_follow_roles") == 1);
    run.world.brokers[0].memory.fetchers.push_back(second);
    run.world.brokers[0].memory.fetchers.back().replicas = {0};
    run.look();
    CHECK(run.breaches("fetchers_follow_roles") == 2);
}
