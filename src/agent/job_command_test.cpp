#include "thimble/agent/job_command.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace thimble::agent {
namespace {

using protocol::JobKind;
using Words = std::vector<std::string>;

JobPlaces places() {
    return {
        .patch = "/l/thimble-patch",
        .agent = "/b/thimble-agent",
        .state = "/s",
        .plans = "/p",
        .root = ""};
}

protocol::Job job_of(JobKind kind) {
    protocol::Job job;
    job.kind = kind;
    job.plan_digest = "abc";
    job.run = "run-1";
    return job;
}

TEST(JobCommand, NamesThePlanByItsDigest) {
    EXPECT_EQ(
        command_of(job_of(JobKind::Apply), places()),
        (Words{"/l/thimble-patch", "patch", "apply", "/p/abc.json", "--json", "--state", "/s"}));
}

TEST(JobCommand, AsksForSignaturesWhereTheOwnerDoes) {
    JobPlaces strict = places();
    strict.approvers = "/e/approvers";
    strict.approvals = 2;
    EXPECT_EQ(
        command_of(job_of(JobKind::Apply), strict),
        (Words{
            "/l/thimble-patch",
            "patch",
            "apply",
            "/p/abc.json",
            "--json",
            "--state",
            "/s",
            "--approvers",
            "/e/approvers",
            "--approvals",
            "2"}));
    EXPECT_EQ(
        command_of(job_of(JobKind::Rollback), strict),
        command_of(job_of(JobKind::Rollback), places()));
}

TEST(JobCommand, PutsEachNameAfterItsOption) {
    protocol::Job job = job_of(JobKind::Prefetch);
    job.selection.packages = {"libc6"};
    job.selection.excluded = {"linux"};

    EXPECT_EQ(
        command_of(job, places()),
        (Words{
            "/l/thimble-patch",
            "patch",
            "plan",
            "--json",
            "--state",
            "/s",
            "--security",
            "--package",
            "libc6",
            "--exclude",
            "linux",
            "--pass-over-missing",
            "--level",
            "security-only",
            "--output",
            "/p/fresh.json"}));
}

TEST(JobCommand, PutsWhatAHostMustShowIntoItsPlan) {
    protocol::Job job = job_of(JobKind::Prefetch);
    job.health = model::PlanHealth{
        {{"db", model::ProbeKind::Tcp, "127.0.0.1:5432", {}, std::chrono::seconds(5)}},
        std::chrono::seconds(30),
        2,
        false};

    const Words words = command_of(job, places());

    const Words wanted{
        "--probe",
        "db=tcp:127.0.0.1:5432",
        "--probe-limit",
        "5",
        "--settle",
        "30",
        "--settle-tries",
        "2",
        "--no-rollback"};
    EXPECT_FALSE(std::ranges::search(words, wanted).empty());
}

TEST(JobCommand, StartsOnlyProgramsOfOurs) {
    for (const JobKind kind :
         {JobKind::Inventory,
          JobKind::Prefetch,
          JobKind::Rehearse,
          JobKind::Apply,
          JobKind::Verify,
          JobKind::Rollback,
          JobKind::RestartServices}) {
        const std::string program = command_of(job_of(kind), places()).front();
        EXPECT_TRUE(program == places().patch || program == places().agent) << program;
    }
    EXPECT_TRUE(command_of(job_of(JobKind::Reboot), places()).empty());
}

}  // namespace
}  // namespace thimble::agent
