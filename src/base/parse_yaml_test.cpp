#include "thimble/base/parse_yaml.hpp"

#include "thimble/base/json_writer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble {
namespace {

/// As JSON, or what is wrong with it.
std::string said(const std::string& yaml) {
    const auto value = parse_yaml(yaml);
    if (!value) {
        return value.error().message;
    }
    std::string text;
    JsonWriter json(text);
    write_json(json, *value);
    return text;
}

bool mentions(const std::string& yaml, std::string_view what) {
    return said(yaml).find(what) != std::string::npos;
}

TEST(ParseYaml, ReadsBlocksFlowsAndJsonAlike) {
    const std::string wanted = R"({"a":[1,"x",{"b":null}],"c":{"d":true,"e":""}})";

    EXPECT_EQ(said("a:\n  - 1\n  - x\n  - b:\nc:\n  d: true\n  e: \"\"\n"), wanted);
    EXPECT_EQ(said("{a: [1, x, b: ], c: {d: true, e: ''}}"), wanted);
    EXPECT_EQ(said(wanted), wanted);
    EXPECT_EQ(said("---\n" + wanted + "\n...\n"), wanted);
}

TEST(ParseYaml, TellsPlainWordsFromQuotedOnes) {
    EXPECT_EQ(
        said("[~, null, true, 12, -3, 012, 1.5, 22:00]"),
        R"([null,null,true,12,-3,12,"1.5","22:00"])");
    EXPECT_EQ(
        said("['~', \"null\", 'true', \"12\", !!str 12]"), R"(["~","null","true","12","12"])");
    EXPECT_EQ(said("--- |\n a\n b\n"), R"("a\nb\n")");
    EXPECT_EQ(said("---\n"), "null");
}

TEST(ParseYaml, RefusesAnchorsAndAliases) {
    const std::string wanted = "anchors and aliases (&, *) are not read: write out what is meant";

    EXPECT_EQ(said("a: &x 1\n"), "line 1, column 4: " + wanted);
    EXPECT_TRUE(mentions("&x a: 1\n", wanted));
    EXPECT_TRUE(mentions("a: &x [1]\nb: *x\n", wanted));
    EXPECT_TRUE(mentions("a: &x {b: 1}\n", wanted));
    EXPECT_TRUE(mentions("a: &x\n", wanted));
    EXPECT_TRUE(mentions("a: &a [*a]", wanted));
    EXPECT_FALSE(parse_yaml("a: *never\n"));
}

TEST(ParseYaml, RefusesTagsOfOtherTypes) {
    EXPECT_TRUE(mentions("a: !!int 5\n", "tags of types are not read"));
    EXPECT_TRUE(mentions("a: !secret x\n", "tags of types are not read"));
    EXPECT_TRUE(mentions("a: !!set {x: }\n", "tags of types are not read"));
}

TEST(ParseYaml, RefusesKeysThatAreNoTextOrThereTwice) {
    EXPECT_EQ(said("a: 1\na: 2\n"), "line 2, column 1: \"a\" is there twice");
    EXPECT_TRUE(mentions("? [a]\n: 1\n", "a key is no text"));
    EXPECT_TRUE(mentions("{{a: 1}: 2}", "a key is no text"));
    EXPECT_TRUE(mentions("~: 1\n", "a key is no text"));
}

TEST(ParseYaml, RefusesWhatIsTooMuchWhileItReads) {
    std::string many = "[x";
    std::string keys;
    for (int at = 0; at < 20'000; ++at) {
        many += ",x";
        keys += at <= 1000 ? "k" + std::to_string(at) + ": 1\n" : "";
    }
    const auto nested = [](std::size_t levels) {
        return std::string(levels, '[') + "x" + std::string(levels, ']');
    };

    EXPECT_TRUE(mentions(many + "]", "there are more than 20000 values"));
    EXPECT_TRUE(mentions(keys, "a mapping has more than 1000 keys"));
    EXPECT_TRUE(parse_yaml(std::string(256, 'k') + ": 1"));
    EXPECT_TRUE(mentions(std::string(257, 'k') + ": 1", "a key is longer than 256 bytes"));
    EXPECT_TRUE(parse_yaml(nested(15)));
    EXPECT_TRUE(mentions(nested(16), "it is nested deeper than 16 levels"));
    EXPECT_TRUE(mentions(nested(400), "it is nested deeper than 16 levels"));
    EXPECT_FALSE(parse_yaml(std::string(100'000, '[')));
    EXPECT_TRUE(mentions(std::string(300'000, ' '), "it has more than 256 KiB"));
}

// The library hands out documents without end where it meets what it cannot place: each was kept, until no
// memory was left.
TEST(ParseYaml, EndsAtWhatBelongsNowhere) {
    const std::string wanted = "it ends here: more documents or what belongs to none are not read";

    EXPECT_EQ(said("a: 1\n---\nb: 2\n"), "line 2, column 1: " + wanted);
    for (const char* text :
         {"a: (\"x\"\n  \"y\")\n", "[a]]", "a: 1\n]", "{a: 1}}", "]", "}", ",", "a: b\n  c\n ,d"}) {
        const auto read = parse_yaml(text);
        EXPECT_TRUE(read || read.error().code == "base.bad_yaml") << text;
    }
    EXPECT_EQ(said("\"b\",\n"), "line 1, column 4: " + wanted);
    EXPECT_EQ(said(""), "it is empty");
    EXPECT_EQ(said("# nothing\n"), "it is empty");
}

TEST(LinesOfYaml, HasThatOfEachMember) {
    const auto lines = lines_of_yaml("a: 1\nb:\n  - c: 2\n    d: [3,\n      4]\n  -\n    e: 5\n");

    EXPECT_EQ(
        lines,
        (std::map<std::string, int>{
            {"a", 1},
            {"b", 2},
            {"b[1]", 3},
            {"b[1].c", 3},
            {"b[1].d", 4},
            {"b[1].d[1]", 4},
            {"b[1].d[2]", 5},
            {"b[2]", 7},
            {"b[2].e", 7}}));
    EXPECT_TRUE(lines_of_yaml("a: [").empty());
}

}  // namespace
}  // namespace thimble
