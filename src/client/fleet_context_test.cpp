#include "thimble/client/fleet_context.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

namespace thimble::client {
namespace {

FleetContext a_context() {
    return {"https://fleet.example:8443", std::string(64, 'a'), "secret"};
}

std::filesystem::path scratch_folder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "thimble-context-XXXXXX").string();
    return ::mkdtemp(pattern.data());
}

}  // namespace

TEST(ParseFleetContext, ReadsWhatWasWritten) {
    EXPECT_EQ(*parse_fleet_context(format_fleet_context(a_context())), a_context());
    FleetContext unpinned = a_context();
    unpinned.authority.clear();
    EXPECT_EQ(*parse_fleet_context(format_fleet_context(unpinned)), unpinned);
}

TEST(ParseFleetContext, RefusesATokenThatWouldEndAHeader) {
    FleetContext context = a_context();
    context.token = "x\r\nHost: y";

    EXPECT_EQ(
        parse_fleet_context(format_fleet_context(context)).error().code, "client.bad_context");
}

TEST(ParseServerUrl, TakesHttpsAndAHostAlone) {
    EXPECT_EQ(*parse_server_url("https://fleet:8443/"), "https://fleet:8443");
    EXPECT_EQ(*parse_server_url("https://[::1]:8443"), "https://[::1]:8443");
    for (const char* bad :
         {"",
          "http://fleet",
          "https://",
          "https://a/b",
          "https://u@h",
          "https://a?b",
          "https://a b"}) {
        EXPECT_FALSE(parse_server_url(bad)) << bad;
    }
}

TEST(ParseAuthority, IsTheTextOfTheServerCheck) {
    EXPECT_EQ(*parse_authority(std::string(43, 'A')), std::string(64, '0'));
    EXPECT_FALSE(parse_authority(std::string(42, 'A')));
    EXPECT_EQ(*parse_authority(std::string(64, 'a')), std::string(64, 'a'));
    EXPECT_FALSE(parse_authority(std::string(64, 'g')));
    EXPECT_FALSE(parse_authority(std::string(63, 'a')));
}

TEST(WriteFleetContext, IsForItsOwnerOnlyAndIsRefusedOtherwise) {
    const std::filesystem::path folder = scratch_folder();
    const std::filesystem::path file = folder / "new" / "fleet.json";

    EXPECT_EQ(read_fleet_context(file).error().code, "client.no_context");
    ASSERT_TRUE(write_fleet_context(file, a_context()));
    struct stat info{};
    ASSERT_EQ(::stat(file.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    EXPECT_EQ(*read_fleet_context(file), a_context());
    ::chmod(file.c_str(), 0644);
    EXPECT_EQ(read_fleet_context(file).error().code, "client.context_exposed");

    std::filesystem::remove_all(folder);
}

}  // namespace thimble::client
