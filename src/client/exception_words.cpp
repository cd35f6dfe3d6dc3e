#include "thimble/client/exception_words.hpp"

#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/client/board_notes.hpp"
#include "thimble/client/list_view.hpp"
#include "thimble/model/patch_exception.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <ranges>
#include <string_view>
#include <utility>

namespace thimble::client {
namespace {

std::string member(const JsonValue& item, std::string_view name) {
    return printable(member_text(item, name).value_or(""));
}

std::vector<std::string> texts_of(const JsonValue& item, std::string_view name) {
    JsonMembers members(item);
    return members.is_null(name) ? std::vector<std::string>() : members.texts(name);
}

/// A list with blanks, at which a line can end.
std::string shown(const JsonValue& exception, std::string_view name, const NamesOfIds& names) {
    const std::vector<std::string> texts = texts_of(exception, name);
    if (texts.empty()) {
        return member(exception, name);
    }
    std::string out;
    for (const std::string& text : texts) {
        const auto known = name == "hosts" ? names.find(text) : names.end();
        out += (out.empty() ? "" : ", ") + printable(known == names.end() ? text : known->second);
    }
    return out;
}

/// A line for each member that says something.
std::string member_lines(const JsonValue& exception, const NamesOfIds& names) {
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
        if (const std::string value = shown(exception, name, names); !value.empty()) {
            const std::string first =
                "  " + std::string(title) + std::string(kWidth - title.size(), ' ');
            text +=
                wrapped_text(value, {.first = first, .further = std::string(first.size(), ' ')});
        }
    }
    return text;
}

}  // namespace

std::string exception_lines(const ExceptionWords& words) {
    std::string text =
        member_lines(words.exception, words.names) + exception_notes({&words.exception, 1});
    for (const JsonValue& one : words.evidence) {
        text += wrapped_text(
            member(one, "kind") + " " + member(one, "summary"),
            {.first = "  evidence: ", .further = "    "});
    }
    return text;
}

std::vector<JsonValue> covered_patches(
    const JsonValue& exception,
    std::span<const JsonValue> patches,
    const std::map<std::string, std::vector<std::string>>& tags) {
    const model::ExceptionScope scope{
        member(exception, "group"),
        member(exception, "tag"),
        texts_of(exception, "hosts"),
        texts_of(exception, "packages"),
        texts_of(exception, "vulnerabilities")};
    std::vector<JsonValue> covered;
    std::ranges::copy_if(patches, std::back_inserter(covered), [&](const JsonValue& patch) {
        const std::string id = member(patch, "host_id");
        const std::string group = member(patch, "group");
        const auto of_host = tags.find(id);
        const std::vector<std::string> none;
        return model::covers_host(
                   scope, {id, group, of_host == tags.end() ? none : of_host->second})
            && model::covers_patch(
                   scope, member(patch, "source"), texts_of(patch, "vulnerability_ids"));
    });
    return covered;
}

std::string exception_approval_lines(
    const ExceptionWords& words, std::span<const JsonValue> covered) {
    constexpr std::size_t kMostNamed = 20;
    std::vector<const JsonValue*> patches;
    for (const JsonValue& patch : covered) {
        patches.push_back(&patch);
    }
    const auto is_exploited = [](const JsonValue* patch) {
        return member(*patch, "kev") == "yes" || member(*patch, "exploited") == "yes";
    };
    std::ranges::stable_partition(patches, is_exploited);
    const auto exploited = std::ranges::count_if(patches, is_exploited);
    std::string text = exception_lines(words) + "Leaves open now, as far as is known: ";
    text += std::to_string(patches.size()) + " missing patches, " + std::to_string(exploited)
        + " exploited\n";
    for (const JsonValue* const patch : patches | std::views::take(kMostNamed)) {
        const std::string due = member(*patch, "due_at");
        text += wrapped_text(
            member(*patch, "source") + " " + member(*patch, "from") + " on "
                + member(*patch, "host") + ": " + member(*patch, "vulnerabilities")
                + " vulnerabilities" + (is_exploited(patch) ? ", EXPLOITED" : "") + ", "
                + (due.empty() ? "due with the next upgrade" : "due " + due),
            {.first = "  ", .further = "    "});
    }
    if (patches.size() > kMostNamed) {
        text += "  and " + std::to_string(patches.size() - kMostNamed) + " more: thimble patches\n";
    }
    return text;
}

}  // namespace thimble::client
