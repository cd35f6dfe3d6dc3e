#include "thimble/cli/version_order_command.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/cli/answer_lines.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/model/version_order.hpp"

#include <ostream>
#include <string>

namespace thimble::cli {

namespace {

std::string known_orders() {
    std::string names;
    for (const auto& order : model::version_orders()) {
        names += names.empty() ? "" : ", ";
        names += order.name;
    }
    return names;
}

void refuse(std::string_view version, const Error& error, std::string& answers) {
    answers += "invalid: ";
    answers += printable(version, 80);
    answers += version.empty() ? "" : ": ";
    answers += error.message;
}

Answered compare_line(
    const model::VersionOrder& order, std::string_view line, std::string& answers) {
    const auto tab = line.find('\t');
    if (tab == std::string_view::npos || line.find('\t', tab + 1) != std::string_view::npos) {
        answers += "invalid: expected two versions separated by a tab";
        return Answered::No;
    }
    const auto left = line.substr(0, tab);
    const auto right = line.substr(tab + 1);
    for (const auto version : {left, right}) {
        if (const auto valid = order.check(version); !valid) {
            refuse(version, valid.error(), answers);
            return Answered::No;
        }
    }
    const auto relation = order.compare(left, right);
    if (relation == 0) {
        answers += '=';
    } else {
        answers += relation < 0 ? '<' : '>';
    }
    return Answered::Yes;
}

}  // namespace

int run_version_order(
    std::string_view ecosystem, std::istream& in, std::ostream& out, std::ostream& err) {
    const model::VersionOrder* order = model::version_order_named(ecosystem);
    if (order == nullptr) {
        err << "thimble: no version order for '" << printable(ecosystem, 80)
            << "'; known: " << known_orders() << "\n";
        return kUsage;
    }
    const Answered all =
        answer_lines(in, out, [order](std::string_view line, std::string& answers) {
            return compare_line(*order, line, answers);
        });
    return all == Answered::Yes ? kEveryLineAnswered : kSomeLineInvalid;
}

}  // namespace thimble::cli
