#include "thimble/apply/named_packages.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {
namespace {

using Texts = std::vector<std::string_view>;

TEST(ParsePackageWord, TakesNamesArchitecturesAndGlobs) {
    EXPECT_EQ(*parse_package_word("g++"), (PackageWord{"g++", "g++", "", false}));
    EXPECT_EQ(
        *parse_package_word("libc6:i386"), (PackageWord{"libc6:i386", "libc6", "i386", false}));
    EXPECT_EQ(
        *parse_package_word("linux-image-[0-9]*:amd64"),
        (PackageWord{"linux-image-[0-9]*:amd64", "linux-image-[0-9]*", "amd64", true}));
}

TEST(ParsePackageWord, SaysWhatIsWrong) {
    const auto said = [](std::string_view text) {
        const auto word = parse_package_word(text);
        return word ? "nothing" : word.error().code + " " + word.error().text();
    };

    EXPECT_TRUE(said("").contains("apply.bad_package --package '': it has no name; give NAME"))
        << said("");
    EXPECT_TRUE(said(":amd64").contains("it has no name")) << said(":amd64");
    EXPECT_TRUE(said("curl:").contains("'' behind the colon is no architecture")) << said("curl:");
    EXPECT_TRUE(said("curl:a*").contains("'a*' behind the colon is no arch")) << said("curl:a*");
    EXPECT_TRUE(said("--all").contains("begins with '-'")) << said("--all");
    EXPECT_TRUE(said("../x").contains("has '/'")) << said("../x");
    EXPECT_TRUE(said("linux-.+|x").contains("has '|'")) << said("linux-.+|x");
    EXPECT_TRUE(said("curl!").contains("has '!'")) << said("curl!");
    EXPECT_TRUE(said("lib[a").contains("a [ is not closed")) << said("lib[a");
    EXPECT_TRUE(said("lib[]a").contains("a [ is not closed")) << said("lib[]a");
    EXPECT_EQ(said("lib[]a]"), "nothing");
    EXPECT_TRUE(said(std::string(257, 'a')).contains("it is too long"));
}

TEST(NamedPackages, TellsWhichWordsMeanAPackage) {
    const std::vector<std::string> words{"lib*", "libc6:i386", "libc6", "curl", "li?c6:amd64"};
    const auto named = NamedPackages::of(words);
    ASSERT_TRUE(named.has_value());

    EXPECT_EQ(named->meaning("libc6", "i386"), (Texts{"lib*", "libc6:i386", "libc6"}));
    EXPECT_EQ(named->meaning("libc6", "amd64"), (Texts{"lib*", "libc6", "li?c6:amd64"}));
    EXPECT_EQ(
        named->meaning("libc6", "all"), (Texts{"lib*", "libc6:i386", "libc6", "li?c6:amd64"}));
    EXPECT_EQ(named->meaning("curl", "amd64"), (Texts{"curl"}));
    EXPECT_EQ(named->meaning("curls", "amd64"), Texts());
    EXPECT_EQ(
        NamedPackages::of(std::vector<std::string>{"a", "b c"}).error().code, "apply.bad_package");
}

}  // namespace
}  // namespace thimble::apply
