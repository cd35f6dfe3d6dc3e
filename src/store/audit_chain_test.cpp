#include "thimble/store/audit_chain.hpp"

#include "thimble/base/digest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace thimble::store {
namespace {

std::vector<AuditEntry> three_entries() {
    std::vector<AuditEntry> entries;
    std::int64_t sequence = 0;
    std::string hash;
    for (const char* action : {"server.start", "token.create", "token.revoke"}) {
        const Instant at(std::chrono::seconds(1'790'000'000 + sequence));
        entries.push_back(next_entry(
            sequence, hash, {"user:ada", action, "t\"1\"", "", R"({"a":1})", "for the lab"}, at));
        sequence = entries.back().sequence;
        hash = entries.back().hash;
    }
    return entries;
}

Result<void> verify(const std::vector<AuditEntry>& entries) {
    AuditVerifier verifier;
    for (const AuditEntry& entry : entries) {
        THIMBLE_TRY(verifier.add(entry));
    }
    return {};
}

}  // namespace

TEST(AuditChain, HashIsThatOfTheFormatsPage) {
    const AuditEntry first = three_entries().front();

    EXPECT_EQ(
        canonical_json(first),
        R"({"sequence":1,"at":"2026-09-21T14:13:20Z","actor":"user:ada","action":"server.start",)"
        R"("subject":"t\"1\"","before":"","after":"{\"a\":1}","why":"for the lab"})");
    EXPECT_EQ(first.hash, sha256_of("\n" + canonical_json(first)));
}

TEST(AuditChain, HoldsForWhatWasAppended) {
    EXPECT_TRUE(verify(three_entries()));
}

TEST(AuditChain, BreaksWhenAnyFieldIsAltered) {
    for (std::string AuditChange::* field :
         {&AuditChange::actor,
          &AuditChange::action,
          &AuditChange::subject,
          &AuditChange::before,
          &AuditChange::after,
          &AuditChange::why}) {
        auto entries = three_entries();
        entries[1].change.*field += "x";

        const auto verified = verify(entries);

        ASSERT_FALSE(verified);
        EXPECT_EQ(verified.error().code, "store.broken_chain");
        EXPECT_EQ(verified.error().message, "entry 2 of the audit log was altered");
    }
}

TEST(AuditChain, BreaksWhenAnEntryIsMadeAnewLeftOutOrSwapped) {
    auto forged = three_entries();
    forged[1].change.actor = "user:eve";
    forged[1].hash = hash_of(forged[1]);
    auto shorter = three_entries();
    shorter.erase(shorter.begin() + 1);
    auto swapped = three_entries();
    std::swap(swapped[0], swapped[1]);

    EXPECT_EQ(
        verify(forged).error().message, "entry 3 of the audit log does not follow the one before");
    EXPECT_EQ(verify(shorter).error().message, "entry 2 of the audit log is missing");
    EXPECT_FALSE(verify(swapped));
}

TEST(ParseAuditLine, ReadsWhatWasExported) {
    for (const AuditEntry& entry : three_entries()) {
        const auto read = parse_audit_line(export_line(entry));

        ASSERT_TRUE(read);
        EXPECT_EQ(*read, entry);
    }
}

TEST(ParseAuditLine, RefusesWhatIsNoEntry) {
    for (const char* line : {"", "{}", "[1]", R"({"sequence":1})", "{\"sequence\":\"1\"}"}) {
        EXPECT_EQ(parse_audit_line(line).error().code, "store.bad_audit_line") << line;
    }
}

}  // namespace thimble::store
