#include "thimble/inventory/free_space.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/host/host.hpp"
#include "thimble/model/inventory.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::inventory {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMostKiB = std::numeric_limits<std::uint64_t>::max() / kKiB;

/// `device blocks used available capacity mounted-on`; a device and a mount point may hold blanks,
/// the four words between them not.
std::optional<FileSystem> parse_line(std::string_view line) {
    const std::size_t percent = line.find("% ");
    if (percent == std::string_view::npos) {
        return std::nullopt;
    }
    FileSystem found;
    found.mounted_on = trimmed(line.substr(percent + 1));
    std::string_view rest = line.substr(0, percent);
    const auto last_word = [&rest] {
        rest = trimmed(rest);
        const std::size_t blank = rest.rfind(' ');
        const std::size_t begin = blank == std::string_view::npos ? 0 : blank + 1;
        const std::string_view word = rest.substr(begin);
        rest = rest.substr(0, begin);
        return word;
    };
    last_word();  // the capacity
    const auto available = number_in<std::uint64_t>(last_word());
    const auto used = number_in<std::uint64_t>(last_word());
    const auto blocks = number_in<std::uint64_t>(last_word());
    found.device = trimmed(rest);
    if (!available || *available > kMostKiB || !used || !blocks || found.device.empty()
        || !found.mounted_on.starts_with('/')) {
        return std::nullopt;
    }
    found.free_bytes = *available * kKiB;
    return found;
}

/// What one patch needs.
struct Need {
    std::uint64_t download = 0;
    std::int64_t growth = 0;
};

std::string megabytes(std::uint64_t bytes) {
    constexpr std::uint64_t kTenth = 100'000;
    const std::uint64_t tenths = (bytes + kTenth - 1) / kTenth;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

/// Why a patch does not fit; empty when it does.
std::string why_not(const Need& need, const FileSystem& installed, const FileSystem& cache) {
    const auto growth = static_cast<std::uint64_t>(std::max<std::int64_t>(need.growth, 0));
    const bool is_one =
        installed.device == cache.device && installed.mounted_on == cache.mounted_on;
    const std::uint64_t for_files = growth + (is_one ? need.download : 0);
    if (for_files > installed.free_bytes) {
        return "needs " + megabytes(for_files) + " on " + installed.mounted_on + ", free are "
            + megabytes(installed.free_bytes);
    }
    if (!is_one && need.download > cache.free_bytes) {
        return "needs " + megabytes(need.download) + " on " + cache.mounted_on
            + " for the download, free are " + megabytes(cache.free_bytes);
    }
    return {};
}

}  // namespace

std::vector<FileSystem> parse_free_space(std::string_view text) {
    std::vector<FileSystem> found;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        if (auto file_system = parse_line(line)) {
            found.push_back(*std::move(file_system));
        }
    }
    return found;
}

void block_what_does_not_fit(
    const FileSystem& installed, const FileSystem& cache, std::vector<model::Offer>& offers) {
    std::map<std::string, Need, std::less<>> needs;
    for (const model::Offer& offer : offers) {
        Need& need = needs[offer.source_name];
        need.download += offer.download_bytes;
        need.growth += offer.growth_bytes;
    }
    for (model::Offer& offer : offers) {
        std::string why = why_not(needs[offer.source_name], installed, cache);
        if (!why.empty()) {
            offer.blockers.push_back({model::BlockerKind::NoSpace, std::move(why)});
        }
    }
}

void read_free_space(host::Host& host, model::Inventory& inventory) {
    if (inventory.offers.empty()) {
        return;
    }
    const auto outcome = host.run(host::Command{
        .argv = {"df", "-P", "-k", "--", "/usr", "/var"},
        .timeout = std::chrono::seconds(10),  // a network disk may not answer
        .output_limit = std::size_t{64} << 10});
    if (!outcome && outcome.error().kind == ErrorKind::Unsupported) {
        return;
    }
    const std::vector<FileSystem> found =
        outcome ? parse_free_space(outcome->output) : std::vector<FileSystem>();
    if (found.size() != 2) {
        inventory.gaps.push_back(
            {.code = "inventory.no_free_space",
             .detail = "How much room there is cannot be told, so no patch is blocked by it.",
             .next = "Run `df /usr /var` on the host."});
        return;
    }
    block_what_does_not_fit(found[0], found[1], inventory.offers);
}

}  // namespace thimble::inventory
