#include "thimble/client/board_notes.hpp"

#include "thimble/base/terminal_lines.hpp"
#include "thimble/client/list_view.hpp"
#include "thimble/client/outside_words.hpp"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::client {
namespace {

std::string said(const JsonValue& row, std::string_view member) {
    return member_text(row, member).value_or("");
}

/// @param until  the end of the exception that is meant; instants of the API are in order as texts
std::string outlasted(
    const std::string& exception, const JsonValue& item, const std::string& until) {
    const std::string end = said(item, "controls_end_at");
    return end.empty() || end >= until
        ? ""
        : wrapped_text(
              "Exception " + exception + ": its control " + said(item, "first_control_to_end")
                  + " ends at " + end + ", before the exception does, at " + until,
              {.further = "  "});
}

}  // namespace

std::string exception_notes(std::span<const JsonValue> exceptions) {
    std::string out;
    for (const JsonValue& one : exceptions) {
        const std::string state = said(one, "state");
        if (state == "active" || state == "requested") {
            const std::string until = std::max(said(one, "expires_at"), said(one, "renewal_until"));
            out += outlasted(said(one, "id"), one, until);
        }
    }
    return out;
}

std::string board_notes(std::span<const JsonValue> rows) {
    std::vector<OutsideSaying> sayings;
    for (const JsonValue& row : rows) {
        sayings.push_back(
            {said(row, "control") + " on " + said(row, "host"),
             said(row, "outside"),
             said(row, "outside_why")});
    }
    std::string out = outside_lines(std::move(sayings));
    std::set<std::string> told;
    for (const JsonValue& row : rows) {
        const std::string exception = said(row, "exception");
        if (said(row, "control_ends_first") == "yes" && told.insert(exception).second) {
            out += outlasted(exception, row, said(row, "exception_ends_at"));
        }
    }
    return out;
}

}  // namespace thimble::client
