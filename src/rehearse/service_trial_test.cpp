#include "thimble/rehearse/service_trial.hpp"

#include "thimble/host/root_host.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace thimble::rehearse {
namespace {

class ServicesOfAHost : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "thimble-units-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        for (const char* const unit :
             {"etc/systemd/system/web.service",
              "usr/lib/systemd/system/web.service",
              "usr/lib/systemd/system/worker@.service",
              "usr/lib/systemd/system/web.socket"}) {
            const std::filesystem::path file = folder_ / unit;
            std::filesystem::create_directories(file.parent_path());
            std::ofstream(file) << "[Service]\nExecStart=/usr/bin/sleep 1\n";
        }
        host_ = *host::RootHost::open(folder_.string());
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path folder_;
    std::unique_ptr<host::Host> host_;
};

TEST_F(ServicesOfAHost, AreListedOnce) {
    EXPECT_EQ(service_names(*host_), (std::vector<std::string>{"web.service", "worker@.service"}));
}

TEST_F(ServicesOfAHost, AreKnownByName) {
    EXPECT_TRUE(check_unit(*host_, "web.service").has_value());
    EXPECT_TRUE(check_unit(*host_, "worker@one.service").has_value());
    EXPECT_EQ(check_unit(*host_, "wep.service").error().code, "rehearse.no_unit");
    EXPECT_EQ(check_unit(*host_, "wep.service").error().kind, ErrorKind::NotFound);
    for (const char* const wrong : {"web", "web.socket", "../web.service", ""}) {
        EXPECT_EQ(check_unit(*host_, wrong).error().code, "rehearse.bad_unit") << wrong;
    }
}

}  // namespace
}  // namespace thimble::rehearse
