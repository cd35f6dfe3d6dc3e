#include "thimble/rehearse/concerned_trials.hpp"

#include "thimble/rehearse/elf_object.hpp"
#include "thimble/rehearse/file_tree.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

using Names = std::set<std::string, std::less<>>;

ElfFile elf(std::vector<std::string> needed) {
    auto object = std::make_shared<ElfObject>();
    object->is_64 = true;
    object->machine = 62;
    object->needed = std::move(needed);
    return object;
}

Trial trial(const std::string& program, const std::string& worker = "") {
    return {
        .name = "config " + program,
        .argv = {program, "-t"},
        .user = {},
        .run_folder = {},
        .worker = worker};
}

/// nginx and httpd with OpenSSL, sshd without; apache2ctl is a script.
FileTree tree() {
    FileTree tree;
    tree.elf["/usr/lib/libssl.so.3"] = elf({});
    tree.elf["/usr/lib/libz.so.1"] = elf({});
    tree.elf["/usr/sbin/nginx"] = elf({"libssl.so.3"});
    tree.elf["/usr/sbin/apache2"] = elf({"libssl.so.3"});
    tree.elf["/usr/sbin/sshd"] = elf({"libz.so.1"});
    tree.links["/sbin"] = "usr/sbin";
    tree.loader_folders = {"/usr/lib"};
    return tree;
}

TEST(ConcernedTrials, AreThoseOfProgramsOfThePlanAndOfWhatLoadsItsLibraries) {
    const std::vector<Trial> trials{trial("/sbin/nginx"), trial("/usr/sbin/sshd")};

    EXPECT_EQ(concerned_trials(trials, tree(), {"/usr/sbin/nginx"}), Names{"config /sbin/nginx"});
    EXPECT_EQ(
        concerned_trials(trials, tree(), {"/usr/lib/libssl.so.3"}), Names{"config /sbin/nginx"});
    EXPECT_EQ(
        concerned_trials(trials, tree(), {"/usr/lib/libz.so.1"}), Names{"config /usr/sbin/sshd"});
    EXPECT_EQ(concerned_trials(trials, tree(), {"/usr/share/zoneinfo/UTC"}), Names{});
}

TEST(ConcernedTrials, AreAlsoThoseOfWhichItCannotBeTold) {
    const std::vector<Trial> known{trial("/usr/sbin/apache2ctl", "/usr/sbin/apache2")};
    const std::vector<Trial> unknown{trial("/usr/sbin/script")};
    FileTree part = tree();
    part.complete = false;

    EXPECT_EQ(concerned_trials(known, tree(), {"/usr/lib/libz.so.1"}), Names{});
    EXPECT_EQ(concerned_trials(known, tree(), {"/usr/lib/libssl.so.3"}).size(), 1U);
    EXPECT_EQ(concerned_trials(known, tree(), {"/usr/sbin/apache2ctl"}).size(), 1U);
    EXPECT_EQ(concerned_trials(unknown, tree(), {}).size(), 1U);
    EXPECT_EQ(concerned_trials(known, part, {}).size(), 1U);
}

}  // namespace
}  // namespace thimble::rehearse
