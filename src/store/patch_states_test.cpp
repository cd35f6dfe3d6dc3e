#include "thimble/store/patch_states.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/fleet.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/list_table.hpp"
#include "thimble/store/scratch_database_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace thimble::store {

TEST(PatchStates, ArePutInThePlaceOfTheOnesBefore) {
    constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};
    const ScratchDatabase scratch;
    ASSERT_TRUE(Database::open(scratch.address()));
    auto connection = Connection::open(scratch.address());
    HostRecord host;
    host.id = "h";
    host.inventory_digest = "d";
    ASSERT_TRUE(add_host(*connection, host));
    PatchStateRow row{"h", "curl", "2", "missing", kNow, "{}", false, ""};
    const PatchStateRow other{"h", "curl", "", "unpatchable", kNow, "{}", false, ""};
    ASSERT_TRUE(put_patch_state(*connection, row));
    ASSERT_TRUE(put_patch_state(*connection, other));

    row.state = "verified";
    row.verified_on_disk = true;
    row.inventory_digest = "d";
    ASSERT_TRUE(put_patch_state(*connection, row));

    EXPECT_EQ(*patch_states_of(*connection, "h"), (std::vector{other, row}));
    EXPECT_TRUE(patch_states_of(*connection, "x")->empty());
    EXPECT_EQ(*inventory_digest_of(*connection, "h"), "d");
    EXPECT_EQ(*inventory_digest_of(*connection, "x"), "");
}

TEST(PatchStatesList, CallsNothingFineOnAHostThatIsSilentOrCannotBeJudged) {
    const ScratchDatabase scratch;
    ASSERT_TRUE(Database::open(scratch.address()));
    auto connection = Connection::open(scratch.address());
    HostRecord host;
    host.id = "h";
    ASSERT_TRUE(add_host(*connection, host));
    ASSERT_TRUE(put_patch_state(*connection, {"h", "a", "2", "verified", {}, "{}", true, ""}));
    ASSERT_TRUE(put_patch_state(*connection, {"h", "b", "2", "missing", {}, "{}", false, ""}));
    const auto told = [&] {
        const auto* const table =
            std::ranges::find(list_tables(), "patch-states", &ListTable::name).base();
        ListQuery query;
        query.limit = 10;
        const ListStatement statement = plan_list(*table, query);
        const auto rows = connection->query(statement.text, statement.values);
        EXPECT_TRUE(rows) << rows.error().text();
        const std::size_t state = *column_of(*table, "state");
        return text_at(rows->at(0), state) + " " + text_at(rows->at(1), state);
    };
    FleetJudgement judgement;
    judgement.host.host_id = "h";
    judgement.can_be_tracked = true;

    EXPECT_EQ(told(), "unknown missing");  // not judged yet
    ASSERT_TRUE(write_judgement(*connection, judgement));
    EXPECT_EQ(told(), "verified missing");
    judgement.host.silent = true;
    ASSERT_TRUE(write_judgement(*connection, judgement));
    EXPECT_EQ(told(), "unknown missing");
    judgement.host.silent = false;
    judgement.can_be_tracked = false;
    ASSERT_TRUE(write_judgement(*connection, judgement));
    EXPECT_EQ(told(), "unknown missing");
}

}  // namespace thimble::store
