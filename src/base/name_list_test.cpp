#include "thimble/base/name_list.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble {
namespace {

TEST(SomeNames, AreTheFirstOnesAndHowManyMoreThereAre) {
    const std::vector<std::string> names{"curl", "nginx", "openssl"};
    EXPECT_EQ(some_names(names, 3), "curl, nginx, openssl");
    EXPECT_EQ(some_names(names, 2), "curl, nginx and 1 more");
    EXPECT_EQ(some_names(names, 1), "curl and 2 more");
    EXPECT_EQ(some_names({}, 2), "");
}

TEST(ListedNames, CountsWhatDoesNotFitAndCutsNoName) {
    const std::vector<std::string> names{"curl 7.88", "nginx 1.22", "openssl 3.0"};
    EXPECT_EQ(listed_names(names, ", ", 200), "curl 7.88, nginx 1.22, openssl 3.0");
    EXPECT_EQ(listed_names(names, ", ", 21), "curl 7.88, nginx 1.22 and 1 more");
    EXPECT_EQ(listed_names(names, ", ", 20), "curl 7.88 and 2 more");
    EXPECT_EQ(listed_names(names, " ", 1), "curl 7.88 and 2 more") << "never none";
    EXPECT_EQ(listed_names({}, ", ", 20), "");
}

}  // namespace
}  // namespace thimble
