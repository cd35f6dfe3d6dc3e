#include "thimble/apply/rpm_transactions.hpp"

#include "thimble/apply/rpm_fixture_test.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace thimble::apply {
namespace {

namespace fs = std::filesystem;

/// A transaction in a room of dnf's, and who carries it out: as far as the test lets him.
class RpmTransactionsTest : public RpmRoomTest {
protected:
    void SetUp() override { open_dnf(RoomKind::InstallRoot); }

    /// What a kill leaves that comes after the files are in place, and before the database knows.
    RpmCarrier killed_after(const std::string& path, const std::string& content) {
        return {
            .rehearse = {}, .transact = [=, this](RpmCarrier::Steps) -> Result<TransactionReport> {
                RpmRoom::write(room_->root() + path, content);
                TransactionReport report;
                report.ending = TransactionEnding::TimedOut;
                return report;
            }};
    }

    /// Nobody may be asked to carry it out.
    static RpmCarrier nobody() {
        return {
            .rehearse = {}, .transact = [](RpmCarrier::Steps) -> Result<TransactionReport> {
                ADD_FAILURE() << "the package manager cannot mend what its database does not tell";
                return TransactionReport();
            }};
    }
};

TEST_F(RpmTransactionsTest, TakeBackFilesOfWhichTheDatabaseDoesNotTell) {
    offer(
        {.name = "t-lib", .version = "1", .files = {{"/usr/share/t/a", "1\n"}}},
        {.name = "t-lib", .version = "2", .files = {{"/usr/share/t/a", "2\n"}}});
    const auto steps = resolve({"t-lib"}, "2-1")->steps;
    const auto kept = packages_->keep_current(steps, room_->archives());
    ASSERT_TRUE(kept) << kept.error().text();
    RpmHost rpm(room_->host());
    RpmTransactions transactions(rpm);

    const auto report =
        transactions.run(transaction(steps), killed_after("/usr/share/t/a", "half\n"));
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(versions_of("t-lib"), "1-1");
    EXPECT_TRUE(transactions.is_torn());
    const auto back = transactions.run(prepared({kept->front().step}), nobody());

    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(back->ending, TransactionEnding::Done) << back->detail;
    EXPECT_EQ(room_->read("/usr/share/t/a"), "1\n");
    EXPECT_FALSE(transactions.is_torn());
}

TEST_F(RpmTransactionsTest, RemoveFilesOfANewPackageThatDidNotCome) {
    offer(
        {.name = "t-lib", .version = "1"},
        {.name = "t-lib", .version = "2", .fields = "Requires: t-new\n"});
    room_->build({.name = "t-new", .version = "2", .files = {{"/usr/share/t/new", "2\n"}}});
    room_->publish();
    RpmHost rpm(room_->host());
    RpmTransactions transactions(rpm);

    const auto report = transactions.run(
        transaction(resolve({"t-lib"}, "2-1")->steps), killed_after("/usr/share/t/new", "2\n"));

    ASSERT_TRUE(report) << report.error().text();
    EXPECT_FALSE(transactions.is_torn());
    EXPECT_FALSE(fs::exists(room_->root() + "/usr/share/t/new"));
}

TEST_F(RpmTransactionsTest, DoNotTakeAChangeOfTheAdministratorForTheirOwn) {
    offer(
        {.name = "t-lib", .version = "1", .files = {{"/usr/share/t/a", "1\n"}}},
        {.name = "t-lib", .version = "2", .files = {{"/usr/share/t/a", "2\n"}}});
    RpmRoom::write(room_->root() + "/usr/share/t/a", "mine\n");
    RpmHost rpm(room_->host());
    RpmTransactions transactions(rpm);

    const auto report = transactions.run(
        transaction(resolve({"t-lib"}, "2-1")->steps), killed_after("/var/tmp/other", "\n"));

    ASSERT_TRUE(report) << report.error().text();
    EXPECT_FALSE(transactions.is_torn());
    EXPECT_EQ(room_->read("/usr/share/t/a"), "mine\n");
}

TEST_F(RpmTransactionsTest, FinishWhatLeftBothVersions) {
    const std::string one = room_->build({.name = "t-lib", .version = "1"});
    const std::string two = room_->build({.name = "t-lib", .version = "2"});
    room_->publish();
    room_->install(one);
    const auto wanted = transaction(resolve({"t-lib"}, "2-1")->steps);
    room_->rpm({"-i", "--force", "--nodeps", two});
    ASSERT_EQ(versions_of("t-lib"), "1-1 2-1");
    RpmHost rpm(room_->host());
    RpmTransactions transactions(rpm);

    const auto report = transactions.run(wanted, nobody());

    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->ending, TransactionEnding::Done) << report->detail;
    EXPECT_EQ(versions_of("t-lib"), "2-1");
}

}  // namespace
}  // namespace thimble::apply
