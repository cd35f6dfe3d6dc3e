#include "thimble/cli/host_root.hpp"

#include <sys/stat.h>

#include <cstdint>

namespace thimble::cli {
namespace {

enum class Relation : std::uint8_t { Same, Two, Unknown };

/// As the lock of a run names its host (apply::RunLock).
Relation relation_of(const std::string& one, const std::string& other) {
    if (one == other) {
        return Relation::Same;
    }
    struct stat first{};
    struct stat second{};
    if (::stat(one.c_str(), &first) != 0 || ::stat(other.c_str(), &second) != 0) {
        return Relation::Unknown;
    }
    const bool is_one = first.st_dev == second.st_dev && first.st_ino == second.st_ino;
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
