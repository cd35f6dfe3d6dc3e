#include "thimble/cli/feeds_command.hpp"

#include "thimble/cli/exit_status.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace thimble::cli {
namespace {

TEST(RunFeedsSync, SaysWhichDirectoryCannotBeWritten) {
    FeedsOptions options;
    options.state = "/proc/sys/thimble";  // by nobody, root neither
    options.config = options.mirror = testing::TempDir();
    std::ostringstream out;
    std::ostringstream err;

    EXPECT_EQ(run_feeds_sync(options, out, err), kCannotWrite);

    EXPECT_TRUE(err.str().contains("the state directory /proc/sys/thimble cannot be written"))
        << err.str();
    EXPECT_TRUE(err.str().contains("name another state directory: --state DIR")) << err.str();
}

}  // namespace
}  // namespace thimble::cli
