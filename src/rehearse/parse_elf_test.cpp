#include "thimble/rehearse/elf_object.hpp"
#include "thimble/rehearse/parse_loader_path.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

namespace thimble::rehearse {
namespace {

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Result<ElfObject> parse(const std::string& bytes) {
    return parse_elf([&](std::uint64_t offset, std::span<std::byte> into) -> std::size_t {
        if (offset >= bytes.size()) {
            return 0;
        }
        const std::size_t count = std::min<std::size_t>(into.size(), bytes.size() - offset);
        std::ranges::transform(bytes.substr(offset, count), into.begin(), [](char c) {
            return static_cast<std::byte>(c);
        });
        return count;
    });
}

TEST(ParseElf, ReadsAProgramOfThisMachine) {
    const auto object = parse(bytes_of("/proc/self/exe"));

    ASSERT_TRUE(object.has_value()) << object.error().text();
    EXPECT_TRUE(object->has_interpreter);
    EXPECT_EQ(object->is_64, sizeof(void*) == 8);
    EXPECT_NE(std::ranges::find(object->needed, "libc.so.6"), object->needed.end());
    const auto from_libc = [](const VersionNeed& need) {
        return need.library == "libc.so.6";
    };
    EXPECT_TRUE(std::ranges::any_of(object->version_needs, from_libc));
    const auto is_read = [](const NeededSymbol& symbol) {
        return symbol.name == "fopen" || symbol.name == "memcpy" || symbol.name == "malloc"
            || symbol.name == "strlen";
    };
    EXPECT_TRUE(std::ranges::any_of(object->needed_symbols, is_read));
}

TEST(ParseElf, RefusesWhatIsNone) {
    EXPECT_EQ(parse("").error().code, "rehearse.no_elf");
    EXPECT_EQ(parse("#!/bin/sh\n").error().code, "rehearse.no_elf");
    EXPECT_EQ(
        parse(
            std::string("\x7f"
                        "ELF")
            + std::string(60, '\0'))
            .error()
            .code,
        "rehearse.no_elf");
}

TEST(ParseElf, SurvivesEveryTruncationAndFlippedByte) {
    const std::string folder = std::string(THIMBLE_TESTDATA) + "/corpus_parse_elf_fuzz";
    const std::string whole = bytes_of(folder + "/library");
    ASSERT_TRUE(parse(whole).has_value());

    for (std::size_t length = 0; length < whole.size(); length += 7) {
        static_cast<void>(parse(whole.substr(0, length)));
    }
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string flipped = whole;
        flipped[at] = static_cast<char>(~flipped[at]);
        static_cast<void>(parse(flipped));
    }
}

TEST(ParseElf, ReadsBothClassesAndByteOrders) {
    const std::string folder = std::string(THIMBLE_TESTDATA) + "/corpus_parse_elf_fuzz";

    const auto narrow = parse(bytes_of(folder + "/library32"));
    ASSERT_TRUE(narrow.has_value()) << narrow.error().text();
    EXPECT_FALSE(narrow->is_64);
    EXPECT_EQ(narrow->soname, "libtiny.so.1");
    EXPECT_TRUE(std::ranges::binary_search(narrow->defined, symbol_key("tiny", "TINY_1")));

    const auto wide = parse(bytes_of(folder + "/library"));
    ASSERT_TRUE(wide.has_value()) << wide.error().text();
    EXPECT_EQ(wide->soname, "libtiny.so.1");
    EXPECT_EQ(wide->needed, std::vector<std::string>{"libother.so.3"});
    EXPECT_EQ(wide->runpath, "$ORIGIN/x");
    EXPECT_EQ(wide->version_definitions, std::vector<std::string>{"TINY_1"});
    EXPECT_TRUE(std::ranges::binary_search(wide->defined, symbol_key("tiny", "TINY_1")));
    const std::vector<NeededSymbol> needed{{.name = "other", .version = "OTHER_3", .weak = false}};
    EXPECT_EQ(wide->needed_symbols, needed);
}

TEST(ParseLoaderPath, ReadsFoldersAndIncludes) {
    const std::vector<LoaderPathLine> expected{
        {.include = true, .text = "/etc/ld.so.conf.d/*.conf"},
        {.include = false, .text = "/opt/a"},
        {.include = false, .text = "/opt/b"}};
    EXPECT_EQ(
        parse_loader_path(
            "include /etc/ld.so.conf.d/*.conf\n# x\n\n/opt/a/ , /opt/b=libc6 rel\nhwcap 1 x\n"),
        expected);
}

}  // namespace
}  // namespace thimble::rehearse
