#include "thimble/base/error.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/scratch_folder_test.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <system_error>

namespace thimble::host {
namespace {

namespace fs = std::filesystem;

std::string output_of(Enclosure& enclosure, const std::string& script) {
    const auto outcome = enclosure.run(Command{.argv = {"sh", "-c", script}});
    return outcome ? outcome->output + outcome->errors : outcome.error().text();
}

TEST(EnclosureMounts, RunsNothingWhereTheMachineRunsNothing) {
    if (const std::string reason = why_no_enclosure(); !reason.empty()) {
        GTEST_SKIP() << reason;
    }
    // Not in /var/tmp, over which a mount comes.
    std::string place = "/srv/thimble-test-XXXXXX";
    ASSERT_NE(::mkdtemp(place.data()), nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        constexpr unsigned long kRestricted = MS_NOEXEC | MS_NOSUID;
        const bool made = ::unshare(CLONE_NEWNS) == 0
            && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
            && ::mount("/opt", "/opt", nullptr, MS_BIND, nullptr) == 0
            && ::mount(nullptr, "/opt", nullptr, MS_REMOUNT | MS_BIND | kRestricted, nullptr) == 0
            && ::mount("tmp", "/tmp", "tmpfs", kRestricted, nullptr) == 0
            && ::mount("tmp", "/var/tmp", "tmpfs", kRestricted, nullptr) == 0;
        auto opened = made
            ? Enclosure::open({.root = "/", .work = place + "/work", .masked = {}, .binds = {}})
            : Result<std::unique_ptr<Enclosure>>(Error{});
        std::ofstream out(place + "/said");
        for (const std::string folder : {"/opt", "/tmp", "/var/tmp", "/root"}) {
            const std::string script = "f=" + folder
                + "/thimble-run-test; cp /bin/true $f && $f 2>/dev/null; echo $? $(findmnt -no "
                  "OPTIONS -T $f | grep -o nosuid)";
            out << folder << " "
                << (opened ? output_of(**opened, script) : opened.error().text() + "\n");
        }
        out.close();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    std::ifstream file(place + "/said");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    std::error_code ignored;
    fs::remove_all(place, ignored);

    EXPECT_EQ(text, "/opt 126 nosuid\n/tmp 126 nosuid\n/var/tmp 126 nosuid\n/root 0\n");
}

}  // namespace
}  // namespace thimble::host
