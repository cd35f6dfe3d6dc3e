#include "thimble/server/parse_evidence.hpp"

#include "thimble/base/hex.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/json_members.hpp"

#include <algorithm>
#include <array>

namespace thimble::server {
namespace {

constexpr std::string_view kFormat = "thimble.evidence/1";
constexpr std::size_t kMostTexts = 1000;
constexpr std::size_t kMostProcesses = 8192;
constexpr std::size_t kMostFiles = 100'000;
constexpr std::size_t kMaxNameBytes = 4096;
constexpr std::size_t kMaxTextBytes = std::size_t{1} << 20U;

/// A member that is a text of at most so many bytes.
void read_text(JsonMembers& members, std::string_view name, std::size_t most) {
    if (members.text(name).size() > most) {
        members.reject(name);
    }
}

void read_digest_or_null(JsonMembers& members, std::string_view name) {
    const std::string digest = members.text_or_null(name);
    if (!digest.empty() && !is_sha256(digest)) {
        members.reject(name);
    }
}

Result<void> check_text(const JsonValue& value) {
    JsonMembers members(value);
    read_text(members, "of", kMaxNameBytes);
    read_text(members, "text", kMaxTextBytes);
    return members.done();
}

Result<void> check_process(const JsonValue& value) {
    JsonMembers members(value);
    members.count("id");
    read_text(members, "status", kMaxTextBytes);
    read_text(members, "command", kMaxTextBytes);
    if (members.text_or_null("program").size() > kMaxNameBytes) {
        members.reject("program");
    }
    read_digest_or_null(members, "program_sha256");
    return members.done();
}

Result<void> check_file(const JsonValue& value) {
    JsonMembers members(value);
    read_text(members, "path", kMaxNameBytes);
    if (!is_sha256(members.text("sha256"))) {
        members.reject("sha256");
    }
    return members.done();
}

Result<void> check_difference(const JsonValue& value) {
    JsonMembers members(value);
    for (const std::string_view name : {"package", "path", "what"}) {
        read_text(members, name, kMaxNameBytes);
    }
    return members.done();
}

/// One of its lists.
struct Part {
    std::string_view name;
    std::size_t most;
    Result<void> (*check)(const JsonValue& value);
};
constexpr std::array kParts{
    Part{"texts", kMostTexts, check_text},
    Part{"processes", kMostProcesses, check_process},
    Part{"files", kMostFiles, check_file},
    Part{"differences", kMostFiles, check_difference},
};

Result<void> check(const JsonValue& document) {
    JsonMembers members(document);
    if (members.text("format") != kFormat) {
        members.reject("format");
    }
    if (!parse_instant(members.text("at"))) {
        members.reject("at");
    }
    read_text(members, "host", kMaxNameBytes);
    for (const Part& part : kParts) {
        const JsonValue::Array& items = members.array(part.name);
        if (items.size() > part.most) {
            members.reject(part.name);
            break;
        }
        for (const JsonValue& item : items) {
            if (const auto checked = part.check(item); !checked) {
                return because(std::string(part.name), checked.error());
            }
        }
    }
    const std::vector<std::string> gaps = members.texts("gaps");
    const bool are_short = std::ranges::all_of(
        gaps, [](const std::string& gap) { return gap.size() <= kMaxNameBytes; });
    if (gaps.size() > kMostFiles || !are_short) {
        members.reject("gaps");
    }
    return members.done();
}

}  // namespace

std::string why_no_evidence(std::string_view document) {
    if (document.size() > kMaxEvidenceBytes) {
        return "it has more than 16 MiB";
    }
    const auto parsed = parse_json(document);
    const auto checked = parsed ? check(*parsed) : Result<void>(parsed.error());
    return checked ? "" : checked.error().text();
}

}  // namespace thimble::server
