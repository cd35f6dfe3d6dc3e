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

TEST(JsonMembers, ReadsNestedValues) {
    const auto document = parse_json(R"({"o":{"l":[1,"a"]},"f":1.5,"big":18446744073709551615})");
    ASSERT_TRUE(document.has_value());
    const auto& members = std::get<JsonValue::Object>(document->value);

    const auto& inner = std::get<JsonValue::Object>(members.at(0).second.value);
    EXPECT_EQ(inner.at(0).first, "l");
    EXPECT_EQ(std::get<JsonValue::Array>(inner.at(0).second.value).size(), 2U);
    EXPECT_EQ(std::get<double>(members.at(1).second.value), 1.5);
    EXPECT_TRUE(std::holds_alternative<double>(members.at(2).second.value))
        << "a number beyond 63 bits is no count";
}

TEST(JsonMembers, RefusesAnotherTypeOfEveryKind) {
    const auto document = parse_json(R"({"x":{}, "mixed":["a",1]})");
    ASSERT_TRUE(document.has_value());
    const auto refused = [&document](auto read) {
        JsonMembers members(*document);
        read(members);
        return !members.done().has_value();
    };

    EXPECT_TRUE(refused([](JsonMembers& members) { EXPECT_FALSE(members.boolean("x")); }));
    EXPECT_TRUE(refused([](JsonMembers& members) { EXPECT_EQ(members.number("x"), 0); }));
    EXPECT_TRUE(refused([](JsonMembers& members) { EXPECT_TRUE(members.array("x").empty()); }));
    EXPECT_TRUE(refused([](JsonMembers& members) { EXPECT_TRUE(members.texts("x").empty()); }));
    EXPECT_TRUE(refused([](JsonMembers& members) { members.texts("mixed"); }));
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
