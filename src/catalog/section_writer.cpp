#include "thimble/catalog/section_writer.hpp"

#include "thimble/catalog/extent_writer.hpp"
#include "thimble/catalog/facts_writer.hpp"
#include "thimble/catalog/package_rows.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>
#include <vector>

namespace thimble::catalog {
namespace {

/// Numbers of the collection as indexes of this section, given out in sorted order.
class Renumbering {
public:
    template <class Less>
    Renumbering(std::vector<std::uint32_t> numbers, Less less) : numbers_(std::move(numbers)) {
        std::sort(numbers_.begin(), numbers_.end());
        numbers_.erase(std::unique(numbers_.begin(), numbers_.end()), numbers_.end());
        std::sort(numbers_.begin(), numbers_.end(), less);
        for (std::size_t i = 0; i < numbers_.size(); ++i) {
            index_.emplace(numbers_[i], static_cast<std::uint32_t>(i));
        }
    }
    [[nodiscard]] const std::vector<std::uint32_t>& numbers() const { return numbers_; }
    [[nodiscard]] std::uint32_t index(std::uint32_t number) const { return index_.at(number); }

private:
    std::vector<std::uint32_t> numbers_;
    std::unordered_map<std::uint32_t, std::uint32_t> index_;
};

class SectionWriter {
public:
    SectionWriter(
        const Collection& collection, const model::VersionOrder& order, BuildReport& report)
        : collection_(collection), order_(order), report_(report) {}

    SectionBytes write(const CollectedSection& section) {
        for (const auto& [name, affected] : section) {
            append_package(name, affected);
        }
        report_.packages += packages_.size();
        report_.rows += rows_.size();
        return {assemble(), text_.bytes()};
    }

private:
    void append_package(const std::string& name, const std::vector<CollectedAffected>& affected) {
        PackageRows compiled = rows_of_package(collection_, name, affected, order_, report_);
        if (compiled.rows.empty()) {
            return;
        }
        packages_.push_back(
            {strings_.offset_of(name),
             static_cast<std::uint32_t>(boundaries_.size()),
             static_cast<std::uint32_t>(compiled.boundaries.size()),
             static_cast<std::uint32_t>(rows_.size()),
             static_cast<std::uint32_t>(compiled.rows.size())});
        for (const std::uint32_t version : compiled.boundaries) {
            boundaries_.push_back(strings_.offset_of(collection_.strings.text(version)));
        }
        for (format::Row& row : compiled.rows) {
            row.module_stream = strings_.offset_of(collection_.strings.text(row.module_stream));
            row.architecture = strings_.offset_of(collection_.strings.text(row.architecture));
        }
        rows_.insert(rows_.end(), compiled.rows.begin(), compiled.rows.end());
    }

    FactRecords write_facts() {
        std::vector<std::uint32_t> used;
        used.reserve(rows_.size());
        for (const format::Row& row : rows_) {
            used.push_back(row.fact);
        }
        const Renumbering facts(std::move(used), [this](std::uint32_t left, std::uint32_t right) {
            return collection_.fact_ids[left] < collection_.fact_ids[right];
        });
        FactRecords records;
        for (const std::uint32_t number : facts.numbers()) {
            append_fact(records, collection_, number, strings_, text_);
        }
        for (format::Row& row : rows_) {
            row.fact = facts.index(row.fact);
        }
        // Rows came sorted by fact number of the collection; readers find them by id order.
        for (const format::Package& package : packages_) {
            const auto first = rows_.begin() + package.first_row;
            std::stable_sort(
                first,
                first + package.row_count,
                [](const format::Row& left, const format::Row& right) {
                    return left.fact < right.fact;
                });
        }
        return records;
    }

    std::vector<format::AdvisoryRecord> write_advisories() {
        std::vector<std::uint32_t> used;
        used.reserve(rows_.size());
        for (const format::Row& row : rows_) {
            used.push_back(row.advisory);
        }
        const Renumbering advisories(
            std::move(used), [](std::uint32_t left, std::uint32_t right) { return left < right; });
        std::vector<format::AdvisoryRecord> records;
        records.reserve(advisories.numbers().size());
        for (const std::uint32_t number : advisories.numbers()) {
            const CollectedAdvisory& advisory = collection_.advisories[number];
            records.push_back(
                {strings_.offset_of(collection_.strings.text(advisory.id)),
                 strings_.offset_of(collection_.strings.text(advisory.feed)),
                 text_.offset_of(collection_.strings.text(advisory.summary)),
                 advisory.published_day,
                 advisory.modified_day,
                 advisory.withdrawn_day});
        }
        for (format::Row& row : rows_) {
            row.advisory = advisories.index(row.advisory);
        }
        return records;
    }

    /// Open addressing, at most half full.
    static std::vector<format::Slot> write_slots(std::span<const std::uint64_t> hashes) {
        std::vector<format::Slot> slots(std::bit_ceil(std::max<std::size_t>(2, hashes.size() * 2)));
        const auto mask = static_cast<std::uint32_t>(slots.size() - 1);
        for (std::size_t i = 0; i < hashes.size(); ++i) {
            auto at = static_cast<std::uint32_t>(hashes[i]) & mask;
            while (slots[at].package != 0) {
                at = (at + 1) & mask;
            }
            slots[at] = {
                static_cast<std::uint32_t>(hashes[i] >> 32U), static_cast<std::uint32_t>(i + 1)};
        }
        return slots;
    }

    std::string assemble() {
        const FactRecords facts = write_facts();
        const std::vector<format::AdvisoryRecord> advisories = write_advisories();
        const std::uint32_t order_name = strings_.offset_of(order_.name);
        const StringPool pool{std::as_bytes(std::span<const char>{strings_.bytes()})};
        std::vector<std::uint64_t> hashes;
        hashes.reserve(packages_.size());
        for (const format::Package& package : packages_) {
            hashes.push_back(name_hash(pool.at(package.name)));
        }
        const std::vector<format::Slot> slots = write_slots(hashes);

        ExtentWriter extent(sizeof(format::PackagesHeader));
        format::PackagesHeader header{};
        header.version_order = order_name;
        header.slot_mask = static_cast<std::uint32_t>(slots.size() - 1);
        header.slots = extent.append(std::span<const format::Slot>{slots});
        header.packages = extent.append(std::span<const format::Package>{packages_});
        header.boundaries = extent.append(std::span<const std::uint32_t>{boundaries_});
        header.rows = extent.append(std::span<const format::Row>{rows_});
        header.facts = extent.append(std::span<const format::Fact>{facts.facts});
        header.exploits = extent.append(std::span<const format::Exploit>{facts.exploits});
        header.advisories = extent.append(std::span<const format::AdvisoryRecord>{advisories});
        header.strings = extent.append(strings_);
        return extent.finish(header);
    }

    const Collection& collection_;
    const model::VersionOrder& order_;
    BuildReport& report_;
    StringPoolWriter strings_;
    StringPoolWriter text_;
    std::vector<format::Package> packages_;
    std::vector<std::uint32_t> boundaries_;
    std::vector<format::Row> rows_;
};

}  // namespace

SectionBytes write_section(
    const Collection& collection,
    const CollectedSection& section,
    const model::VersionOrder& order,
    BuildReport& report) {
    return SectionWriter(collection, order, report).write(section);
}

}  // namespace thimble::catalog
