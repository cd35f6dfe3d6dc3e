#include "thimble/cli/state_room.hpp"

#include "thimble/base/result.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <sstream>
#include <string>

namespace thimble::cli {
namespace {

/// In a directory that nobody can write, root neither.
constexpr const char* kReadOnly = "/proc/sys/thimble";

Error no_room() {
    return failure(
        ErrorKind::Internal, "x.y", std::string("/x cannot be written: ") + std::strerror(ENOSPC));
}

TEST(StateTrouble, IsNoneWhereThereIsRoom) {
    EXPECT_FALSE(state_trouble(testing::TempDir() + "not-there-yet/state"));
    EXPECT_FALSE(state_trouble("."));
}

TEST(StateTrouble, NamesADirectoryThatCannotBeWritten) {
    const auto trouble = state_trouble(kReadOnly);

    ASSERT_TRUE(trouble);
    EXPECT_EQ(trouble->code, "cli.state_closed");
    EXPECT_TRUE(
        trouble->text().starts_with("the state directory /proc/sys/thimble cannot be written: "))
        << trouble->text();
}

TEST(BlamingState, LeavesAlone) {
    const Error other = failure(ErrorKind::Invalid, "x.y", "something else");
    EXPECT_EQ(blaming_state(other, kReadOnly).text(), "something else");
    const Error elsewhere = failure(
        ErrorKind::Denied, "x.y", std::string("/y cannot be read: ") + std::strerror(EACCES));
    EXPECT_EQ(blaming_state(elsewhere, testing::TempDir()).code, "x.y")
        << "the state directory can be written";
}

TEST(BlamingState, PutsTheDirectoryBeforeWhatComesOfIt) {
    const Error refused =
        failure(ErrorKind::Unavailable, "x.y", std::string("no file: ") + std::strerror(EACCES));

    const Error blamed = blaming_state(refused, kReadOnly);

    EXPECT_EQ(blamed.code, "cli.state_closed");
    EXPECT_TRUE(blamed.text().starts_with("the state directory /proc/sys/thimble "));
    EXPECT_TRUE(blamed.text().ends_with(refused.text())) << blamed.text();
    EXPECT_EQ(blaming_state(blamed, kReadOnly).text(), blamed.text()) << "it is said once";
}

TEST(BlamingState, SaysWhatToDo) {
    std::ostringstream err;
    const Error full = failure(ErrorKind::Unavailable, "cli.state_full", "it is full");

    EXPECT_EQ(complain(err, full), kCannotWrite);

    EXPECT_TRUE(err.str().contains("name another state directory: --state")) << err.str();
}

TEST(BlameState, GivesItsStepToWhatCouldNotBeKept) {
    std::vector<model::Gap> gaps{
        {"assess.no_catalog", "there is none", "thimble feeds sync"},
        {"inventory.no_offers", no_room().text(), "apt-get check"}};

    blame_state(gaps, kReadOnly);

    ASSERT_EQ(gaps.size(), 3);
    EXPECT_EQ(gaps[0].code, "cli.state_closed");
    EXPECT_EQ(gaps[0].next, kStepOfClosedState);
    EXPECT_EQ(gaps[1].next, kStepOfClosedState) << "feeds are kept there, too";
    EXPECT_EQ(gaps[2].next, kStepOfClosedState);
}

TEST(BlameState, IsSilentWhereAllCouldBeKept) {
    const std::vector<model::Gap> gaps{{"assess.no_catalog", "there is none", ""}};
    std::vector<model::Gap> same = gaps;
    blame_state(same, kReadOnly);
    EXPECT_EQ(same, gaps);

    same = {{"inventory.no_offers", "apt is not there", "install it"}};
    blame_state(same, testing::TempDir());
    EXPECT_EQ(same.size(), 1);
    blame_state(same, kReadOnly);
    EXPECT_EQ(same.front().next, "install it") << "nobody was refused";
}

}  // namespace
}  // namespace thimble::cli
