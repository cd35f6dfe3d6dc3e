#include "thimble/feeds/module_stream.hpp"

#include "thimble/feeds/record_text.hpp"

#include <algorithm>
#include <utility>

namespace thimble::feeds {
namespace {

constexpr std::size_t kMaxStreams = 8;

bool is_modular(const model::AffectedPackage& package) {
    return std::ranges::any_of(package.ranges, [](const model::VersionRange& range) {
        return std::ranges::any_of(range.events, [](const model::RangeEvent& event) {
            return is_modular_version(event.version);
        });
    });
}

}  // namespace

std::vector<std::string> module_streams_in(std::string_view summary) {
    std::vector<std::string> streams;
    while (!summary.empty() && streams.size() < kMaxStreams) {
        const std::size_t end = std::min(summary.find_first_of(" ,"), summary.size());
        std::string_view word = summary.substr(0, end);
        summary.remove_prefix(std::min(end + 1, summary.size()));
        while (!word.empty() && (word.back() == ',' || word.back() == ';')) {
            word.remove_suffix(1);
        }
        const std::size_t colon = word.find(':');
        if (colon != std::string_view::npos && colon > 0 && colon + 1 < word.size()
            && word.find(':', colon + 1) == std::string_view::npos && !word.contains('/')) {
            streams.emplace_back(word);
        }
    }
    return streams;
}

bool is_modular_version(std::string_view version) {
    return version.contains(".module_el") || version.contains(".module+el");
}

void assign_module_streams(model::Advisory& advisory) {
    if (std::ranges::none_of(advisory.affected, is_modular)) {
        return;
    }
    const std::vector<std::string> streams = module_streams_in(advisory.summary);
    if (streams.empty()) {
        return;
    }
    std::vector<model::AffectedPackage> assigned;
    for (model::AffectedPackage& package : advisory.affected) {
        if (!is_modular(package)) {
            assigned.push_back(std::move(package));
            continue;
        }
        for (const std::string& stream : streams) {
            assigned.push_back(package);
            assigned.back().module_stream = stream;
        }
    }
    advisory.affected = std::move(assigned);
}

}  // namespace thimble::feeds
