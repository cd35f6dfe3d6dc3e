#include "thimble/model/host_tags.hpp"

#include <gtest/gtest.h>

namespace thimble::model {

using Words = std::vector<std::string>;

TEST(ChangedTags, HasOneTagOfEachKey) {
    EXPECT_EQ(
        *changed_tags({"env=test", "web"}, {}, Words{"env=prod", "db"}),
        (HostTags{"db", "env=prod", "web"}));
    EXPECT_EQ(*changed_tags({"web"}, {}, Words{"web=1"}), (HostTags{"web=1"}));
}

TEST(ChangedTags, TakesAwayByKeyOrWhole) {
    EXPECT_EQ(*changed_tags({"env=prod", "web"}, Words{"env"}, {}), (HostTags{"web"}));
    EXPECT_EQ(*changed_tags({"env=prod"}, Words{"env=test"}, {}), (HostTags{"env=prod"}));
    EXPECT_EQ(*changed_tags({"env=prod"}, Words{"env"}, Words{"env=test"}), (HostTags{"env=test"}));
}

TEST(ChangedTags, RefusesWhatIsNoTagAndTooMany) {
    for (const char* bad :
         {"", "=", "a=", "=b", "-a", "a b", "a,b", "a=b,c", "a=b=c", "\xC3\xA4"}) {
        EXPECT_EQ(changed_tags({}, {}, Words{bad}).error().code, "model.bad_tag") << bad;
        EXPECT_FALSE(changed_tags({}, Words{bad}, {})) << bad;
    }
    EXPECT_FALSE(check_tag(std::string(64, 'a')));
    EXPECT_TRUE(check_tag(std::string(63, 'a') + "=" + std::string(63, 'b')));
    Words many;
    for (std::size_t n = 0; n < kMostTags; ++n) {
        many.push_back("t" + std::to_string(n));
    }
    EXPECT_TRUE(changed_tags({}, {}, many));
    EXPECT_EQ(changed_tags({"other"}, {}, many).error().code, "model.many_tags");
}

TEST(FormatTags, IsReadBack) {
    const HostTags tags{"db", "env=prod"};
    EXPECT_EQ(format_tags(tags), "db,env=prod");
    EXPECT_EQ(parse_tags("db,env=prod"), tags);
    EXPECT_TRUE(parse_tags("").empty());
}

}  // namespace thimble::model
