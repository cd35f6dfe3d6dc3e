#include "thimble/feeds/parse_nuclei.hpp"

#include "thimble/feeds/exploit_facts.hpp"
#include "thimble/feeds/json_access.hpp"
#include "thimble/feeds/lines.hpp"
#include "thimble/feeds/record_text.hpp"

#include <algorithm>
#include <string>

namespace thimble::feeds {
namespace {

/// The path as the templates' repository has it, without the folder of whoever made the list.
std::string_view template_path(std::string_view path) {
    if (!path.starts_with('/')) {
        return path;
    }
    const std::size_t at = path.rfind("/cves/");
    return at == std::string_view::npos ? path.substr(path.rfind('/') + 1) : path.substr(at + 1);
}

/// The reason why the line cannot be used; empty where it was given to the sink.
std::string read_line(
    std::string_view line, const ParseContext& context, Sink& sink, ParseCounts& counts) {
    if (line.size() > context.limits.max_line_bytes) {
        return "the line is too long";
    }
    const auto root = parse_json(line, context);
    if (!root) {
        return root.error().message;
    }
    const std::string_view id = trimmed(member_text(*root, "ID"));
    if (!is_cve_id(id)) {
        return "\"ID\" is missing or not a CVE id";
    }
    const std::string_view path = template_path(member_text(*root, "file_path"));
    give_exploit(id, "nuclei", path.empty() ? id : path, sink, counts);
    return {};
}

}  // namespace

Result<ParseCounts> parse_nuclei(const PaddedText& text, const ParseContext& context, Sink& sink) {
    ParseCounts counts;
    Lines lines(text.view());
    while (const auto line = lines.next()) {
        if (trimmed(*line).empty()) {
            continue;
        }
        const std::string problem = read_line(*line, context, sink, counts);
        if (!problem.empty()) {
            sink.quarantine("line " + std::to_string(lines.number()), problem);
            ++counts.quarantined;
        }
    }
    return counts;
}

}  // namespace thimble::feeds
