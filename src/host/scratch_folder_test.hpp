#pragma once
/// @file A folder for one test, and whether enclosures can be made here.

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace thimble::host {

/// On a disk, because an overlay cannot write to everything; removed at the end.
struct ScratchFolder {
    ScratchFolder() {
        const char* const chosen = std::getenv("THIMBLE_TEST_CACHE");
        path = std::string(chosen != nullptr ? chosen : "/var/tmp") + "/thimble-test-XXXXXX";
        if (::mkdtemp(path.data()) == nullptr) {
            std::abort();
        }
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ScratchFolder(ScratchFolder&&) = delete;
    ScratchFolder& operator=(ScratchFolder&&) = delete;
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    std::string path;
};

/// Empty when root may make namespaces and the kernel knows overlays.
inline std::string why_no_enclosure() {
    if (::geteuid() != 0) {
        return "enclosures need root";
    }
    const pid_t child = ::fork();
    if (child == 0) {
        // Within a chroot, the root of a mount namespace is not ours.
        struct stat ours{};
        struct stat its{};
        const bool made = ::unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET) == 0
            && ::stat("/", &ours) == 0
            && ::setns(::open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), CLONE_NEWNS) == 0
            && ::stat("/", &its) == 0;
        ::_exit(made && ours.st_dev == its.st_dev && ours.st_ino == its.st_ino ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0) {
        return "namespaces may not be made here";
    }
    std::ifstream known("/proc/filesystems");
    const std::string text((std::istreambuf_iterator<char>(known)), {});
    return text.find("overlay") == std::string::npos ? "the kernel has no overlay" : "";
}

}  // namespace thimble::host
