#include "thimble/cli/nearest_word.hpp"

#include "thimble/cli/exit_status.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace thimble::cli {
namespace {

const std::vector<std::string> kCommands{"scan", "explain", "feeds", "version-order", "cvss"};

TEST(NearestWord, FindsWhatWasMeant) {
    EXPECT_EQ(nearest_word("scna", kCommands), "scan");
    EXPECT_EQ(nearest_word("scann", kCommands), "scan");
    EXPECT_EQ(nearest_word("can", kCommands), "scan");
    EXPECT_EQ(nearest_word("explian", kCommands), "explain");
    EXPECT_EQ(nearest_word("version-ordr", kCommands), "version-order");
    EXPECT_EQ(nearest_word("feed", kCommands), "feeds");
}

TEST(NearestWord, DoesNotGuessFarOff) {
    EXPECT_EQ(nearest_word("", kCommands), "");
    EXPECT_EQ(nearest_word("install", kCommands), "");
    EXPECT_EQ(nearest_word(std::string(1000, 'a'), kCommands), "");
    EXPECT_EQ(nearest_word("scan", {}), "");
}

TEST(RefuseCommand, NamesTheNearestOne) {
    std::ostringstream err;

    EXPECT_EQ(refuse_command("thimble feeds", "snyc\x1b[2J", kCommands, err), kUsage);
    EXPECT_EQ(err.str().find('\x1b'), std::string::npos);

    err.str("");
    refuse_command("thimble", "scna", kCommands, err);
    EXPECT_NE(err.str().find("Did you mean \"thimble scan\"?"), std::string::npos);
}

}  // namespace
}  // namespace thimble::cli
