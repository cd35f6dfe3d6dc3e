#include "thimble/assess/judge.hpp"

#include "thimble/assess/rpm_stream.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <vector>

namespace thimble::assess {
namespace {

using catalog::format::Row;
using model::Claim;
using model::FindingStatus;

class Judgement {
public:
    Judgement(
        const catalog::PackageView& package,
        const catalog::Section& section,
        const Question& question)
        : package_(package),
          section_(section),
          question_(question),
          orderable_(section.order().check(question.version).has_value()),
          position_(orderable_ ? package.position(question.version) : 0) {}

    /// @param rows  all rows of one vulnerability
    [[nodiscard]] Verdict of(std::span<const Row> rows) const {
        Verdict verdict;
        verdict.fact = rows.front().fact;
        verdict.advisory = rows.front().advisory;
        verdict.unimportant = are_unimportant(rows);
        if (std::none_of(
                rows.begin(), rows.end(), [this](const Row& row) { return speaks(row); })) {
            const bool withdrawn = std::any_of(rows.begin(), rows.end(), [](const Row& row) {
                return (row.flags & catalog::format::kWithdrawn) != 0;
            });
            const bool other_module =
                !withdrawn && std::any_of(rows.begin(), rows.end(), [this](const Row& row) {
                    return !section_.text(row.module_stream).empty();
                });
            // That another stream was fixed proves nothing about this one.
            return other_module
                ? settle(verdict, FindingStatus::Unknown, "fix_is_for_another_module_stream")
                : settle(
                      verdict,
                      FindingStatus::NotAffected,
                      withdrawn ? "withdrawn" : "for_another_build");
        }
        if (!orderable_) {
            return settle(verdict, FindingStatus::Unknown, "version_not_orderable");
        }
        return section_.order().name == "rpm" ? by_stream(rows, verdict) : by_rows(rows, verdict);
    }

private:
    [[nodiscard]] bool speaks(const Row& row) const {
        if ((row.flags & (catalog::format::kSuperseded | catalog::format::kWithdrawn)) != 0) {
            return false;
        }
        const std::string_view architecture = section_.text(row.architecture);
        if (!architecture.empty() && !question_.architecture.empty()
            && architecture != question_.architecture) {
            return false;
        }
        const std::string_view stream = section_.text(row.module_stream);
        return stream.empty() || question_.module_stream.empty()
            || stream == question_.module_stream;
    }

    /// As Verdict::unimportant. The word is no matter of versions, so no row has to hold.
    static bool are_unimportant(std::span<const Row> rows) {
        bool standing = false;
        bool silenced = false;
        bool is_tracker_standing = false;
        for (const Row& row : rows) {
            const auto authority = static_cast<model::Authority>(row.authority);
            if ((row.flags & catalog::format::kWithdrawn) != 0
                || authority == model::Authority::Database) {
                continue;
            }
            const bool is_said = (row.flags & catalog::format::kUnimportant) != 0;
            if ((row.flags & catalog::format::kSuperseded) != 0) {
                silenced = silenced || is_said;
            } else {
                standing = standing || is_said;
                is_tracker_standing = is_tracker_standing || authority == model::Authority::Tracker;
            }
        }
        return standing || (silenced && !is_tracker_standing);
    }

    [[nodiscard]] bool holds(const Row& row) const {
        return row.low <= position_ && position_ < row.high;
    }

    static Verdict settle(Verdict verdict, FindingStatus status, std::string_view reason) {
        verdict.status = status;
        verdict.reason = reason;
        return verdict;
    }

    /// The verdict when `row` holds for the version.
    [[nodiscard]] Verdict affected(Verdict verdict, const Row& row) const {
        verdict.advisory = row.advisory;
        verdict.contradicted = (row.flags & catalog::format::kContradicted) != 0;
        if ((row.flags & catalog::format::kUnreadable) != 0) {
            return settle(verdict, FindingStatus::Unknown, "range_not_readable");
        }
        switch (static_cast<Claim>(row.claim)) {
            case Claim::NotAffected:
                return settle(verdict, FindingStatus::NotAffected, "vendor_says_not_affected");
            case Claim::UnderInvestigation:
                return settle(verdict, FindingStatus::UnderInvestigation, "");
            case Claim::WontFix: return with_fix(verdict, row, "will_not_fix");
            case Claim::Postponed: return with_fix(verdict, row, "postponed");
            case Claim::EndOfLife: return with_fix(verdict, row, "end_of_life");
            case Claim::Affected: break;
        }
        return with_fix(verdict, row, "");
    }

    [[nodiscard]] Verdict with_fix(Verdict verdict, const Row& row, std::string_view reason) const {
        verdict.fixed_version = package_.fix(row);
        return verdict.fixed_version.empty()
            ? settle(verdict, FindingStatus::AffectedNoFix, reason)
            : settle(verdict, FindingStatus::AffectedFixAvailable, "");
    }

    /// Any row that holds decides (OSV: ranges and lists are OR); the greatest fix closes all.
    [[nodiscard]] Verdict by_rows(std::span<const Row> rows, Verdict verdict) const {
        const Row* worst = nullptr;
        const Row* below = nullptr;  // a row whose fix the version has reached
        for (const Row& row : rows) {
            if (!speaks(row)) {
                continue;
            }
            const bool reached = row.high <= position_ && row.fix != catalog::format::kNone;
            const Row*& place = holds(row) ? worst : below;
            if ((holds(row) || reached) && (place == nullptr || weight(row) > weight(*place))) {
                place = &row;
            }
        }
        if (worst != nullptr) {
            return affected(verdict, *worst);
        }
        if (below == nullptr) {
            return settle(verdict, FindingStatus::NotAffected, "outside_ranges");
        }
        verdict.advisory = below->advisory;
        verdict.fixed_version = package_.fix(*below);
        return settle(verdict, FindingStatus::Fixed, "");
    }

    /// Of several rows that hold: a real claim before an unreadable one, then the one fixed last; one
    /// that knows no fix says nothing against a fix that another knows.
    static std::uint64_t weight(const Row& row) {
        constexpr std::uint64_t kReadable = std::uint64_t{1} << 40U;
        constexpr std::uint64_t kSaysAffected = std::uint64_t{1} << 41U;
        if ((row.flags & catalog::format::kUnreadable) != 0) {
            return 0;
        }
        const auto claim = static_cast<Claim>(row.claim);
        const bool says_affected =
            claim != Claim::NotAffected && claim != Claim::UnderInvestigation;
        const std::uint64_t fix =
            row.fix == catalog::format::kNone ? 0 : std::uint64_t{row.fix} + 1;
        return kReadable + (says_affected ? kSaysAffected : 0) + fix;
    }

    /// rpm distributions fix one vulnerability once per stream (minor release, module): the fix of the
    /// installed build's own stream decides, and without one the greatest fix does.
    [[nodiscard]] Verdict by_stream(std::span<const Row> rows, Verdict verdict) const {
        const RpmStream installed = rpm_stream(question_.version);
        const Row* own = nullptr;
        const Row* other_module = nullptr;
        std::size_t in_other_modules = 0;
        std::size_t speaking = 0;
        for (const Row& row : rows) {
            if (!speaks(row)) {
                continue;
            }
            ++speaking;
            if (is_other_module(row, installed)) {
                other_module = &row;
                ++in_other_modules;
            } else if (is_of_stream(row, installed) && (own == nullptr || row.fix > own->fix)) {
                own = &row;
            }
        }
        if (own != nullptr) {
            return by_rows({own, 1}, verdict);
        }
        if (other_module != nullptr && in_other_modules == speaking) {
            verdict.advisory = other_module->advisory;
            return settle(verdict, FindingStatus::Unknown, "fix_is_for_another_module_stream");
        }
        std::vector<Row> own_kind;
        std::copy_if(rows.begin(), rows.end(), std::back_inserter(own_kind), [&](const Row& row) {
            return !is_other_module(row, installed);
        });
        return by_rows(own_kind, verdict);
    }

    /// A fix for the same minor release ("el9_4") or, for both, the main stream.
    [[nodiscard]] bool is_of_stream(const Row& row, const RpmStream& installed) const {
        return row.fix != catalog::format::kNone && stream_of(row).minor == installed.minor;
    }

    /// Modular and plain builds are different packages; so are two modular builds unless their label,
    /// or without one their upstream series, is the same. A row without a fix is of every kind.
    [[nodiscard]] bool is_other_module(const Row& row, const RpmStream& installed) const {
        if (row.fix == catalog::format::kNone) {
            return false;
        }
        const RpmStream& stream = stream_of(row);
        if (stream.modular != installed.modular) {
            return true;
        }
        const bool labelled =
            !question_.module_stream.empty() && !section_.text(row.module_stream).empty();
        return stream.modular && !labelled && stream.upstream != installed.upstream;
    }

    /// Of the fix of a row that has one. Rows share few fixes, and reading a version costs more than
    /// the rest of a verdict.
    [[nodiscard]] const RpmStream& stream_of(const Row& row) const {
        // One more, for what a damaged catalog has beyond the last.
        const std::size_t last = package_.boundaries();
        streams_.resize(last + 1);
        std::optional<RpmStream>& stream = streams_[std::min<std::size_t>(row.fix, last)];
        return stream ? *stream : stream.emplace(rpm_stream(package_.fix(row)));
    }

    const catalog::PackageView& package_;
    const catalog::Section& section_;
    const Question& question_;
    mutable std::vector<std::optional<RpmStream>>
        streams_;  // by boundary; those that were asked for
    bool orderable_;
    std::uint32_t position_;
};

}  // namespace

void judge_each(
    const catalog::PackageView& package,
    const catalog::Section& section,
    const Question& question,
    const std::function<void(const Verdict&)>& take) {
    const Judgement judgement(package, section, question);
    const std::span<const Row> rows = package.rows();
    for (std::size_t first = 0; first < rows.size();) {
        std::size_t end = first + 1;
        while (end < rows.size() && rows[end].fact == rows[first].fact) {
            ++end;
        }
        take(judgement.of(rows.subspan(first, end - first)));
        first = end;
    }
}

std::optional<Verdict> judge_fact(
    const catalog::PackageView& package,
    const catalog::Section& section,
    const Question& question,
    std::uint32_t fact) {
    const auto rows = std::ranges::equal_range(package.rows(), fact, {}, &Row::fact);
    if (rows.empty()) {
        return std::nullopt;
    }
    return Judgement(package, section, question).of({rows.begin(), rows.end()});
}

}  // namespace thimble::assess
