#include "thimble/cli/host_root.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>

namespace thimble::cli {
namespace {

enum class Relation : std::uint8_t { Same, Two, Unknown };

/// Nothing is mounted for it, and no server far away is asked where what is known of the directory will do.
bool look(const std::string& root, struct statx& status) {
    constexpr int kHow = AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;
    return ::statx(AT_FDCWD, root.c_str(), kHow, STATX_INO, &status) == 0;
}

/// As the lock of a run names its host (apply::RunLock).
Relation relation_of(const std::string& one, const std::string& other) {
    if (one == other) {
        return Relation::Same;
    }
    struct statx first{};
    struct statx second{};
    if (!look(one, first) || !look(other, second)) {
        return Relation::Unknown;
    }
    const bool is_one = first.stx_dev_major == second.stx_dev_major
        && first.stx_dev_minor == second.stx_dev_minor && first.stx_ino == second.stx_ino;
    return is_one ? Relation::Same : Relation::Two;
}

}  // namespace

bool is_same_root(const std::string& one, const std::string& other) {
    return relation_of(one, other) == Relation::Same;
}

bool are_two_roots(const std::string& one, const std::string& other) {
    return relation_of(one, other) == Relation::Two;
}

}  // namespace thimble::cli
