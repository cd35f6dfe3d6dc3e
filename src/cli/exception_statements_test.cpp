#include "thimble/cli/exception_statements.hpp"

#include <gtest/gtest.h>

namespace thimble::cli {
namespace {

JsonValue json_of(const std::string& text) {
    return *parse_json(text);
}

std::string open_item(const std::string& source, const std::string& to, const std::string& ids) {
    return R"({"host_id":"h1","host":"web1","source":")" + source + R"(","from":"1","to":")" + to
        + R"(","distribution":"debian-12","package_type":"deb","exception":"x","vulnerability_ids":[)"
        + ids + "]}";
}

TEST(ExceptionStatements, SpeakOfWhatHasAFixAndOfWhatHasNone) {
    const std::vector<JsonValue> exceptions{
        json_of(R"({"id":"x","reason":"eol_os","why":"so","controls":["c"],)"
                R"("approved_at":"2026-11-01T00:00:00Z","expires_at":"2026-12-01T00:00:00Z"})")};
    const std::vector<JsonValue> patches{json_of(open_item("curl", "2", R"("CVE-1","CVE-2")"))};
    std::vector<JsonValue> board;
    board.push_back(json_of(open_item("curl", "2", R"("CVE-1")")));
    board.push_back(json_of(open_item("zlib", "", R"("CVE-2","CVE-3")")));
    board.push_back(json_of(R"({"host_id":"h1","source":"bash","to":"","exception":null})"));

    const auto statements = exception_statements(exceptions, {patches, board, {"c"}});

    ASSERT_EQ(statements.size(), 4U);
    EXPECT_EQ(statements[0].vulnerability, "CVE-1");
    EXPECT_TRUE(statements[0].has_fix);
    EXPECT_EQ(statements[1].vulnerability, "CVE-2");
    EXPECT_FALSE(statements[1].has_fix);
    ASSERT_EQ(statements[1].packages.size(), 1U);
    EXPECT_EQ(statements[1].packages[0].source, "zlib");
    EXPECT_EQ(statements[1].packages[0].purl, "pkg:deb/debian/zlib@1?arch=source&distro=debian-12");
    EXPECT_TRUE(statements[2].has_fix) << "of curl";
    EXPECT_EQ(statements[3].vulnerability, "CVE-3");
    EXPECT_EQ(statements[3].controls, "c");
}

TEST(ExceptionStatements, NameNoControlThatIsOver) {
    const Instant now = *parse_instant("2026-11-15T00:00:00Z");
    const auto control = [](const std::string& id, const std::string& state, const char* end) {
        return json_of(
            R"({"id":")" + id + R"(","state":")" + state + R"(","expires_at":")" + end + "\"}");
    };
    const char* const later = "2026-12-01T00:00:00Z";
    const std::vector<JsonValue> controls{
        control("lasts", "verified", later),
        control("lapses", "lapsed", later),
        control("gone", "retired", later),
        control("goes", "retiring", later),
        control("past", "verified", "2026-11-15T00:00:00Z"),
        json_of(R"({"id":"odd","state":"verified"})")};
    const auto standing = standing_controls(controls, now);
    EXPECT_EQ(standing, (std::set<std::string>{"lapses", "lasts"}));

    const std::vector<JsonValue> exceptions{json_of(
        R"({"id":"x","reason":"eol_os","controls":["gone","lasts","past","unknown","lapses"]})")};
    const std::vector<JsonValue> patches{json_of(open_item("curl", "2", R"("CVE-1")"))};
    const auto statements = exception_statements(exceptions, {patches, {}, standing});
    ASSERT_EQ(statements.size(), 1U);
    EXPECT_EQ(statements[0].controls, "lasts,lapses");

    EXPECT_EQ(exception_statements(exceptions, {patches, {}, {}}).at(0).controls, "");
}

}  // namespace
}  // namespace thimble::cli
