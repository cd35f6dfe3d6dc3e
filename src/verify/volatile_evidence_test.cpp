#include "thimble/verify/volatile_evidence.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/host/local_host.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace thimble::verify {
namespace {

std::string own_program() {
    std::stringstream bytes;
    bytes << std::ifstream("/proc/self/exe", std::ios::binary).rdbuf();
    return bytes.str();
}

TEST(VolatileEvidence, HasThisVeryProcessWithTheDigestOfWhatRuns) {
    host::LocalHost host;

    const VolatileEvidence evidence = collect_evidence(host, {}, Instant());

    const auto self = std::ranges::find(
        evidence.processes, static_cast<std::uint64_t>(::getpid()), &EvidenceProcess::id);
    ASSERT_NE(self, evidence.processes.end());
    EXPECT_NE(self->status.find("Name:\tthimble_verify"), std::string::npos) << self->status;
    EXPECT_EQ(self->program_sha256, sha256_of(own_program()));
    const auto has = [&](const std::string& name) {
        return std::ranges::any_of(
            evidence.texts, [&](const auto& text) { return text.first == name; });
    };
    EXPECT_TRUE(has("/proc/net/tcp"));
    EXPECT_TRUE(has("/etc/passwd"));
}

TEST(VolatileEvidence, IsOneDocumentOfJson) {
    host::LocalHost host;
    const VolatileEvidence evidence = collect_evidence(host, {}, *parse_instant("2026-11-30"));

    const auto document = parse_json(format_evidence(evidence));

    ASSERT_TRUE(document);
    JsonMembers members(*document);
    EXPECT_EQ(members.text("format"), "thimble.evidence/1");
    EXPECT_EQ(members.text("at"), "2026-11-30T00:00:00Z");
    EXPECT_EQ(members.array("processes").size(), evidence.processes.size());
}

TEST(VolatileEvidence, SaysWhatItCouldNotRead) {
    host::LocalHost host;
    const std::vector<PackageName> unknown{{"no-such-package-at-all", "amd64"}};

    const VolatileEvidence evidence = collect_evidence(host, unknown, Instant());

    EXPECT_TRUE(evidence.differences.empty());
    EXPECT_TRUE(std::ranges::any_of(evidence.gaps, [](const std::string& gap) {
        return gap.starts_with("package no-such-package-at-all: ");
    }));
}

}  // namespace
}  // namespace thimble::verify
