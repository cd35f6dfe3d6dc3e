#include "thimble/client/board_notes.hpp"

#include "thimble/client/list_view.hpp"
#include "thimble/client/outside_words.hpp"

#include <utility>
#include <vector>

namespace thimble::client {
namespace {

std::string said(const JsonValue& row, std::string_view member) {
    return member_text(row, member).value_or("");
}

}  // namespace

std::string board_notes(std::span<const JsonValue> rows) {
    std::vector<OutsideSaying> sayings;
    for (const JsonValue& row : rows) {
        sayings.push_back(
            {said(row, "control") + " on " + said(row, "host"),
             said(row, "outside"),
             said(row, "outside_why")});
    }
    return outside_lines(std::move(sayings));
}

}  // namespace thimble::client
