#include "thimble/store/host_marks.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/list_table.hpp"
#include "thimble/store/scratch_database_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace thimble::store {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};

void add(Connection& connection, const std::string& id, const std::string& name, Instant at) {
    HostRecord host;
    host.id = id;
    host.name = name;
    host.host_group = "web";
    host.enrolled_at = host.last_seen_at = at;
    ASSERT_TRUE(add_host(connection, host));
}

/// Which later host the list says has taken the place of that one.
std::string successor_of(Connection& connection, const std::string& id) {
    const ListTable& hosts = *std::ranges::find(list_tables(), "hosts", &ListTable::name);
    const ListStatement statement =
        plan_list(hosts, {.filters = {{0, Comparison::Equal, Value(id)}}});
    const auto rows = connection.query(statement.text, statement.values);
    EXPECT_TRUE(rows) << rows.error().text();
    return text_at(rows->at(0), *column_of(hosts, "superseded_by"));
}

}  // namespace

TEST(HostMarks, TagsAreKeptAndFound) {
    const ScratchDatabase scratch;
    ASSERT_TRUE(Database::open(scratch.address()));
    auto connection = Connection::open(scratch.address());
    add(*connection, "a", "web1", kNow);

    ASSERT_TRUE(set_host_tags(*connection, "a", "env=prod,web"));

    EXPECT_EQ(*tags_of_host(*connection, "a"), "env=prod,web");
    EXPECT_EQ(*tagged_hosts(*connection, ""), (std::vector<TaggedHosts>{{"env=prod,web", 1}}));
    EXPECT_TRUE(tagged_hosts(*connection, "other")->empty());
    EXPECT_EQ(tags_of_host(*connection, "b").error().code, "store.no_host");
}

TEST(HostMarks, TheSameMachineUnderTheSameNameTakesThePlaceOfTheOlderEnrolment) {
    const ScratchDatabase scratch;
    ASSERT_TRUE(Database::open(scratch.address()));
    auto connection = Connection::open(scratch.address());
    add(*connection, "old", "web1", kNow);
    add(*connection, "twin", "web2", kNow);  // a clone with the machine id of its original
    add(*connection, "new", "web1", kNow + std::chrono::hours(1));
    ASSERT_TRUE(note_machine(*connection, {"old", "m"}));
    ASSERT_TRUE(note_machine(*connection, {"twin", "m"}));

    EXPECT_EQ(*note_machine(*connection, {"new", "m"}), 1);

    EXPECT_EQ(successor_of(*connection, "old"), "new");
    EXPECT_EQ(successor_of(*connection, "twin"), "");
    EXPECT_EQ(successor_of(*connection, "new"), "");
}

TEST(HostMarks, WhoIsHeardOfAgainHasNoSuccessor) {
    const ScratchDatabase scratch;
    ASSERT_TRUE(Database::open(scratch.address()));
    auto connection = Connection::open(scratch.address());
    add(*connection, "old", "web1", kNow);
    add(*connection, "new", "web1", kNow + std::chrono::hours(1));
    ASSERT_TRUE(note_machine(*connection, {"old", "m"}));
    ASSERT_TRUE(note_machine(*connection, {"new", "m"}));

    ASSERT_TRUE(note_sightings(
        *connection, std::vector<Sighting>{{"old", kNow + std::chrono::hours(2), "1", "b", {}}}));

    EXPECT_EQ(successor_of(*connection, "old"), "");
}

}  // namespace thimble::store
