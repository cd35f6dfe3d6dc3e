#include "thimble/shield/owned_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace thimble::shield {
namespace {

namespace fs = std::filesystem;

struct Folder {
    Folder() {
        path = fs::temp_directory_path() / "thimble-owned-XXXXXX";
        EXPECT_NE(::mkdtemp(path.data()), nullptr);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    Folder(Folder&&) = delete;
    Folder& operator=(Folder&&) = delete;
    ~Folder() { fs::remove_all(path); }
    std::string path;
};

TEST(OwnedFile, IsWrittenLookedAtAndRemoved) {
    const Folder folder;
    const OwnedFile file{folder.path + "/new/a.conf", "text\n"};

    ASSERT_TRUE(write_owned(file).has_value());

    EXPECT_EQ(look_at_owned(file).passed, true);
    std::ofstream(file.path) << "other";
    EXPECT_EQ(look_at_owned(file).passed, false);
    EXPECT_TRUE(remove_owned(file.path).has_value());
    EXPECT_TRUE(remove_owned(file.path).has_value()) << "twice is as good as once";
    EXPECT_EQ(look_at_owned(file).passed, false);
}

TEST(OwnedFile, TakesWhatAKilledWriteHasLeftAlong) {
    const Folder folder;
    for (const char* name : {"/a.conf", "/a.conf.x7Yz01", "/a.conf.bak", "/b.conf.x7Yz01"}) {
        std::ofstream(folder.path + name) << "x";
    }

    ASSERT_TRUE(remove_owned(folder.path + "/a.conf").has_value());

    EXPECT_FALSE(fs::exists(folder.path + "/a.conf.x7Yz01"));
    EXPECT_TRUE(fs::exists(folder.path + "/a.conf.bak")) << "the owner's";
    EXPECT_TRUE(fs::exists(folder.path + "/b.conf.x7Yz01"));
}

TEST(WrittenSince, IsTheNewPartAlsoOfALogThatWasBegunAnew) {
    const Folder folder;
    const std::string log = folder.path + "/log";
    std::ofstream(log) << "old\n";
    const std::size_t before = size_of(log);
    std::ofstream(log, std::ios::app) << "new\n";

    EXPECT_EQ(written_since(log, before), "new\n");
    EXPECT_EQ(written_since(log, before + 100), "old\nnew\n");
    EXPECT_EQ(written_since(folder.path + "/none", 0), "");
}

}  // namespace
}  // namespace thimble::shield
