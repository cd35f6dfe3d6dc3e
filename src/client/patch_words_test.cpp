#include "thimble/client/patch_words.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace thimble::client {
namespace {

JsonValue finding(const std::string& id, const std::string& fixed, const std::string& reason) {
    return *parse_json(
        R"({"vulnerability":")" + id + R"(","fixed_version":")" + fixed + R"(","reason":")" + reason
        + R"(","first_seen_at":"2026-11-01T12:00:00Z","outcome":"immediate","due_at":null})");
}

}  // namespace

TEST(LinesOfSource, TellWhereAPatchStands) {
    const std::vector states{*parse_json(
        R"({"source":"curl","to":"2","state":"missing","since":"2026-11-01T12:00:00Z"})")};

    EXPECT_EQ(
        lines_of_source("curl", states, std::vector{finding("CVE-1", "2", "")}, {}),
        "  curl 2: missing since 2026-11-01T12:00:00Z\n");
}

TEST(LinesOfSource, TellWhatIsOpenWithoutAFixOnce) {
    const std::vector open{
        finding("CVE-1", "", "will_not_fix"), finding("CVE-1", "", "will_not_fix")};

    EXPECT_EQ(
        lines_of_source("curl", {}, open, {}),
        "  curl: CVE-1 is open since 2026-11-01T12:00:00Z, no fix is known\n"
        "    (will_not_fix); immediate, due with the next upgrade\n");
}

TEST(LinesOfSource, TellWhatWaitsForNoPatchBesideOneThatDoes) {
    const std::vector states{*parse_json(
        R"({"source":"curl","to":"2","state":"verified","since":"2026-11-01T12:00:00Z"})")};

    const std::string told =
        lines_of_source("curl", states, std::vector{finding("CVE-2", "", "")}, {});

    EXPECT_TRUE(told.starts_with("  curl 2: verified since ")) << told;
    EXPECT_NE(told.find("  curl: CVE-2 is open since "), std::string::npos) << told;
}

TEST(LinesOfSource, NeverCallFineWhatIsNotKnown) {
    ListedHost host;
    EXPECT_EQ(
        lines_of_source("curl", {}, {}, host), "  curl: nothing is open in it on this host\n");

    host.unknown_why = "not heard of since noon";
    EXPECT_EQ(
        lines_of_source("curl", {}, {}, host),
        "  curl: whether something is open in it is not known: not heard of since noon\n");
    EXPECT_NE(
        lines_of_source("curl", {}, std::vector{finding("", "", "third_party_package")}, host)
            .find("curl: not judged (third_party_package)"),
        std::string::npos);
}

}  // namespace thimble::client
