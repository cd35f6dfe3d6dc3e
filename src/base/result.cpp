#include "thimble/base/result.hpp"

#include <cstdio>
#include <cstdlib>

namespace thimble::detail {

void check_failed(const char* condition, const char* file, int line) noexcept {
    std::fprintf(stderr, "thimble: broken invariant: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace thimble::detail
