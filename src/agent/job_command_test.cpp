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
        .root = "",
        .control = "/l/thimble-control"};
}

protocol::Job job_of(JobKind kind) {
    protocol::Job job;
    job.kind = kind;
    job.id = "job-1";
    job.plan_digest = "abc";
    job.run = "run-1";
    return job;
}

TEST(JobCommand, NamesThePlanByItsDigest) {
    EXPECT_EQ(
        command_of(job_of(JobKind::Apply), places()),
        (Words{
            "/l/thimble-patch",
            "patch",
            "apply",
            "/p/abc.json",
            "--json",
            "--state",
            "/s",
            "--max-age",
            "0"}));
}

TEST(JobCommand, AnInventoryReadsChangelogsAsAScanOfThatHostDoes) {
    EXPECT_EQ(
        command_of(job_of(JobKind::Inventory), places()),
        (Words{"/b/thimble-agent", "inventory", "--cache", "/s"}));
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
            "--max-age",
            "0",
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

protocol::Job control_job(JobKind kind) {
    protocol::Job job = job_of(kind);
    job.control = protocol::JobControl{"c-1", "dd", kind == JobKind::DeployControl ? "{}" : ""};
    return job;
}

TEST(JobCommand, DeploysTheDocumentThatTheJobBrought) {
    EXPECT_EQ(
        command_of(control_job(JobKind::DeployControl), places()),
        (Words{
            "/l/thimble-control",
            "control",
            "deploy",
            "/p/control-dd.json",
            "--id",
            "c-1",
            "--digest",
            "dd",
            "--job",
            "job-1",
            "--json",
            "--state",
            "/s"}));
}

TEST(JobCommand, NamesAControlByItsIdAndDigest) {
    JobPlaces elsewhere = places();
    elsewhere.root = "/r";
    const Words tail{
        "--id",
        "c-1",
        "--digest",
        "dd",
        "--job",
        "job-1",
        "--json",
        "--state",
        "/s",
        "--root",
        "/r"};
    const auto wanted = [&](const char* verb) {
        Words words{"/l/thimble-control", "control", verb};
        words.insert(words.end(), tail.begin(), tail.end());
        return words;
    };

    EXPECT_EQ(command_of(control_job(JobKind::VerifyControl), elsewhere), wanted("verify"));
    EXPECT_EQ(command_of(control_job(JobKind::RemoveControl), elsewhere), wanted("remove"));
    EXPECT_EQ(recover_command(control_job(JobKind::DeployControl), elsewhere), wanted("recover"));
    EXPECT_TRUE(recover_command(job_of(JobKind::Apply), elsewhere).empty());
}

TEST(JobCommand, TriesAPortOfAnotherHost) {
    protocol::Job job = control_job(JobKind::ProbeControl);
    job.probe = protocol::JobProbe{true, "10.0.0.7", 8080};
    JobPlaces elsewhere = places();
    elsewhere.root = "/r";

    EXPECT_EQ(
        command_of(job, elsewhere),
        (Words{
            "/l/thimble-control",
            "control",
            "probe",
            "--id",
            "c-1",
            "--digest",
            "dd",
            "--job",
            "job-1",
            "--from",
            "allowed",
            "--address",
            "10.0.0.7",
            "--port",
            "8080",
            "--json"}));
    job.probe.reset();
    EXPECT_TRUE(command_of(job, elsewhere).empty());
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
    EXPECT_TRUE(command_of(job_of(JobKind::VerifyControl), places()).empty()) << "of no control";
}

}  // namespace
}  // namespace thimble::agent
