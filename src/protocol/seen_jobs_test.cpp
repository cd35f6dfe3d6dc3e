#include "thimble/protocol/seen_jobs.hpp"

#include "thimble/protocol/job_builder_test.hpp"

#include <gtest/gtest.h>

namespace {

using namespace thimble::protocol;

SeenJob seen_job(std::uint64_t sequence, std::int64_t expires_at) {
    return {
        .id = "job-" + std::to_string(sequence),
        .sequence = sequence,
        .expires_at = instant_of(expires_at)};
}

TEST(SeenJobs, ParseOfFormatIsIdentity) {
    SeenJobs seen = with_job({}, seen_job(4, 100), instant_of(1));
    seen.floor = 3;

    const auto parsed = parse_seen_jobs(format_seen_jobs(seen));

    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(*parsed, seen);
}

TEST(SeenJobs, AreForgottenOnlyAboveTheFloor) {
    SeenJobs seen = with_job({}, seen_job(4, 100), instant_of(1));
    seen = with_job(seen, seen_job(9, 50), instant_of(2));

    seen = with_job(seen, seen_job(10, 500), instant_of(100));

    EXPECT_EQ(seen.floor, 9U);
    ASSERT_EQ(seen.jobs.size(), 1U);
    EXPECT_EQ(seen.jobs.front().sequence, 10U);
}

TEST(SeenJobs, AreBounded) {
    SeenJobs seen;
    for (std::uint64_t sequence = 1; sequence <= kMaxSeenJobs + 5; ++sequence) {
        seen = with_job(std::move(seen), seen_job(sequence, 1'000'000), instant_of(1));
    }

    EXPECT_EQ(seen.jobs.size(), kMaxSeenJobs);
    EXPECT_EQ(seen.floor, 5U);
}

TEST(SeenJobs, AreRefusedWhenDamaged) {
    const std::string text = format_seen_jobs(with_job({}, seen_job(4, 100), instant_of(1)));

    EXPECT_FALSE(parse_seen_jobs(text.substr(0, text.size() - 2)).has_value());
    EXPECT_FALSE(parse_seen_jobs("").has_value());
}

TEST(SeenJobs, AreRefusedWithOddIdsAnotherFormatOrTooManyEntries) {
    SeenJobs odd;
    odd.jobs = {{.id = "../x", .sequence = 1, .expires_at = instant_of(9)}};
    EXPECT_FALSE(parse_seen_jobs(format_seen_jobs(odd)).has_value());

    SeenJobs many;
    for (std::uint64_t sequence = 1; sequence <= kMaxSeenJobs + 1; ++sequence) {
        many.jobs.push_back(seen_job(sequence, 9));
    }
    EXPECT_FALSE(parse_seen_jobs(format_seen_jobs(many)).has_value());

    std::string format = format_seen_jobs({});
    format.replace(format.find("seen-jobs/1"), 11, "seen-jobs/9");
    EXPECT_FALSE(parse_seen_jobs(format).has_value());
}

}  // namespace
