#include "thimble/base/json_members.hpp"

#include "thimble/base/json_writer.hpp"

#include <gtest/gtest.h>

namespace thimble {
namespace {

TEST(JsonMembers, ReadsEveryType) {
    const auto document = parse_json(R"({"t":"a","b":true,"n":-3,"c":4,"l":["x"],"z":null})");
    ASSERT_TRUE(document.has_value());
    JsonMembers members(*document);

    EXPECT_EQ(members.text("t"), "a");
    EXPECT_TRUE(members.boolean("b"));
    EXPECT_EQ(members.number("n"), -3);
    EXPECT_EQ(members.count("c"), 4U);
    EXPECT_EQ(members.texts("l"), std::vector<std::string>{"x"});
    EXPECT_EQ(members.text_or_null("z"), "");
    EXPECT_TRUE(members.done().has_value());
}

TEST(JsonMembers, NamesTheFirstMemberThatIsWrong) {
    const auto document = parse_json(R"({"n":-3,"t":1})");
    ASSERT_TRUE(document.has_value());
    JsonMembers members(*document);

    members.count("n");
    members.text("t");

    EXPECT_NE(members.done().error().message.find(": n"), std::string::npos);
}

TEST(JsonMembers, RefusesWhatIsNoJsonOrTooDeep) {
    EXPECT_EQ(parse_json("{").error().code, "base.bad_json");
    EXPECT_EQ(
        parse_json(std::string(40, '[') + std::string(40, ']')).error().code, "base.bad_json");
}

TEST(JsonMembers, ReadsNothingFromWhatIsNoObject) {
    const auto document = parse_json("[1]");
    ASSERT_TRUE(document.has_value());
    JsonMembers members(*document);

    EXPECT_EQ(members.text("a"), "");
    EXPECT_FALSE(members.done().has_value());
}

}  // namespace

TEST(WriteJson, GivesBackWhatWasRead) {
    const std::string text = R"({"a":[1,null,true,"x\u0001"],"b":{"c":{}}})";
    std::string out;
    JsonWriter json(out);

    write_json(json, *parse_json(text));

    EXPECT_EQ(out, text);
}

TEST(MemberOf, FindsAMemberOfAnObjectAlone) {
    const auto object = parse_json(R"({"a":1})");

    ASSERT_NE(member_of(*object, "a"), nullptr);
    EXPECT_EQ(member_of(*object, "b"), nullptr);
    EXPECT_EQ(member_of(*parse_json("[]"), "a"), nullptr);
}

}  // namespace thimble
