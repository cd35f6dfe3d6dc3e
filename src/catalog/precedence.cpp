#include "thimble/catalog/precedence.hpp"

#include "thimble/catalog/ranges.hpp"
#include "thimble/model/advisory.hpp"

#include <algorithm>

namespace thimble::catalog {
namespace {

using format::Row;

bool speaks(const Row& row) {
    return (row.flags & (format::kWithdrawn | format::kUnreadable)) == 0;
}

bool has_authority(const Row& row, model::Authority authority) {
    return row.authority == static_cast<std::uint8_t>(authority);
}

bool is_claim(const Row& row, model::Claim claim) {
    return row.claim == static_cast<std::uint8_t>(claim);
}

/// "Affected, whatever the version": only a record without any bound says that no fix exists.
bool is_open(const Row& row) {
    return row.fix == format::kNone && row.low == 0 && row.high == kEndOfLine
        && !is_claim(row, model::Claim::NotAffected);
}

template <class Condition>
void supersede(std::span<Row> rows, Condition condition) {
    for (Row& row : rows) {
        if (speaks(row) && condition(row)) {
            row.flags |= format::kSuperseded;
        }
    }
}

template <class Condition>
bool any_speaks(std::span<const Row> rows, Condition condition) {
    return std::any_of(rows.begin(), rows.end(), [&condition](const Row& row) {
        return speaks(row) && condition(row);
    });
}

}  // namespace

void settle_precedence(std::span<Row> rows) {
    const auto is_distribution = [](const Row& row) {
        return !has_authority(row, model::Authority::Database);
    };
    const auto clears = [](const Row& row) {
        return has_authority(row, model::Authority::Tracker)
            && is_claim(row, model::Claim::NotAffected);
    };
    if (any_speaks(rows, clears)) {
        supersede(rows, [&clears](const Row& row) { return !clears(row); });
        return;
    }
    if (!any_speaks(rows, is_distribution)) {
        return;
    }
    supersede(rows, [&is_distribution](const Row& row) { return !is_distribution(row); });
    const bool fixed = any_speaks(rows, [&is_distribution](const Row& row) {
        return is_distribution(row) && row.fix != format::kNone;
    });
    if (fixed) {
        supersede(rows, is_open);
    }
    const auto decides = [](const Row& row) {
        return has_authority(row, model::Authority::Tracker)
            && (row.flags & format::kSuperseded) == 0;
    };
    if (any_speaks(rows, decides)) {
        supersede(
            rows, [](const Row& row) { return !has_authority(row, model::Authority::Tracker); });
    }
}

}  // namespace thimble::catalog
