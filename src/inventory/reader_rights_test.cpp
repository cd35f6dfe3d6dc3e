#include "thimble/inventory/reader_rights.hpp"

#include "thimble/host/local_host.hpp"
#include "thimble/inventory/fake_host_test.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace thimble::inventory {
namespace {

std::string status_of(const std::string& user, const std::string& capabilities) {
    return "Name:\tcat\nUid:\t1000\t" + user + "\t0\t0\nCapEff:\t" + capabilities + "\n";
}

TEST(ParseReaderRights, GoesByTheEffectiveUserAndCapabilities) {
    EXPECT_EQ(
        parse_reader_rights(status_of("0", "000001ffffffffff")),
        (ReaderRights{.is_root = true, .traces = true}));
    EXPECT_EQ(
        parse_reader_rights(status_of("0", "00000000a80425fb")),
        (ReaderRights{.is_root = true, .traces = false}));
    EXPECT_EQ(parse_reader_rights(status_of("33", "0000000000000000")), ReaderRights{});
    for (const char* const text : {"", "Uid:\t0\n", "Uid:\t0\t0\t0\t0\n", "Uid:\nCapEff:\t0\n"}) {
        EXPECT_EQ(parse_reader_rights(text), std::nullopt) << text;
    }
    EXPECT_EQ(parse_reader_rights(status_of("0", "no")), std::nullopt);
}

TEST(StepToSeeMore, DoesNotTellRootToBecomeRoot) {
    FakeHost host;
    const auto step = [&host](const std::string& status) {
        host.files["/proc/self/status"] = status;
        return step_to_see_more(host);
    };
    EXPECT_TRUE(step_to_see_more(host).starts_with("Run the scan as root; what root"));
    EXPECT_EQ(step(status_of("33", "0")), "Run the scan as root.");
    EXPECT_TRUE(step(status_of("0", "ffffffff")).starts_with("The scan runs as root already"));
    EXPECT_TRUE(step(status_of("0", "0")).contains("without CAP_SYS_PTRACE"));
}

TEST(StepToSeeMore, KnowsThisProcess) {
    host::LocalHost host;
    EXPECT_EQ(step_to_see_more(host) == "Run the scan as root.", ::geteuid() != 0);
}

}  // namespace
}  // namespace thimble::inventory
