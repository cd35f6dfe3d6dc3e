/// @file thimble-apt: asks libapt-pkg what the repositories offer, and answers in JSON.
///
/// A program of its own so that libapt-pkg's ABI and licence stay apart from thimble. It takes no
/// lock and writes nothing but its own cache folder.

#include "changelogs.hpp"
#include "configure.hpp"
#include "index_state.hpp"
#include "offers.hpp"
#include "options.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/inventory/apt_answer.hpp"

#include <apt-pkg/cachefile.h>

#include <cstdio>
#include <exception>
#include <span>

namespace thimble {
namespace {

Result<inventory::AptAnswer> answer(const inventory::apt::Options& options) {
    THIMBLE_TRY(inventory::apt::configure(options));
    pkgCacheFile cache;
    if (!cache.BuildCaches(nullptr, false) || cache.GetPolicy() == nullptr) {
        return failure(
            ErrorKind::Unavailable,
            "inventory.apt_cache",
            "apt's index cannot be read: " + inventory::apt::take_apt_errors());
    }
    inventory::apt::take_apt_errors();
    const host::SystemClock clock;
    inventory::AptAnswer answer;
    answer.index = inventory::apt::read_index_state(cache, clock.now());
    answer.offers = inventory::apt::read_offers(cache);
    if (options.changelogs) {
        inventory::apt::read_changelogs(cache, options, answer);
    }
    return answer;
}

int run_thimble_apt(std::span<const char* const> arguments) {
    const auto options = inventory::apt::parse_options(arguments);
    if (!options) {
        std::fprintf(stderr, "thimble-apt: %s\n", options.error().text().c_str());
        return 64;
    }
    const auto found = answer(*options);
    if (!found) {
        std::fprintf(stderr, "thimble-apt: %s\n", found.error().text().c_str());
        return 1;
    }
    const std::string text = inventory::format_apt_answer(*found);
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size()
        && std::fputc('\n', stdout) != EOF && std::fflush(stdout) == 0;
    return written ? 0 : 1;
}

}  // namespace
}  // namespace thimble

int main(int argc, char** argv) {
    try {
        return thimble::run_thimble_apt({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "thimble-apt: %s\n", error.what());
        return 1;
    }
}
