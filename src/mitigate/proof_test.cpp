#include "thimble/mitigate/proof.hpp"

#include "thimble/mitigate/parse_virtual_patch.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace thimble::mitigate {
namespace {

VirtualPatch patch_in(const std::filesystem::path& file) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    auto patch = parse_virtual_patch(text.str());
    EXPECT_TRUE(patch) << file << ": " << (patch ? "" : patch.error().text());
    return patch ? *std::move(patch) : VirtualPatch();
}

std::chrono::nanoseconds no_time() {
    return {};
}

std::string not_as_wanted(const Proof& proof) {
    std::string text;
    for (const TriedRequest& one : proof.attacks) {
        text += one.blocked && one.rule != 0 ? "" : one.what + " passed; ";
    }
    for (const TriedRequest& one : proof.benign) {
        text += one.blocked ? one.what + " blocked; " : "";
    }
    return text;
}

/// Every class of attack has a file, and each holds on the real engine.
TEST(Proof, HoldsForAPatchOfEveryClass) {
    std::size_t files = 0;
    for (const auto& file : std::filesystem::directory_iterator(THIMBLE_TESTDATA "/patches")) {
        const VirtualPatch patch = patch_in(file.path());
        const auto proof = prove(patch, no_time);
        ASSERT_TRUE(proof) << file.path() << ": " << proof.error().text();
        EXPECT_EQ(not_as_wanted(*proof), "") << file.path() << '\n' << proof->rules;
        ++files;
    }
    EXPECT_EQ(files, 10U);
}

TEST(Proof, TellsWhatRulesOfSomebodyElseStopBesideIt) {
    const VirtualPatch patch = patch_in(THIMBLE_TESTDATA "/patches/traversal.yaml");
    const std::string others = THIMBLE_TESTDATA "/others/beside.conf";

    const auto alone = prove(patch, no_time);
    const auto proof = prove(patch, no_time, others);

    ASSERT_TRUE(proof) << proof.error().text();
    EXPECT_FALSE(alone->beside);
    ASSERT_TRUE(proof->beside);
    EXPECT_EQ(proof->blocked_variants(), alone->blocked_variants()) << "that is what ours stop";
    EXPECT_LT(proof->beside->variants_by_others, proof->variants.size());
    EXPECT_GT(proof->beside->variants_by_others, 0U);
    EXPECT_GE(proof->beside->variants_by_both, alone->blocked_variants());
    EXPECT_TRUE(proof->beside->benign_blocked.empty());
}

TEST(Proof, RefusesRulesOfSomebodyElseWithItsOwnIds) {
    VirtualPatch patch = patch_in(THIMBLE_TESTDATA "/patches/traversal.yaml");
    patch.first_id = 77770;

    EXPECT_EQ(
        prove(patch, no_time, THIMBLE_TESTDATA "/others/beside.conf").error().code,
        "mitigate.bad_rules");
}

TEST(Proof, FailsWhenAnAttackPasses) {
    VirtualPatch patch = patch_in(THIMBLE_TESTDATA "/patches/pattern.yaml");
    patch.attacks.push_back({"GET", "/api/v1/export?url=ftp://203.0.113.7/", {}, ""});

    const Proof proof = *prove(patch, no_time);

    EXPECT_FALSE(proof.holds());
    EXPECT_EQ(not_as_wanted(proof), "attack 3 passed; ");
}

TEST(Proof, FailsWhenABenignRequestIsBlocked) {
    VirtualPatch patch = patch_in(THIMBLE_TESTDATA "/patches/pattern.yaml");
    patch.benign.push_back({"GET", "/api/v1/export?url=file://shared/report", {}, ""});

    EXPECT_EQ(not_as_wanted(*prove(patch, no_time)), "benign 3 blocked; ");
}

/// Blocked by the engine for a reason of its own is not blocked by the patch.
TEST(Proof, CountsOnlyRulesOfThePatch) {
    VirtualPatch patch = patch_in(THIMBLE_TESTDATA "/patches/own.yaml");
    patch.rules = "SecRule ARGS:debug \"@streq on\" \"id:70011,phase:2,pass,log\"\n";

    const Proof proof = *prove(patch, no_time);

    EXPECT_EQ(proof.attacks.front().rule, 70011U);
    EXPECT_FALSE(proof.holds());
}

TEST(Proof, SaysWhatTheEngineSaysOfRulesThatItDoesNotTake) {
    VirtualPatch patch = patch_in(THIMBLE_TESTDATA "/patches/own.yaml");
    patch.rules = "SecRule NO_SUCH_VARIABLE \"@streq on\" \"id:70010,phase:2,deny\"\n";

    const auto proof = prove(patch, no_time);

    ASSERT_FALSE(proof);
    EXPECT_EQ(proof.error().code, "mitigate.bad_rules");
}

/// Encodings that servers and libraries undo must not open the hole again.
TEST(Proof, StopsTheEncodingsOfAJndiLookup) {
    const Proof proof = *prove(patch_in(THIMBLE_TESTDATA "/patches/log4shell.yaml"), no_time);
    for (const TriedRequest& one : proof.variants) {
        const bool is_encoding = one.what.find("percent-encoded") != std::string::npos
            || one.what.find("JSON") != std::string::npos
            || one.what.find("case") != std::string::npos
            || one.what.find("repeated") != std::string::npos;
        if (is_encoding && one.what.find("path") == std::string::npos) {
            EXPECT_TRUE(one.blocked) << one.what << ": " << sample_line(one.sample);
        }
    }
    EXPECT_GT(proof.blocked_variants(), 20U);
}

TEST(Proof, OfDetectionBlocksNothingAndStillTells) {
    const VirtualPatch patch = patch_in(THIMBLE_TESTDATA "/patches/endpoint.yaml");
    const RuleEngine engine = *RuleEngine::load(*security_rules(patch, RuleMode::Detect));

    const EngineVerdict verdict = engine.ask(patch.attacks.front());

    EXPECT_FALSE(verdict.blocked);
    EXPECT_EQ(verdict.rules, std::vector<std::uint32_t>{patch.first_id});
}

}  // namespace
}  // namespace thimble::mitigate
