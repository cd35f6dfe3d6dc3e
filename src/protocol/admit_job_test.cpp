#include "thimble/protocol/admit_job.hpp"

#include "thimble/protocol/job_builder_test.hpp"

#include <gtest/gtest.h>

namespace {

using namespace thimble::protocol;
using thimble::Instant;
namespace model = thimble::model;

const SigningSeed kSeed = seed_of(1);

HostIdentity identity() {
    return {.host = "host-1", .key = deployment_key_of(kSeed)};
}

/// What the host says of a job at 1500, with nothing seen before.
thimble::Result<Job, JobRefusal> admit(const Envelope& envelope) {
    return admit_job(envelope, identity(), {}, instant_of(1500));
}

Envelope sealed(const Job& job) {
    return seal(format_job(job), kSeed);
}

TEST(AdmitJob, TakesWhatIsSignedForThisHostNow) {
    const auto job = admit(sealed(apply_job()));

    ASSERT_TRUE(job.has_value());
    EXPECT_EQ(*job, apply_job());
}

TEST(AdmitJob, RefusesAnotherKey) {
    const auto job = admit(seal(format_job(apply_job()), seed_of(2)));

    EXPECT_EQ(job.error(), JobRefusal::Forged);
}

TEST(AdmitJob, RefusesAnotherKeyThatCallsItselfOurs) {
    Envelope envelope = seal(format_job(apply_job()), seed_of(2));
    envelope.key = key_id(deployment_key_of(kSeed));

    EXPECT_EQ(admit(envelope).error(), JobRefusal::Altered);
}

TEST(AdmitJob, RefusesAlteredContent) {
    Envelope envelope = sealed(apply_job());
    envelope.content.replace(envelope.content.find("1970-01-01T00:33:20Z"), 4, "2999");

    EXPECT_EQ(admit(envelope).error(), JobRefusal::Altered);
}

TEST(AdmitJob, RefusesAnotherHostsJob) {
    Job job = apply_job();
    job.host = "host-2";

    EXPECT_EQ(admit(sealed(job)).error(), JobRefusal::Foreign);
}

TEST(AdmitJob, RefusesFromTheInstantOfExpiryOn) {
    const Envelope envelope = sealed(apply_job());

    EXPECT_TRUE(admit_job(envelope, identity(), {}, instant_of(1999)).has_value());
    EXPECT_EQ(admit_job(envelope, identity(), {}, instant_of(2000)).error(), JobRefusal::Expired);
}

TEST(AdmitJob, RefusesBeforeItsTime) {
    const Envelope envelope = sealed(apply_job());

    EXPECT_EQ(admit_job(envelope, identity(), {}, instant_of(999)).error(), JobRefusal::TooEarly);
    EXPECT_TRUE(admit_job(envelope, identity(), {}, instant_of(1000)).has_value());
}

TEST(AdmitJob, RefusesWhatWasTaken) {
    const Job job = apply_job();
    const SeenJobs seen =
        with_job({}, {.id = job.id, .sequence = 99, .expires_at = job.expires_at}, instant_of(1));

    EXPECT_EQ(
        admit_job(sealed(job), identity(), seen, instant_of(1500)).error(), JobRefusal::Replayed);
}

TEST(AdmitJob, RefusesAnotherIdWithASequenceThatWasTaken) {
    const SeenJobs seen = with_job(
        {},
        {.id = "other", .sequence = apply_job().sequence, .expires_at = instant_of(2000)},
        instant_of(1));

    EXPECT_EQ(
        admit_job(sealed(apply_job()), identity(), seen, instant_of(1500)).error(),
        JobRefusal::Replayed);
}

TEST(AdmitJob, RefusesWhatWasForgottenThoughTheClockIsSetBack) {
    const Job job = apply_job();
    SeenJobs seen = with_job(
        {}, {.id = job.id, .sequence = job.sequence, .expires_at = job.expires_at}, instant_of(1));
    // At 3000 the first has expired, and is forgotten.
    seen = with_job(
        seen, {.id = "later", .sequence = 8, .expires_at = instant_of(4000)}, instant_of(3000));
    ASSERT_EQ(seen.jobs.size(), 1U);

    EXPECT_EQ(
        admit_job(sealed(job), identity(), seen, instant_of(1500)).error(), JobRefusal::Replayed);
}

TEST(AdmitJob, RefusesAKindItDoesNotKnow) {
    std::string text = format_job(apply_job());
    text.replace(text.find("\"apply\""), 7, "\"shell\"");

    EXPECT_EQ(admit(seal(text, kSeed)).error(), JobRefusal::UnknownKind);
}

TEST(AdmitJob, RefusesSignedContentThatIsNoJob) {
    EXPECT_EQ(admit(seal("{}", kSeed)).error(), JobRefusal::Malformed);
    EXPECT_EQ(admit(seal(" " + format_job(apply_job()), kSeed)).error(), JobRefusal::Malformed);
}

LeaseGrant grant() {
    return {
        .host = "host-1",
        .job = "job-1",
        .lease = "lease-1",
        .challenge = "abc",
        .approval = "evidence"};
}

thimble::Result<LeaseGrant, JobRefusal> check(
    const LeaseGrant& given, const SigningSeed& seed = kSeed) {
    return check_lease(
        seal(format_lease_grant(given), seed), apply_job(), "abc", deployment_key_of(kSeed));
}

TEST(CheckLease, TakesTheGrantOfThisJobsLease) {
    EXPECT_TRUE(check(grant()).has_value());
}

TEST(CheckLease, RefusesAGrantThatWasGivenToAnEarlierQuestion) {
    LeaseGrant old = grant();
    old.challenge = "abd";

    EXPECT_EQ(check(old).error(), JobRefusal::Halted);
}

TEST(CheckLease, RefusesTheGrantOfAnotherJobLeaseOrHost) {
    for (std::string LeaseGrant::* member :
         {&LeaseGrant::job, &LeaseGrant::lease, &LeaseGrant::host}) {
        LeaseGrant other = grant();
        other.*member = "other";
        EXPECT_EQ(check(other).error(), JobRefusal::Halted);
    }
}

TEST(CheckLease, RefusesAnotherKeyAndOtherContent) {
    EXPECT_EQ(check(grant(), seed_of(2)).error(), JobRefusal::Forged);
    EXPECT_EQ(
        check_lease(
            seal(format_job(apply_job()), kSeed), apply_job(), "abc", deployment_key_of(kSeed))
            .error(),
        JobRefusal::Malformed);
}

TEST(JobRefusalName, IsStable) {
    EXPECT_EQ(job_refusal_name(JobRefusal::Forged), "forged");
    EXPECT_EQ(job_refusal_name(JobRefusal::Altered), "altered");
    EXPECT_EQ(job_refusal_name(JobRefusal::Malformed), "malformed");
    EXPECT_EQ(job_refusal_name(JobRefusal::UnknownKind), "unknown-kind");
    EXPECT_EQ(job_refusal_name(JobRefusal::Foreign), "foreign");
    EXPECT_EQ(job_refusal_name(JobRefusal::TooEarly), "too-early");
    EXPECT_EQ(job_refusal_name(JobRefusal::Expired), "expired");
    EXPECT_EQ(job_refusal_name(JobRefusal::Replayed), "replayed");
    EXPECT_EQ(job_refusal_name(JobRefusal::Halted), "halted");
    EXPECT_EQ(job_refusal_name(JobRefusal::Unanswered), "unanswered");
}

}  // namespace
