#include "thimble/client/exception_words.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/client/board_notes.hpp"
#include "thimble/client/list_view.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace thimble::client {
namespace {

std::string member(const JsonValue& item, std::string_view name) {
    return printable(member_text(item, name).value_or(""));
}

/// A line for each member that says something.
std::string member_lines(const JsonValue& exception) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kLines{{
        {"reason", "because"},
        {"why", "said"},
        {"owner", "owner"},
        {"group", "group"},
        {"tag", "tag"},
        {"hosts", "hosts"},
        {"packages", "packages"},
        {"vulnerabilities", "vulnerabilities"},
        {"controls", "shielded by"},
        {"controls_end_at", "the first of these ends"},
        {"requester", "asked by"},
        {"approver", "agreed by"},
        {"expires_at", "until"},
        {"renewals", "renewals"},
        {"renewal_until", "more time asked until"},
        {"patches", "covers now"},
    }};
    constexpr std::size_t kWidth = 24;
    std::string text =
        "Exception " + member(exception, "id") + ": " + member(exception, "state") + "\n";
    for (const auto& [name, title] : kLines) {
        if (const std::string value = member(exception, name); !value.empty()) {
            text.append("  ").append(title).append(kWidth - title.size(), ' ');
            text.append(value).append("\n");
        }
    }
    return text;
}

}  // namespace

std::string exception_lines(const JsonValue& exception, std::span<const JsonValue> evidence) {
    std::string text = member_lines(exception) + exception_notes({&exception, 1});
    for (const JsonValue& one : evidence) {
        text += "  evidence: " + member(one, "kind") + " " + member(one, "summary") + "\n";
    }
    return text;
}

}  // namespace thimble::client
