#include "thimble/apply/rpm_remains.hpp"

#include "thimble/host/root_host.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace thimble::apply {
namespace {

namespace fs = std::filesystem;

TEST(IsRemains, IsTheNameWithTheTransactionBehindIt) {
    EXPECT_TRUE(is_remains("t.conf;6b058479", "t.conf"));
    EXPECT_FALSE(is_remains("t.conf;6b05847", "t.conf"));
    EXPECT_FALSE(is_remains("t.conf;6b05847X", "t.conf"));
    EXPECT_FALSE(is_remains("t.conf.6b058479", "t.conf"));
    EXPECT_FALSE(is_remains("other;6b058479", "t.conf"));
}

TEST(RemoveRemains, TouchesNothingElseAndNothingOutsideOfTheRoot) {
    std::string pattern = "/tmp/thimble-remains-XXXXXX";
    const fs::path folder = ::mkdtemp(pattern.data());
    fs::create_directories(folder / "root/etc");
    fs::create_directories(folder / "out");
    for (const char* name :
         {"root/etc/t.conf", "root/etc/t.conf;6b058479", "root/etc/x;6b058479", "out/a;6b058479"}) {
        std::ofstream(folder / name) << "x";
    }
    fs::create_symlink(folder / "out", folder / "root/leads-out");
    auto host = host::RootHost::open((folder / "root").string());
    ASSERT_TRUE(host);

    EXPECT_EQ(remove_remains(**host, {"/etc/t.conf", "/leads-out/a", "/gone/b"}), 1U);

    EXPECT_TRUE(fs::exists(folder / "root/etc/t.conf"));
    EXPECT_FALSE(fs::exists(folder / "root/etc/t.conf;6b058479"));
    EXPECT_TRUE(fs::exists(folder / "root/etc/x;6b058479"));
    EXPECT_TRUE(fs::exists(folder / "out/a;6b058479"));
    fs::remove_all(folder);
}

}  // namespace
}  // namespace thimble::apply
