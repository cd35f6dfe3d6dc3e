#include "thimble/catalog/package_rows.hpp"

#include "thimble/catalog/precedence.hpp"
#include "thimble/catalog/ranges.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <unordered_map>

namespace thimble::catalog {
namespace {

constexpr std::size_t kReasonsKept = 100;

/// Distinct versions in their order; equal ones share a boundary.
class Ranking {
public:
    Ranking(
        const Interner& strings,
        const model::VersionOrder& order,
        std::vector<std::uint32_t> versions)
        : strings_(strings), order_(order) {
        std::sort(versions.begin(), versions.end());
        versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
        std::erase_if(versions, [this](std::uint32_t version) {
            return !order_.check(strings_.text(version)).has_value();
        });
        // Spellings of one version stay in the order of their text: the bytes must not depend on the
        // order of the input.
        std::sort(
            versions.begin(), versions.end(), [this](std::uint32_t left, std::uint32_t right) {
                const auto compared = order_.compare(strings_.text(left), strings_.text(right));
                return compared != 0 ? compared < 0 : strings_.text(left) < strings_.text(right);
            });
        for (const std::uint32_t version : versions) {
            const bool same = !boundaries_.empty()
                && order_.compare(strings_.text(boundaries_.back()), strings_.text(version)) == 0;
            if (!same) {
                boundaries_.push_back(version);
            }
            index_.emplace(version, static_cast<std::uint32_t>(boundaries_.size() - 1));
        }
    }

    [[nodiscard]] std::optional<std::uint32_t> boundary(std::uint32_t version) const {
        const auto at = index_.find(version);
        return at == index_.end() ? std::nullopt : std::optional{at->second};
    }

    /// As PackageView::position.
    [[nodiscard]] std::uint32_t position(std::uint32_t version) const {
        if (const auto known = boundary(version)) {
            return 2 * *known + 1;
        }
        const auto at = std::lower_bound(
            boundaries_.begin(),
            boundaries_.end(),
            version,
            [this](std::uint32_t left, std::uint32_t right) {
                return order_.compare(strings_.text(left), strings_.text(right)) < 0;
            });
        const auto index = static_cast<std::uint32_t>(at - boundaries_.begin());
        const bool equal = at != boundaries_.end()
            && order_.compare(strings_.text(*at), strings_.text(version)) == 0;
        return equal ? 2 * index + 1 : 2 * index;
    }

    [[nodiscard]] const std::vector<std::uint32_t>& boundaries() const { return boundaries_; }

private:
    const Interner& strings_;
    const model::VersionOrder& order_;
    std::vector<std::uint32_t> boundaries_;
    std::unordered_map<std::uint32_t, std::uint32_t> index_;
};

/// The events of a range at their boundaries; no value when a version cannot be ordered.
std::optional<std::vector<PlacedEvent>> place(const CollectedRange& range, const Ranking& ranking) {
    std::vector<PlacedEvent> events;
    events.reserve(range.size());
    for (const CollectedEvent& event : range) {
        const auto boundary =
            event.from_start ? std::optional{0U} : ranking.boundary(event.version);
        if (!boundary) {
            return std::nullopt;
        }
        events.push_back({event.kind, event.from_start, *boundary});
    }
    return events;
}

/// The pieces of all ranges of one record; no value when a version cannot be ordered.
std::optional<std::vector<Piece>> place(const CollectedAffected& affected, const Ranking& ranking) {
    std::vector<Piece> all;
    for (const CollectedRange& range : affected.ranges) {
        auto events = place(range, ranking);
        if (!events) {
            return std::nullopt;
        }
        const std::vector<Piece> pieces = pieces_of(*std::move(events));
        all.insert(all.end(), pieces.begin(), pieces.end());
    }
    return all;
}

void append_versions(std::vector<std::uint32_t>& versions, const CollectedRange& range) {
    for (const CollectedEvent& event : range) {
        if (!event.from_start) {
            versions.push_back(event.version);
        }
    }
}

std::vector<std::uint32_t> versions_of_events(std::span<const CollectedAffected> affected) {
    std::vector<std::uint32_t> versions;
    for (const CollectedAffected& one : affected) {
        for (const CollectedRange& range : one.ranges) {
            append_versions(versions, range);
        }
    }
    return versions;
}

/// Compiles the records of one package, one after the other.
class PackageCompiler {
public:
    PackageCompiler(
        const Collection& collection,
        const std::string& package,
        const model::VersionOrder& order,
        BuildReport& report)
        : collection_(collection), package_(package), order_(order), report_(report) {}

    PackageRows compile(std::span<const CollectedAffected> affected) {
        const Ranking by_events(collection_.strings, order_, versions_of_events(affected));
        // A version that the ranges already cover needs no row of its own; most lists are all covered.
        std::vector<std::vector<std::uint32_t>> listed;
        std::vector<std::uint32_t> versions = by_events.boundaries();
        bool any_listed = false;
        for (const CollectedAffected& one : affected) {
            listed.push_back(uncovered_versions(one, by_events));
            versions.insert(versions.end(), listed.back().begin(), listed.back().end());
            any_listed = any_listed || !listed.back().empty();
        }
        if (!any_listed) {
            return finish(affected, listed, by_events);
        }
        const auto of_events = versions_of_events(affected);
        versions.insert(versions.end(), of_events.begin(), of_events.end());
        return finish(affected, listed, Ranking(collection_.strings, order_, std::move(versions)));
    }

private:
    std::vector<std::uint32_t> uncovered_versions(
        const CollectedAffected& one, const Ranking& ranking) const {
        std::vector<std::uint32_t> uncovered;
        const auto pieces = place(one, ranking);
        if (!pieces) {
            return uncovered;
        }
        for (const std::uint32_t version : one.versions) {
            if (order_.check(collection_.strings.text(version))
                && !covers(*pieces, ranking.position(version))) {
                uncovered.push_back(version);
            }
        }
        return uncovered;
    }

    PackageRows finish(
        std::span<const CollectedAffected> affected,
        const std::vector<std::vector<std::uint32_t>>& listed,
        const Ranking& ranking) {
        for (std::size_t i = 0; i < affected.size(); ++i) {
            append(affected[i], listed[i], ranking);
        }
        settle();
        return {ranking.boundaries(), std::move(rows_)};
    }

    void append(
        const CollectedAffected& one,
        const std::vector<std::uint32_t>& listed,
        const Ranking& ranking) {
        if (one.claim == model::Claim::NotAffected) {
            append_rows(one, {0, kEndOfLine, kNoFix}, 0);
            return;
        }
        const auto pieces = place(one, ranking);
        const bool says_nothing = one.ranges.empty() && one.versions.empty();
        if (says_nothing && one.claim != model::Claim::Affected) {
            append_rows(
                one, {0, kEndOfLine, kNoFix}, 0);  // the state of the package, whatever its version
            return;
        }
        if (!pieces || says_nothing) {
            quarantine(
                one, says_nothing ? "names no versions" : "has a version that cannot be ordered");
            append_rows(one, {0, kEndOfLine, kNoFix}, format::kUnreadable);
            return;
        }
        const bool has_fix = std::any_of(
            pieces->begin(), pieces->end(), [](const Piece& piece) { return piece.fix != kNoFix; });
        for (const Piece& piece : *pieces) {
            append_rows(one, piece, 0);
        }
        if (pieces->empty() && listed.empty()) {
            // Nothing that can be ordered: no version is affected, but one that cannot be ordered
            // itself must not pass in silence.
            append_rows(one, {0, 0, kNoFix}, 0);
        }
        for (const std::uint32_t version : listed) {
            const std::uint32_t at = ranking.position(version);
            append_rows(one, {at, at + 1, kNoFix}, has_fix ? format::kContradicted : 0);
        }
    }

    void append_rows(const CollectedAffected& one, Piece piece, int flags) {
        const CollectedAdvisory& advisory = collection_.advisories[one.advisory];
        for (const std::uint32_t fact : advisory.vulnerabilities) {
            format::Row row{};
            row.low = piece.low;
            row.high = piece.high;
            row.fix = piece.fix;
            row.fact = fact;
            row.advisory = one.advisory;
            row.claim = static_cast<std::uint8_t>(one.claim);
            row.authority = static_cast<std::uint8_t>(advisory.authority);
            row.flags = static_cast<std::uint16_t>(flags);
            row.module_stream = one.module_stream;
            row.architecture = one.architecture;
            if (advisory.withdrawn_day != format::kNoDay) {
                row.flags |= format::kWithdrawn;
            }
            if (one.unimportant) {
                row.flags |= format::kUnimportant;
            }
            rows_.push_back(row);
        }
    }

    void quarantine(const CollectedAffected& one, std::string_view why) {
        ++report_.unreadable_ranges;
        if (report_.unreadable.size() < kReasonsKept) {
            const auto id = collection_.strings.text(collection_.advisories[one.advisory].id);
            report_.unreadable.push_back(
                std::string(id) + " " + package_ + ": " + std::string(why));
        }
    }

    void settle() {
        const auto by_fact = [](const format::Row& left, const format::Row& right) {
            return left.fact < right.fact;
        };
        std::stable_sort(rows_.begin(), rows_.end(), by_fact);
        for (auto at = rows_.begin(); at != rows_.end();) {
            const auto end = std::upper_bound(at, rows_.end(), *at, by_fact);
            settle_precedence({at, end});
            at = end;
        }
        std::sort(
            rows_.begin(), rows_.end(), [](const format::Row& left, const format::Row& right) {
                const auto rank = [](const format::Row& row) {
                    return std::tuple{
                        row.fact,
                        (row.flags & format::kSuperseded) != 0,
                        row.low,
                        row.high,
                        row.advisory,
                        row.claim,
                        row.flags};
                };
                return rank(left) < rank(right);
            });
        const auto same = [](const format::Row& left, const format::Row& right) {
            return std::tie(
                       left.fact,
                       left.low,
                       left.high,
                       left.fix,
                       left.advisory,
                       left.claim,
                       left.flags,
                       left.module_stream,
                       left.architecture)
                == std::tie(
                       right.fact,
                       right.low,
                       right.high,
                       right.fix,
                       right.advisory,
                       right.claim,
                       right.flags,
                       right.module_stream,
                       right.architecture);
        };
        rows_.erase(std::unique(rows_.begin(), rows_.end(), same), rows_.end());
    }

    const Collection& collection_;
    const std::string& package_;
    const model::VersionOrder& order_;
    BuildReport& report_;
    std::vector<format::Row> rows_;
};

}  // namespace

PackageRows rows_of_package(
    const Collection& collection,
    const std::string& package,
    std::span<const CollectedAffected> affected,
    const model::VersionOrder& order,
    BuildReport& report) {
    return PackageCompiler(collection, package, order, report).compile(affected);
}

}  // namespace thimble::catalog
