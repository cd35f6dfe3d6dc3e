#include "thimble/cli/patch_progress.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace thimble::cli {
namespace {

TEST(ShareOfPhase, GoesForwardThroughAWholeRehearsal) {
    std::uint32_t last = 0;
    for (const char* const phase :
         {"fetch",
          "before",
          "trials before",
          "transaction",
          "after",
          "trials after",
          "examination"}) {
        const auto share = share_of_phase(phase);
        ASSERT_TRUE(share) << phase;
        EXPECT_EQ(share->from, last) << phase;
        EXPECT_LT(share->from, share->until) << phase;
        EXPECT_FALSE(share->words.empty());
        last = share->until;
    }
    EXPECT_EQ(last, 1000U);
    EXPECT_FALSE(share_of_phase("lunch"));
}

}  // namespace
}  // namespace thimble::cli
