#include "thimble/verify/processes_of_root.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace thimble::verify {
namespace {

std::string new_folder() {
    std::string folder = testing::TempDir() + "thimble-root-XXXXXX";
    return ::mkdtemp(folder.data()) == nullptr ? std::string() : folder;
}

TEST(ProcessesOfRoot, FindsThoseOfARootAndCountsWhatCannotBeLookedAt) {
    const std::string folder = new_folder();

    const auto whole = processes_of_root("/");
    const auto none = processes_of_root(folder);

    ASSERT_TRUE(whole.has_value());
    const auto ours =
        std::ranges::find(whole->seen, static_cast<std::uint32_t>(::getpid()), &RootProcess::pid);
    ASSERT_NE(ours, whole->seen.end());
    EXPECT_EQ(ours->program, std::filesystem::read_symlink("/proc/self/exe").string());
    EXPECT_TRUE(ours->replaced.empty()) << ours->replaced.front();
    ASSERT_TRUE(none.has_value());
    // Whoever is not root may not look at the first process.
    EXPECT_EQ(none->may_run(), ::geteuid() != 0);
    EXPECT_EQ(processes_of_root(folder + "/none").error().kind, ErrorKind::NotFound);
    std::filesystem::remove_all(folder);
}

/// A process in a chroot: it runs a program of it, or waits as it is.
class Chrooted {
public:
    /// @param program  empty: none
    Chrooted(const std::string& root, const std::string& program) : pid_(::fork()) {
        if (pid_ == 0) {
            if (::chroot(root.c_str()) != 0 || ::chdir("/") != 0) {
                ::_exit(127);
            }
            while (program.empty()) {
                ::pause();
            }
            ::execl(program.c_str(), program.c_str(), "600", nullptr);
            ::_exit(127);
        }
    }
    Chrooted(const Chrooted&) = delete;
    Chrooted& operator=(const Chrooted&) = delete;
    Chrooted(Chrooted&&) = delete;
    Chrooted& operator=(Chrooted&&) = delete;
    ~Chrooted() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    [[nodiscard]] std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }

    /// Waits until a link of its folder in /proc leads there; false: it has ended.
    [[nodiscard]] bool has(const std::string& link, const std::string& target) const {
        for (;;) {
            std::error_code error;
            const std::string path = "/proc/" + std::to_string(pid_) + "/" + link;
            if (std::filesystem::read_symlink(path, error) == target) {
                return true;
            }
            if (::waitpid(pid_, nullptr, WNOHANG) != 0) {
                return false;
            }
        }
    }

private:
    pid_t pid_;
};

TEST(ProcessesOfRoot, LeavesOutFilesOfTheMachineThatAChrootHasMapped) {
    const std::string folder = new_folder();
    {
        const Chrooted process(folder, "");
        if (!process.has("root", folder)) {
            GTEST_SKIP() << "no right to change the root";
        }

        const auto found = processes_of_root(folder);

        ASSERT_TRUE(found.has_value());
        ASSERT_EQ(found->seen.size(), 1U);
        EXPECT_EQ(found->seen[0].pid, process.pid());
        EXPECT_TRUE(found->seen[0].files_known);
        EXPECT_TRUE(found->seen[0].replaced.empty());
        EXPECT_TRUE(found->may_run());
    }
    std::filesystem::remove_all(folder);
}

/// Copies a program with the loader and the C library.
bool copy_program(const std::string& program, const std::filesystem::path& root) {
    std::error_code error;
    const auto copy = [&](const std::filesystem::path& path) {
        const std::filesystem::path to = root / path.relative_path();
        std::filesystem::create_directories(to.parent_path(), error);
        std::filesystem::copy_file(
            path, to, std::filesystem::copy_options::overwrite_existing, error);
        return !error;
    };
    bool copied = copy(program);
    for (const char* library :
         {"/lib64/ld-linux-x86-64.so.2",
          "/lib/x86_64-linux-gnu/libc.so.6",
          "/lib/ld-linux-aarch64.so.1",
          "/lib/aarch64-linux-gnu/libc.so.6"}) {
        copied = (!std::filesystem::exists(library) || copy(library)) && copied;
    }
    return copied;
}

TEST(ProcessesOfRoot, NamesTheProgramAndTheFilesThatWereReplaced) {
    const std::string program = "/usr/bin/sleep";
    const std::string folder = new_folder();
    if (::geteuid() != 0 || !copy_program(program, folder)) {
        GTEST_SKIP() << "no program to run in a root";
    }
    {
        const Chrooted process(folder, program);
        ASSERT_TRUE(process.has("exe", folder + program)) << "it needs more than it was given";
        const auto before = processes_of_root(folder);
        ASSERT_TRUE(before.has_value());
        ASSERT_EQ(before->seen.size(), 1U);
        EXPECT_EQ(before->seen[0].program, program);
        EXPECT_EQ(before->seen[0].command, "sleep");
        EXPECT_TRUE(before->seen[0].replaced.empty()) << before->seen[0].replaced.front();

        // As dpkg does it: another file takes the name.
        std::filesystem::copy_file(folder + program, folder + program + ".new");
        std::filesystem::rename(folder + program + ".new", folder + program);
        const auto after = processes_of_root(folder);

        ASSERT_TRUE(after.has_value());
        ASSERT_EQ(after->seen.size(), 1U);
        EXPECT_EQ(after->seen[0].program, program);
        EXPECT_EQ(after->seen[0].replaced, std::vector<std::string>{program});
    }
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace thimble::verify
