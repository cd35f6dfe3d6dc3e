#include "thimble/protocol/job.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/protocol/job_builder_test.hpp"

#include <gtest/gtest.h>

namespace {

using namespace thimble::protocol;

Job prefetch_job() {
    Job job = apply_job();
    job.kind = JobKind::Prefetch;
    job.plan_digest.clear();
    job.lease.clear();
    job.selection.packages = {"libc6", "openssl"};
    job.selection.vulnerabilities = {"CVE-2026-1"};
    return job;
}

TEST(Job, HasOneCanonicalText) {
    EXPECT_EQ(
        format_job(apply_job()),
        R"({"format":"thimble.job/1","kind":"apply","id":"job-1","host":"host-1","plan_digest":")"
            + thimble::sha256_of("a plan")
            + R"(","run":null,"selection":null,"lease":"lease-1","not_before":"1970-01-01T00:16:40Z",)"
              R"("expires_at":"1970-01-01T00:33:20Z","sequence":7})");
}

TEST(Job, ParseOfFormatIsIdentity) {
    Job rollback = apply_job();
    rollback.kind = JobKind::Rollback;
    rollback.plan_digest.clear();
    rollback.run = "20261124T111500Z-3f9a";
    for (const Job& job : {apply_job(), prefetch_job(), rollback}) {
        const auto parsed = parse_job(format_job(job));
        ASSERT_TRUE(parsed.has_value()) << parsed.error().text();
        EXPECT_EQ(*parsed, job);
    }
}

Job healthy_job() {
    Job job = prefetch_job();
    job.health = thimble::model::PlanHealth{
        {{"web",
          thimble::model::ProbeKind::Http,
          "http://127.0.0.1/x",
          {},
          std::chrono::seconds(5)}},
        std::chrono::seconds(30),
        2,
        false};
    return job;
}

TEST(Job, CarriesWhatAHostMustShow) {
    const auto parsed = parse_job(format_job(healthy_job()));

    ASSERT_TRUE(parsed.has_value()) << parsed.error().text();
    EXPECT_EQ(*parsed, healthy_job());
    EXPECT_EQ(format_job(prefetch_job()).find("health"), std::string::npos);
}

TEST(Job, RefusesProbesThatAServerMayNotAskFor) {
    Job command = healthy_job();
    command.health->probes[0].kind = thimble::model::ProbeKind::Command;
    EXPECT_FALSE(parse_job(format_job(command)).has_value());
    Job elsewhere = healthy_job();
    elsewhere.health->probes[0].target = "http://10.0.0.1/";
    EXPECT_FALSE(parse_job(format_job(elsewhere)).has_value());
    Job apply = apply_job();
    apply.health = healthy_job().health;
    EXPECT_FALSE(parse_job(format_job(apply)).has_value()) << "of another kind";
}

using thimble::model::HookFailure;
using thimble::model::HookStep;
using thimble::model::OwnerHook;

Job hooked_job() {
    Job job = apply_job();
    job.hooks = JobHooks{
        "deployment-1",
        {{HookStep::Drain, "out-lb", std::chrono::seconds(60), HookFailure::SkipHost},
         {HookStep::Undrain, "in-lb", std::chrono::seconds(60), HookFailure::HaltRing}}};
    return job;
}

TEST(Job, NamesTheHooksAroundIt) {
    const auto parsed = parse_job(format_job(hooked_job()));

    ASSERT_TRUE(parsed.has_value()) << parsed.error().text();
    EXPECT_EQ(*parsed, hooked_job());
}

TEST(Job, RefusesHooksThatAreNoNamesOrOfAnotherKind) {
    for (const char* name : {"../../bin/sh", "/bin/sh", "a b", "-x", "", "A"}) {
        Job job = hooked_job();
        job.hooks->steps[0].name = name;
        EXPECT_FALSE(parse_job(format_job(job)).has_value()) << name;
    }
    Job verify = hooked_job();
    verify.kind = JobKind::Verify;
    verify.lease.clear();
    EXPECT_FALSE(parse_job(format_job(verify)).has_value()) << "nothing is drained for it";
    verify.hooks->steps.erase(verify.hooks->steps.begin());
    EXPECT_TRUE(parse_job(format_job(verify)).has_value());
    Job prefetch = prefetch_job();
    prefetch.hooks = hooked_job().hooks;
    EXPECT_FALSE(parse_job(format_job(prefetch)).has_value());
    Job none = hooked_job();
    none.hooks->steps.clear();
    EXPECT_FALSE(parse_job(format_job(none)).has_value());
}

Job control_job(JobKind kind) {
    Job job = apply_job();
    job.kind = kind;
    job.plan_digest.clear();
    if (!needs_lease(kind)) {
        job.lease.clear();
    }
    const std::string document = R"({"format":"thimble.control/1"})";
    job.control = JobControl{
        "control-1", thimble::sha256_of(document), kind == JobKind::DeployControl ? document : ""};
    return job;
}

TEST(Job, CarriesAControl) {
    for (const JobKind kind :
         {JobKind::DeployControl, JobKind::VerifyControl, JobKind::RemoveControl}) {
        const auto parsed = parse_job(format_job(control_job(kind)));
        ASSERT_TRUE(parsed.has_value()) << parsed.error().text();
        EXPECT_EQ(*parsed, control_job(kind));
    }
    EXPECT_EQ(format_job(apply_job()).find("control"), std::string::npos);
}

Job probe_job() {
    Job job = control_job(JobKind::ProbeControl);
    job.probe = JobProbe{false, "2001:db8::1", 443};
    return job;
}

TEST(Job, NamesThePortOfAnotherHostThatIsTried) {
    const auto parsed = parse_job(format_job(probe_job()));

    ASSERT_TRUE(parsed.has_value()) << parsed.error().text();
    EXPECT_EQ(*parsed, probe_job());
    EXPECT_FALSE(needs_lease(JobKind::ProbeControl));
    EXPECT_TRUE(looks_at_control(JobKind::ProbeControl));
    EXPECT_FALSE(looks_at_control(JobKind::RemoveControl));
}

TEST(Job, RefusesProbesThatAreNoAddressAndPort) {
    for (const char* const address :
         {"",
          "localhost",
          "10.0.0.1/8",
          "10.0.0.1:80",
          "010.0.0.1",
          "2001:DB8::1",
          "-x",
          "::1%lo"}) {
        Job job = probe_job();
        job.probe->address = address;
        EXPECT_FALSE(parse_job(format_job(job)).has_value()) << address;
    }
    Job no_port = probe_job();
    no_port.probe->port = 0;
    EXPECT_FALSE(parse_job(format_job(no_port)).has_value());
    Job none = probe_job();
    none.probe.reset();
    EXPECT_FALSE(parse_job(format_job(none)).has_value());
    Job look = control_job(JobKind::VerifyControl);
    look.probe = probe_job().probe;
    EXPECT_FALSE(parse_job(format_job(look)).has_value()) << "of another kind";
    std::string elsewhere = format_job(probe_job());
    elsewhere.replace(elsewhere.find("refused"), 7, "nowhere");
    EXPECT_FALSE(parse_job(elsewhere).has_value());
}

TEST(Job, RefusesControlsThatAreNotWhatTheySay) {
    Job other = control_job(JobKind::DeployControl);
    other.control->document += " ";
    EXPECT_FALSE(parse_job(format_job(other)).has_value()) << "another document";
    Job empty = control_job(JobKind::DeployControl);
    empty.control->document.clear();
    EXPECT_FALSE(parse_job(format_job(empty)).has_value());
    Job large = control_job(JobKind::DeployControl);
    large.control->document.assign(kMaxControlBytes + 1, 'a');
    large.control->digest = thimble::sha256_of(large.control->document);
    EXPECT_FALSE(parse_job(format_job(large)).has_value());
    Job looks = control_job(JobKind::VerifyControl);
    looks.control->document = "{}";
    looks.control->digest = thimble::sha256_of("{}");
    EXPECT_FALSE(parse_job(format_job(looks)).has_value()) << "nothing is put up by a look";
    Job path = control_job(JobKind::RemoveControl);
    path.control->id = "../x";
    EXPECT_FALSE(parse_job(format_job(path)).has_value());
    Job none = control_job(JobKind::RemoveControl);
    none.control.reset();
    EXPECT_FALSE(parse_job(format_job(none)).has_value());
    Job apply = apply_job();
    apply.control = control_job(JobKind::VerifyControl).control;
    EXPECT_FALSE(parse_job(format_job(apply)).has_value()) << "of another kind";
    Job unleased = control_job(JobKind::DeployControl);
    unleased.lease.clear();
    EXPECT_FALSE(parse_job(format_job(unleased)).has_value());
}

TEST(Job, TakesADocumentOfTheLargestSize) {
    Job job = control_job(JobKind::DeployControl);
    job.control->document.assign(kMaxControlBytes, '"');  // each byte is written as two
    job.control->digest = thimble::sha256_of(job.control->document);

    const std::string text = format_job(job);

    EXPECT_LE(text.size(), kMaxJobBytes);
    EXPECT_TRUE(parse_job(text).has_value());
}

TEST(Job, RefusesNamesThatCouldBeOptionsOrPaths) {
    for (const char* name : {"--allow-untrusted", "../etc", "a b", "a;b", "", "a/b", "a\nb"}) {
        Job job = prefetch_job();
        job.selection.packages = {name};
        EXPECT_FALSE(parse_job(format_job(job)).has_value()) << name;
    }
}

TEST(Job, RefusesMoreNamesThanALimit) {
    Job job = prefetch_job();
    job.selection.packages.assign(kMaxSelectedNames, "a");
    EXPECT_TRUE(parse_job(format_job(job)).has_value());

    job.selection.packages.emplace_back("a");
    EXPECT_FALSE(parse_job(format_job(job)).has_value());
}

TEST(Job, HasWhatItsKindNeedsAndNothingElse) {
    Job without_plan = apply_job();
    without_plan.plan_digest.clear();
    Job without_lease = apply_job();
    without_lease.lease.clear();
    Job with_run = apply_job();
    with_run.run = "20261124T111500Z-3f9a";
    Job path_as_run = apply_job();
    path_as_run.kind = JobKind::Rollback;
    path_as_run.plan_digest.clear();
    path_as_run.run = "../x";
    Job odd_digest = apply_job();
    odd_digest.plan_digest = "../x";
    Job never_valid = apply_job();
    never_valid.expires_at = never_valid.not_before;
    for (const Job& job :
         {without_plan, without_lease, with_run, path_as_run, odd_digest, never_valid}) {
        const auto parsed = parse_job(format_job(job));
        ASSERT_FALSE(parsed.has_value());
        EXPECT_EQ(parsed.error().code, "protocol.bad_job");
    }
}

TEST(Job, RefusesAnotherSpellingOfTheSameContent) {
    std::string text = format_job(apply_job());
    text.insert(1, " ");

    EXPECT_FALSE(parse_job(text).has_value());
}

TEST(Job, RefusesMembersTwice) {
    std::string text = format_job(apply_job());
    text.insert(1, R"("kind":"verify",)");

    EXPECT_FALSE(parse_job(text).has_value());
}

TEST(Job, ChangesNothingWithoutALeaseAndNeedsAPlanWhereItIsAboutOne) {
    for (const JobKind kind :
         {JobKind::Apply, JobKind::Rollback, JobKind::RestartServices, JobKind::Reboot}) {
        EXPECT_TRUE(needs_lease(kind)) << job_kind_name(kind);
    }
    for (const JobKind kind :
         {JobKind::Inventory, JobKind::Prefetch, JobKind::Rehearse, JobKind::Verify}) {
        EXPECT_FALSE(needs_lease(kind)) << job_kind_name(kind);
    }
    EXPECT_FALSE(needs_plan(JobKind::Rollback));
    // A kind that this version does not know is taken for a dangerous one.
    const auto unknown = static_cast<JobKind>(99);
    EXPECT_TRUE(needs_lease(unknown));
    EXPECT_TRUE(needs_plan(unknown));
    EXPECT_EQ(job_kind_name(unknown), "");
}

TEST(Job, RefusesIdsThatAreNoneAndLevelsThatItDoesNotKnow) {
    Job odd_id = apply_job();
    odd_id.id = "../x";
    Job odd_host = apply_job();
    odd_host.host = "a b";
    for (const Job& job : {odd_id, odd_host}) {
        EXPECT_FALSE(parse_job(format_job(job)).has_value());
    }
    std::string level = format_job(prefetch_job());
    const std::size_t at = level.find(R"("level":")") + 9;
    level.replace(at, level.find('"', at) - at, "everything");
    EXPECT_FALSE(parse_job(level).has_value());
    EXPECT_FALSE(parse_job(std::string(kMaxJobBytes + 1, ' ')).has_value());
    EXPECT_FALSE(parse_job("{").has_value());
}

}  // namespace
