#include "thimble/host/in_threads.hpp"

#include <cstddef>
#include <functional>
#include <system_error>
#include <thread>
#include <vector>

namespace thimble::host {

void in_threads(std::size_t threads, const std::function<void()>& work) {
    std::vector<std::jthread> others;
    bool may_start_more = true;
    while (may_start_more && others.size() + 1 < threads) {
        try {
            others.emplace_back(work);
        } catch (const std::system_error&) {
            may_start_more = false;
        }
    }
    work();
}

}  // namespace thimble::host
