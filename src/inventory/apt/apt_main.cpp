/// @file thimble-apt: asks libapt-pkg what the repositories offer, what a transaction would be, and for
/// archives; answers in JSON.
///
/// A program of its own so that libapt-pkg's ABI and licence stay apart from thimble. It takes no
/// lock and writes nothing but its own cache folder, the folder for archives and folders below $TMPDIR: of what
/// it unpacks, or of links that lead to the lists and settings of a root. They go with it, unless it is killed.

#include "archive_fetch.hpp"
#include "changelogs.hpp"
#include "check_root.hpp"
#include "configure.hpp"
#include "index_state.hpp"
#include "offers.hpp"
#include "options.hpp"
#include "own_archive.hpp"
#include "resolve.hpp"
#include "root_lists.hpp"
#include "root_settings.hpp"
#include "thimble/apply/apt_pins.hpp"
#include "thimble/apply/apt_request.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/inventory/apt_answer.hpp"
#include "unpack_root.hpp"

#include <apt-pkg/cachefile.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/fileutl.h>
#include <apt-pkg/policy.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace thimble {
namespace {

using inventory::apt::Options;

constexpr std::size_t kMaxInput = std::size_t{64} << 20;

/// All of standard input.
Result<std::string> read_input() {
    std::string text;
    std::array<char, 1 << 16> piece{};
    for (;;) {
        const std::size_t got = std::fread(piece.data(), 1, piece.size(), stdin);
        if (got == 0) {
            return text;
        }
        text.append(piece.data(), got);
        if (text.size() > kMaxInput) {
            return failure(ErrorKind::Invalid, "inventory.apt_usage", "the input is too long");
        }
    }
}

/// Thimble's own pins keep others from what was taken back. Thimble itself knows that from its runs, and has to see what is
/// offered as if they were not there.
/// @source ReadPinDir in apt-pkg/policy.cc, which reads all of the folder
void read_pins_of_others(const std::string& folder, pkgPolicy& policy) {
    if (!DirectoryExists(folder)) {
        return;
    }
    for (const std::string& path : GetListOfFilesInDir(folder, "pref", true, true)) {
        if (apply::pinned_run_of(path.substr(path.rfind('/') + 1)).empty()) {
            ReadPinFile(policy, path);
        }
    }
}

/// apt's index, and what of a root it was read from.
struct Index {
    std::unique_ptr<inventory::apt::RootLists> lists;  ///< none: of this machine
    std::unique_ptr<inventory::apt::RootSettings> settings;
    pkgCacheFile cache;
};

/// The way to a root for every verb: libapt-pkg is not to be led out of it by some of them.
Result<std::unique_ptr<Index>> open_index(Options options) {
    auto index = std::make_unique<Index>();
    if (!options.root.empty()) {
        THIMBLE_TRY(index->lists, inventory::apt::RootLists::of(options.root));
        THIMBLE_TRY(inventory::apt::check_root(options.root, *index->lists));
        THIMBLE_TRY(index->settings, inventory::apt::RootSettings::of(options.root));
        options.settings = index->settings->path();
        options.state = index->lists->state();
        options.lists = index->lists->path();
        options.status = index->lists->status();
        options.marks = index->lists->marks();
    }
    THIMBLE_TRY(inventory::apt::configure(options));
    const std::string pins = _config->FindDir("Dir::Etc::PreferencesParts", "/dev/null");
    _config->Set("Dir::Etc::PreferencesParts", "/dev/null");
    if (!index->cache.BuildCaches(nullptr, false) || index->cache.GetPolicy() == nullptr) {
        return failure(
            ErrorKind::Unavailable,
            "inventory.apt_cache",
            "apt's index cannot be read: " + inventory::apt::take_apt_errors());
    }
    read_pins_of_others(pins, *index->cache.GetPolicy());
    inventory::apt::take_apt_errors();
    return index;
}

Result<inventory::AptAnswer> read_answer(const Options& options) {
    THIMBLE_TRY(const auto index, open_index(options));
    const host::SystemClock clock;
    inventory::AptAnswer answer;
    answer.index = inventory::apt::read_index_state(index->cache, clock.now());
    answer.offers = inventory::apt::read_offers(index->cache);
    if (options.changelogs) {
        if (!options.root.empty()) {
            inventory::apt::fetch_nothing_of_this_machine();
        }
        inventory::apt::read_changelogs(index->cache, options, answer);
    }
    if (auto gap = index->lists ? index->lists->gap() : std::nullopt) {
        answer.gaps.push_back(*std::move(gap));
    }
    if (index->settings) {
        std::ranges::move(index->settings->gaps(), std::back_inserter(answer.gaps));
    }
    return answer;
}

/// The same for a root that comes as an archive.
Result<inventory::AptAnswer> read_answer_about_archive(Options options) {
    THIMBLE_TRY(const auto root, inventory::apt::UnpackedRoot::from(STDIN_FILENO));
    options.root = root->path();
    THIMBLE_TRY(inventory::AptAnswer answer, read_answer(options));
    if (root->left_out() > 0) {
        answer.gaps.push_back(
            {.code = "inventory.apt_files_left_out",
             .detail = std::to_string(root->left_out())
                 + " of the host's apt files were left out: links, or settings that include other"
                   " files.",
             .next = "Run the scan on the host itself."});
    }
    return answer;
}

Result<std::string> tell_offers(const Options& options) {
    THIMBLE_TRY(
        const inventory::AptAnswer answer,
        options.archive ? read_answer_about_archive(options) : read_answer(options));
    return inventory::format_apt_answer(answer);
}

Result<std::string> tell_transaction(const Options& options) {
    THIMBLE_TRY(const std::string input, read_input());
    THIMBLE_TRY(const apply::Resolving wanted, apply::parse_resolving(input));
    THIMBLE_TRY(const auto index, open_index(options));
    return apply::format_resolution(inventory::apt::resolve(index->cache, wanted));
}

Result<std::string> fetch_archives(const Options& options) {
    THIMBLE_TRY(const std::string input, read_input());
    THIMBLE_TRY(const auto wanted, apply::parse_wanted_archives(input));
    THIMBLE_TRY(const auto index, open_index(options));
    return apply::format_fetched_archives(inventory::apt::fetch_archives(
        index->cache,
        wanted,
        {.folder = options.folder,
         .deadline = std::chrono::steady_clock::now() + options.time_limit,
         .root = options.root,
         .status_descriptor = options.status_descriptor}));
}

Result<std::string> answer(const Options& options) {
    switch (options.verb) {
        case inventory::apt::Verb::Offers: return tell_offers(options);
        case inventory::apt::Verb::Resolve: return tell_transaction(options);
        case inventory::apt::Verb::Fetch: return fetch_archives(options);
    }
    return tell_offers(options);
}

int run_thimble_apt(std::span<const char* const> arguments) {
    const auto options = inventory::apt::parse_options(arguments);
    if (!options) {
        std::fprintf(stderr, "thimble-apt: %s\n", options.error().text().c_str());
        return 64;
    }
    const auto text = answer(*options);
    if (!text) {
        std::fprintf(stderr, "thimble-apt: %s\n", text.error().text().c_str());
        return 1;
    }
    const bool written = std::fwrite(text->data(), 1, text->size(), stdout) == text->size()
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
