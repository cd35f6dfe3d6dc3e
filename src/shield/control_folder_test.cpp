#include "thimble/shield/control_folder.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace thimble::shield {
namespace {

namespace fs = std::filesystem;

TEST(ControlFolder, SaysHowTheOthersAreListedWhereThereIsNoSuchControl) {
    std::string state = fs::temp_directory_path() / "thimble-controls-XXXXXX";
    ASSERT_NE(::mkdtemp(state.data()), nullptr);
    {
        const auto folder = ControlFolder::open(state);
        ASSERT_TRUE(folder) << folder.error().text();
        EXPECT_TRUE(folder->ids().empty());

        const auto record = folder->read("nope");

        ASSERT_FALSE(record);
        EXPECT_EQ(record.error().kind, ErrorKind::NotFound);
        EXPECT_EQ(record.error().code, "shield.no_control");
        EXPECT_TRUE(record.error().text().contains("\"nope\": thimble control installed"));
    }
    fs::remove_all(state);
}

}  // namespace
}  // namespace thimble::shield
