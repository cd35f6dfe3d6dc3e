#include "thimble/base/json_writer.hpp"

#include "thimble/base/utf8.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thimble {
namespace {

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
    std::string out;

    JsonWriter json(out);
    json.open_object()
        .member("a", "x")
        .key("b")
        .open_array()
        .number(-1)
        .boolean(true)
        .null()
        .close_array();
    json.key("c").open_object().close_object().key("d").real(0.5, 3).close_object();

    EXPECT_EQ(out, R"({"a":"x","b":[-1,true,null],"c":{},"d":0.500})");
}

TEST(JsonWriter, WritesTextsAsAnArray) {
    std::string out;
    const std::vector<std::string> texts{"x", "y\"z"};

    JsonWriter json(out);
    json.open_object().member("none", std::vector<std::string>()).member("some", texts);
    json.member("one", "x").close_object();

    EXPECT_EQ(out, R"({"none":[],"some":["x","y\"z"],"one":"x"})");
}

TEST(JsonWriter, EscapesControlsAndReplacesInvalidUtf8) {
    std::string out;

    JsonWriter(out).text("q\"\\\n\x01 \xC3\xA9 \xFF \xED\xA0\x80");

    EXPECT_EQ(
        out, "\"q\\\"\\\\\\n\\u0001 \xC3\xA9 \xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonWriter, EscapesKeysThatAreData) {
    std::string out;
    const std::string key = "a\"b";

    JsonWriter(out).open_object().member(key, "x").key(std::string_view(key)).null();

    EXPECT_EQ(out, R"({"a\"b":"x","a\"b":null)");
}

TEST(JsonWriter, SeesWhatIsNotPlainAtEveryPlaceOfALongText) {
    for (const char odd : {'"', '\\', '\n', '\x1f', '\x7f'}) {
        for (std::size_t at = 0; at < 20; ++at) {
            std::string text(20, '~');
            text[at] = odd;
            std::string out;

            JsonWriter(out).text(text);

            EXPECT_GT(out.size(), text.size() + 2) << int{odd} << " at " << at;
            EXPECT_EQ(out[at + 1], '\\');
        }
    }
}

TEST(Printable, DropsWhatDrivesTheTerminal) {
    EXPECT_EQ(printable("a\x1b[2J-\xC2\x9B-\xC3\xA9"), "a?[2J-?-\xC3\xA9");
    EXPECT_EQ(printable("abcdef", 3), "abc");
}

}  // namespace
}  // namespace thimble
