#include "thimble/cli/patch_approval.hpp"

#include "thimble/apply/whole_file.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/model/approval.hpp"
#include "thimble/model/frozen_set.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

namespace thimble::cli {
namespace {

const std::string kSystem = "Debian 12 amd64";
const Instant kNow = *parse_instant("2026-11-03T12:00:00Z");

model::Plan plan_of_curl() {
    model::PlannedStep step;
    step.name = step.source_name = "curl";
    step.source_version = step.to_version = "2";
    step.change = model::PlannedChange::Upgrade;
    step.selected = true;
    model::Plan plan;
    plan.steps = {step};
    return plan;
}

/// Real keys, made here, and signed with by ssh-keygen.
class CheckApprovals : public testing::Test {
protected:
    void SetUp() override {
        folder = testing::TempDir() + "thimble-approval-XXXXXX";
        ASSERT_NE(::mkdtemp(folder.data()), nullptr);
        set.add(kSystem, plan_of_curl());
        for (const char* name : {"one", "other"}) {
            if (!keygen({"-q", "-t", "ed25519", "-N", "", "-f", folder + "/" + name})) {
                GTEST_SKIP() << "there is no ssh-keygen";
            }
        }
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    static bool keygen(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "ssh-keygen");
        const auto done = host::run_command({.argv = std::move(arguments)});
        return done && done->exit_status == 0;
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        return apply::read_whole_file(folder + "/" + name, model::kMaxEvidenceBytes).value_or("");
    }
    void write(const std::string& name, const std::string& text) const {
        ASSERT_TRUE(apply::write_whole_file(folder + "/" + name, text).has_value());
    }
    [[nodiscard]] model::SignedApproval signed_by(
        const std::string& person, const std::string& key) const {
        const std::string statement = model::format_approval_statement(
            {.rollout = "r1",
             .frozen = set.digest(),
             .person = person,
             .approved_at = kNow - std::chrono::hours(1),
             .expires_at = kNow + std::chrono::hours(1)});
        write("statement", statement);
        std::filesystem::remove(folder + "/statement.sig");
        EXPECT_TRUE(keygen(
            {"-q",
             "-Y",
             "sign",
             "-n",
             std::string(model::kApprovalNamespace),
             "-f",
             folder + "/" + key,
             folder + "/statement"}));
        return {statement, read("statement.sig")};
    }
    [[nodiscard]] Result<std::string> check(
        const std::string& approvers, std::vector<model::SignedApproval> approvals) const {
        write("approvers", approvers);
        write(
            "evidence",
            model::format_approval_evidence(
                {kSystem, set.part(kSystem), set.part_digests(), std::move(approvals)}));
        PatchOptions options;
        options.state = folder;
        options.approvers = folder + "/approvers";
        options.approval = folder + "/evidence";
        options.approvals = 2;
        return check_approvals(options, plan_of_curl(), kNow);
    }

    std::string folder;
    model::FrozenSet set;
};

TEST_F(CheckApprovals, CountsPeopleByTheirKeys) {
    const std::vector<model::SignedApproval> of_one{
        signed_by("anna", "one"), signed_by("bert", "one")};
    for (const char* names : {"anna,bert ", "* "}) {
        const auto one = check(names + read("one.pub"), of_one);
        ASSERT_FALSE(one.has_value()) << names;
        EXPECT_EQ(one.error().code, "apply.not_approved");
        EXPECT_TRUE(one.error().message.ends_with("good signatures: anna and bert with one key"))
            << one.error().message;
    }
    const auto two = check(
        "anna " + read("one.pub") + "bert " + read("other.pub"),
        {signed_by("anna", "one"), signed_by("bert", "other")});
    EXPECT_TRUE(two.has_value()) << two.error().text();
    const auto stranger =
        check("anna " + read("one.pub"), {signed_by("anna", "one"), signed_by("bert", "other")});
    ASSERT_FALSE(stranger.has_value());
    EXPECT_TRUE(stranger.error().message.ends_with("good signatures: anna"))
        << stranger.error().message;
}

}  // namespace
}  // namespace thimble::cli
