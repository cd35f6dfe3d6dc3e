#include "thimble/apply/rpm_lock.hpp"

#include "thimble/host/root_host.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

namespace thimble::apply {
namespace {

/// A process that is called as dnf is, until this is destroyed.
class Dnf {
public:
    Dnf() {
        std::array<int, 2> named{};
        THIMBLE_CHECK(::pipe(named.data()) == 0);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::prctl(PR_SET_NAME, "dnf");
            ::close(named[1]);
            ::pause();
        }
        ::close(named[1]);
        char byte = 0;
        THIMBLE_CHECK(::read(named[0], &byte, 1) == 0);
        ::close(named[0]);
    }
    ~Dnf() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Dnf(const Dnf&) = delete;
    Dnf& operator=(const Dnf&) = delete;
    Dnf(Dnf&&) = delete;
    Dnf& operator=(Dnf&&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    pid_t pid_ = -1;
};

class FindRpmLockHolder : public testing::Test {
protected:
    void SetUp() override {
        folder = testing::TempDir() + "thimble-rpm-lock-XXXXXX";
        ASSERT_NE(::mkdtemp(folder.data()), nullptr);
        std::filesystem::create_directories(root() + "/run");
        std::filesystem::create_directories(root() + "/var/lib/dnf");
        auto opened = host::RootHost::open(root());
        ASSERT_TRUE(opened.has_value());
        host = *std::move(opened);
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    [[nodiscard]] std::string root() const { return folder + "/root"; }
    [[nodiscard]] std::optional<LockHolder> find() const {
        const auto found = find_rpm_lock_holder(*host);
        EXPECT_TRUE(found.has_value());
        return found.value_or(std::nullopt);
    }

    std::string folder;
    std::unique_ptr<host::Host> host;
};

TEST_F(FindRpmLockHolder, NamesTheProcessWhoseNumberAFileHas) {
    const Dnf dnf;
    std::ofstream(root() + "/var/lib/dnf/rpmdb_lock.pid") << dnf.pid() << "\n";

    const auto holder = find();

    ASSERT_TRUE(holder.has_value());
    EXPECT_EQ(holder->pid, static_cast<std::uint32_t>(dnf.pid()));
    EXPECT_EQ(holder->lock, "/var/lib/dnf/rpmdb_lock.pid");
}

TEST_F(FindRpmLockHolder, ReadsNothingOutsideOfTheRootAndWaitsForNobody) {
    const Dnf dnf;
    std::ofstream(folder + "/outside") << dnf.pid() << "\n";
    std::filesystem::create_symlink(folder + "/outside", root() + "/var/lib/dnf/rpmdb_lock.pid");
    ASSERT_EQ(::mkfifo((root() + "/run/zypp.pid").c_str(), 0600), 0);

    EXPECT_FALSE(find().has_value());
}

TEST_F(FindRpmLockHolder, ReadsNoFileWithoutAnEnd) {
    const std::string path = root() + "/run/zypp.pid";
    std::ofstream(path) << "1";
    std::filesystem::resize_file(path, std::uintmax_t{1} << 40);

    EXPECT_FALSE(find().has_value());
}

}  // namespace
}  // namespace thimble::apply
