#include "thimble/cli/first_seen.hpp"

#include "thimble/host/replace_file.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <system_error>
#include <utility>

namespace thimble::cli {
namespace {

using Key = std::pair<std::string, std::string>;  // vulnerability, source

std::map<Key, Instant> read_memory(const std::filesystem::path& file) {
    std::map<Key, Instant> memory;
    std::ifstream in(file);
    std::string line;
    while (std::getline(in, line)) {
        const std::size_t first = line.find('\t');
        const std::size_t second = first == std::string::npos ? first : line.find('\t', first + 1);
        if (second == std::string::npos) {
            continue;
        }
        // A damaged line only loses its own date.
        if (const auto instant = parse_instant(std::string_view(line).substr(0, first))) {
            memory.emplace(
                Key{line.substr(first + 1, second - first - 1), line.substr(second + 1)}, *instant);
        }
    }
    return memory;
}

}  // namespace

Result<std::vector<Instant>> remember_first_seen(
    const std::filesystem::path& file,
    const model::Inventory& inventory,
    const model::Assessment& assessment,
    Instant now) {
    const std::map<Key, Instant> before = read_memory(file);
    // What this scan does not find is kept too: another catalog or a broken sync must not restart
    // the clock, and a finding that comes back was never really gone.
    std::map<Key, Instant> after = before;
    std::vector<Instant> seen;
    for (const model::Finding& finding : assessment.findings) {
        Instant first = now;
        if (model::is_open(finding.status) && finding.vulnerability != 0) {
            Key key{
                assessment.vulnerabilities[finding.vulnerability].id,
                inventory.packages[finding.package].source_name};
            const auto known = before.find(key);
            first = known == before.end() ? now : std::min(known->second, now);
            after.emplace(std::move(key), first);
        }
        seen.push_back(first);
    }
    if (after == before) {
        return seen;
    }
    std::string text;
    for (const auto& [key, instant] : after) {
        text += format_instant(instant) + '\t' + key.first + '\t' + key.second + '\n';
    }
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    THIMBLE_TRY(host::replace_file(file.string(), text, host::Readers::Anyone));
    return seen;
}

}  // namespace thimble::cli
