#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/model/detail/cvss_versions.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace thimble::model::detail {

namespace {

std::string_view take_until(std::string_view& text, char mark) {
    const auto at = text.find(mark);
    const auto taken = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return taken;
}

std::string shown(std::string_view text) {
    return "'" + printable(text, 40) + "'";
}

std::optional<std::int8_t> position_of(std::string_view value, std::string_view values) {
    for (std::int8_t position = 0; !values.empty(); ++position) {
        if (take_until(values, ' ') == value && value != "-") {
            return position;
        }
    }
    return std::nullopt;
}

Result<void> check_required(const CvssChoices& choices, std::span<const CvssMetric> metrics) {
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        if (metrics[i].required && choices[i] == kNotGiven) {
            return bad_cvss("metric " + std::string(metrics[i].name) + " is missing");
        }
    }
    return {};
}

}  // namespace

Error bad_cvss(std::string reason) {
    return failure(ErrorKind::Invalid, "model.bad_cvss", std::move(reason));
}

Result<CvssChoices> parse_cvss_metrics(
    std::string_view text, std::span<const CvssMetric> metrics, CvssOrder order) {
    CvssChoices choices;
    choices.fill(kNotGiven);
    std::size_t next = 0;
    bool more = true;
    while (more) {
        more = text.contains('/');
        auto value = take_until(text, '/');
        const auto name = take_until(value, ':');
        const auto metric = std::ranges::find(metrics, name, &CvssMetric::name);
        if (metric == metrics.end()) {
            return bad_cvss("unknown metric " + shown(name));
        }
        const auto index = static_cast<std::size_t>(metric - metrics.begin());
        if (choices[index] != kNotGiven) {
            return bad_cvss("metric " + std::string(name) + " is given twice");
        }
        if (order == CvssOrder::OfTheTable && index < next) {
            return bad_cvss("metric " + std::string(name) + " is out of order");
        }
        const auto position = position_of(value, metric->values);
        if (!position) {
            return bad_cvss("metric " + std::string(name) + " has no value " + shown(value));
        }
        choices[index] = *position;
        next = index;
    }
    THIMBLE_TRY(check_required(choices, metrics));
    return choices;
}

void drop_undefined(CvssChoices& choices, std::span<const CvssMetric> metrics) {
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        const auto last = std::ranges::count(metrics[i].values, ' ');
        if (!metrics[i].required && choices[i] == last) {
            choices[i] = kNotGiven;
        }
    }
}

}  // namespace thimble::model::detail
