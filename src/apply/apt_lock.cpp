#include "thimble/apply/apt_lock.hpp"

#include "thimble/apply/lock_holder.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/base/result.hpp"

#include <array>
#include <optional>
#include <string>

namespace thimble::apply {
namespace {

constexpr std::array kLocks{"/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock"};

}  // namespace

Result<std::optional<LockHolder>> find_lock_holder(const std::string& root) {
    for (const char* lock : kLocks) {
        THIMBLE_TRY(auto holder, holder_of_lock(root, lock));
        if (holder) {
            return holder;
        }
    }
    return std::optional<LockHolder>();
}

}  // namespace thimble::apply
