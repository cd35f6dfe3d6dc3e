#include "thimble/server/parse_evidence.hpp"

#include <gtest/gtest.h>

namespace thimble::server {
namespace {

constexpr std::string_view kDigest =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Evidence with one item in each of its lists; `from` is replaced by `to`.
std::string evidence(const std::string& from = "", const std::string& to = "") {
    const std::string digest(kDigest);
    std::string text =
        R"({"format":"thimble.evidence/1","at":"2026-12-01T00:00:00Z","host":"web1",)"
        R"("texts":[{"of":"/proc/modules","text":"ext4 1"}],)"
        R"("processes":[{"id":1,"status":"Name: init","command":"/sbin/init","program":null,)"
        R"("program_sha256":null},{"id":2,"status":"","command":"sh","program":"/bin/sh",)"
        R"("program_sha256":")"
        + digest + R"("}],"files":[{"path":"/root/.ssh/authorized_keys","sha256":")" + digest
        + R"("}],"differences":[{"package":"curl","path":"/usr/bin/curl","what":"changed"}],)"
          R"("gaps":["/proc/3: gone"]})";
    if (!from.empty()) {
        text.replace(text.find(from), from.size(), to);
    }
    return text;
}

TEST(WhyNoEvidence, TakesWhatHostsSend) {
    EXPECT_EQ(why_no_evidence(evidence()), "");
    EXPECT_EQ(why_no_evidence(evidence("\"gaps\"", "\"later\":{},\"gaps\"")), "");
}

TEST(WhyNoEvidence, NamesWhatIsNotAsItShouldBe) {
    const std::pair<std::string, std::string> changes[] = {
        {"thimble.evidence/1", "thimble.evidence/2"},
        {"2026-12-01T00:00:00Z", "yesterday"},
        {"\"web1\"", "1"},
        {"\"text\":\"ext4 1\"", "\"text\":null"},
        {"\"id\":1", "\"id\":-1"},
        {"\"program_sha256\":null", "\"program_sha256\":\"abc\""},
        {"\"sha256\":\"e3", "\"sha256\":\"zz"},
        {"\"what\":\"changed\"", "\"what\":7"},
        {"[\"/proc/3: gone\"]", "[1]"},
        {"\"texts\"", "\"text\""},
        {"}],\"gaps\"", "},\"gaps\""},
    };
    for (const auto& [from, to] : changes) {
        EXPECT_NE(why_no_evidence(evidence(from, to)), "") << from;
    }
    EXPECT_NE(why_no_evidence(""), "");
    EXPECT_NE(why_no_evidence("[]"), "");
}

TEST(WhyNoEvidence, HasBounds) {
    EXPECT_EQ(why_no_evidence(std::string(kMaxEvidenceBytes + 1, ' ')), "it has more than 16 MiB");
    EXPECT_NE(why_no_evidence(evidence("ext4 1", std::string((1U << 20U) + 1, 'x'))), "");
    std::string gone;
    for (int count = 0; count < 8192; ++count) {
        gone += R"({"id":1,"status":"","command":"","program":null,"program_sha256":null},)";
    }
    EXPECT_NE(why_no_evidence(evidence("\"processes\":[", "\"processes\":[" + gone)), "");
}

}  // namespace
}  // namespace thimble::server
