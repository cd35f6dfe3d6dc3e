#include "thimble/catalog/catalog.hpp"

#include "thimble/catalog/checksum.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>
#include <utility>

namespace thimble::catalog {
namespace {

Error corrupt(std::string what) {
    return failure(
        ErrorKind::Corrupt,
        "catalog.corrupt",
        "the catalog is damaged (" + std::move(what) + "); build it again");
}

/// What was never one must not be written over.
Error no_catalog(const std::string& what) {
    return failure(ErrorKind::Corrupt, "catalog.no_catalog", what + " is no catalog of Thimble");
}

bool begins_like_one(std::span<const std::byte> bytes) {
    const auto begin = std::as_bytes(std::span(format::kMagic));
    return std::ranges::equal(bytes.first(std::min(bytes.size(), begin.size())), begin);
}

/// A record type at an offset of mapped bytes: the one place where bytes become records.
template <class T>
const T* records_at(std::span<const std::byte> bytes, std::uint64_t offset) {
    // The offset is checked and aligned by the caller; mapped records are implicit-lifetime types.
    return static_cast<const T*>(static_cast<const void*>(bytes.data() + offset));
}

/// The records of a run, or an empty optional when it leaves the extent.
template <class T>
std::optional<std::span<const T>> run_of(std::span<const std::byte> extent, format::Run run) {
    const std::uint64_t size = std::uint64_t{run.count} * sizeof(T);
    if (run.offset % alignof(T) != 0 || run.offset > extent.size()
        || size > extent.size() - run.offset) {
        return std::nullopt;
    }
    return std::span<const T>{records_at<T>(extent, run.offset), run.count};
}

struct FactsRuns {
    FactTable facts;
    StringPool strings;
};

Result<FactsRuns> read_facts(
    std::span<const std::byte> extent, const format::PackagesHeader& header) {
    const auto facts = run_of<format::Fact>(extent, header.facts);
    const auto exploits = run_of<format::Exploit>(extent, header.exploits);
    const auto strings = run_of<std::byte>(extent, header.strings);
    if (!facts || !exploits || !strings) {
        return corrupt("a run of facts leaves its extent");
    }
    const StringPool pool{*strings};
    return FactsRuns{FactTable{*facts, *exploits, pool}, pool};
}

Result<const format::PackagesHeader*> header_of(std::span<const std::byte> extent) {
    if (extent.size() < sizeof(format::PackagesHeader)) {
        return corrupt("an extent is too short");
    }
    return records_at<format::PackagesHeader>(extent, 0);
}

}  // namespace

std::string staleness(const Source& source, Instant now) {
    if (source.as_of == Instant{}) {
        return "has no date";
    }
    // Dates are of days, and a day begins elsewhere first.
    constexpr std::chrono::days kSlack{1};
    if (source.as_of > now + kSlack || source.checked_at > now + kSlack) {
        return "is of " + format_date(std::max(source.as_of, source.checked_at))
            + ", which is to come: the clock is wrong";
    }
    if (now - source.as_of > source.staleness_budget) {
        return "is " + format_age(now - source.as_of) + " old (" + format_date(source.as_of)
            + ", budget " + format_age(source.staleness_budget) + ")";
    }
    const bool matters = source.check_budget.count() > 0;
    if (matters && now - source.checked_at > source.check_budget) {
        return "was last asked for " + format_age(now - source.checked_at) + " ago (budget "
            + format_age(source.check_budget) + ")";
    }
    return {};
}

std::string_view StringPool::at(std::uint32_t offset) const {
    if (offset == 0 || offset > bytes_.size() || bytes_.size() - offset < sizeof(std::uint32_t)) {
        return {};
    }
    std::uint32_t size = 0;
    std::memcpy(&size, bytes_.data() + offset, sizeof size);
    if (size > bytes_.size() - offset - sizeof size) {
        return {};
    }
    return {
        static_cast<const char*>(static_cast<const void*>(bytes_.data() + offset + sizeof size)),
        size};
}

std::span<const format::Exploit> FactTable::exploits(const format::Fact& fact) const {
    if (fact.first_exploit > exploits_.size()
        || fact.exploit_count > exploits_.size() - fact.first_exploit) {
        return {};
    }
    return exploits_.subspan(fact.first_exploit, fact.exploit_count);
}

const format::Fact* FactTable::find(std::string_view id) const {
    const auto at = std::lower_bound(
        facts_.begin(),
        facts_.end(),
        id,
        [this](const format::Fact& fact, std::string_view wanted) {
            return strings_.at(fact.id) < wanted;
        });
    return at != facts_.end() && strings_.at(at->id) == id ? &*at : nullptr;
}

std::uint32_t PackageView::position(std::string_view version) const {
    std::size_t low = 0;
    std::size_t high = boundaries_.size();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        const auto order = order_->compare(strings_.at(boundaries_[middle]), version);
        if (order == 0) {
            return static_cast<std::uint32_t>(2 * middle + 1);
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return static_cast<std::uint32_t>(2 * low);
}

std::string_view PackageView::fix(const format::Row& row) const {
    return row.fix < boundaries_.size() ? strings_.at(boundaries_[row.fix]) : std::string_view{};
}

std::optional<PackageView> Section::find(std::string_view folded_name) const {
    const std::uint64_t hash = name_hash(folded_name);
    const auto tag = static_cast<std::uint32_t>(hash >> 32U);
    auto slot = static_cast<std::uint32_t>(hash) & slot_mask_;
    for (std::size_t probes = 0; probes < slots_.size(); ++probes, slot = (slot + 1) & slot_mask_) {
        const format::Slot& at = slots_[slot];
        if (at.package == 0) {
            return std::nullopt;
        }
        if (at.tag != tag || at.package > packages_.size()) {
            continue;
        }
        const format::Package& package = packages_[at.package - 1];
        if (strings_.at(package.name) != folded_name) {
            continue;
        }
        const bool inside = package.first_boundary <= boundaries_.size()
            && package.boundary_count <= boundaries_.size() - package.first_boundary
            && package.first_row <= rows_.size()
            && package.row_count <= rows_.size() - package.first_row;
        if (!inside) {
            return std::nullopt;
        }
        return PackageView{
            *order_,
            strings_,
            boundaries_.subspan(package.first_boundary, package.boundary_count),
            rows_.subspan(package.first_row, package.row_count)};
    }
    return std::nullopt;
}

const format::AdvisoryRecord* Section::advisory(std::uint32_t index) const {
    return index < advisories_.size() ? &advisories_[index] : nullptr;
}

const format::Fact* Section::fact(std::uint32_t index) const {
    const auto facts = facts_.facts();
    return index < facts.size() ? &facts[index] : nullptr;
}

/// Owns the mapping of a file.
class Catalog::Mapping {
public:
    explicit Mapping(std::span<std::byte> bytes) : bytes_(bytes) {}
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    Mapping(Mapping&&) = delete;
    Mapping& operator=(Mapping&&) = delete;
    ~Mapping() { ::munmap(bytes_.data(), bytes_.size()); }

private:
    std::span<std::byte> bytes_;
};

Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;
Catalog::~Catalog() = default;

Result<Catalog> Catalog::open(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        const bool missing = errno == ENOENT;
        return failure(
            missing ? ErrorKind::NotFound : ErrorKind::Denied,
            missing ? "catalog.missing" : "catalog.unreadable",
            "cannot open the catalog " + path + ": " + std::strerror(errno));
    }
    struct stat status{};
    const bool is_file = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    const bool usable = is_file && status.st_size > 0;
    const auto size = usable ? static_cast<std::size_t>(status.st_size) : 0;
    void* address = usable ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    ::close(fd);
    if (!is_file) {
        return no_catalog(path);
    }
    if (address == MAP_FAILED) {
        return corrupt(path + " is empty, or cannot be mapped");
    }
    const std::span<std::byte> bytes{static_cast<std::byte*>(address), size};
    auto mapping = std::make_unique<Mapping>(bytes);
    if (!begins_like_one(bytes)) {
        return no_catalog(path);
    }
    THIMBLE_TRY(auto catalog, over(bytes));
    catalog.mapping_ = std::move(mapping);
    return catalog;
}

Result<Catalog> Catalog::over(std::span<const std::byte> bytes) {
    Catalog catalog;
    if (!begins_like_one(bytes)) {
        return no_catalog("this");
    }
    if (bytes.size() < sizeof(format::Header)) {
        return corrupt("shorter than its header");
    }
    std::memcpy(&catalog.header_, bytes.data(), sizeof(format::Header));
    const format::Header& header = catalog.header_;
    if (header.version != format::kVersion) {
        return failure(
            ErrorKind::Unsupported,
            "catalog.version",
            "the catalog has format " + std::to_string(header.version) + ", this program reads "
                + std::to_string(format::kVersion) + "; build it again");
    }
    if (header.header_checksum
        != checksum(bytes.first(offsetof(format::Header, header_checksum)))) {
        return corrupt("the header does not match its checksum");
    }
    if (header.file_size != bytes.size()) {
        return corrupt(
            "it is " + std::to_string(bytes.size()) + " bytes long and should be "
            + std::to_string(header.file_size));
    }
    const std::uint64_t rows_size = std::uint64_t{header.extent_count} * sizeof(format::Extent);
    if (header.directory_offset > bytes.size()
        || header.directory_size > bytes.size() - header.directory_offset
        || rows_size > header.directory_size
        || header.directory_offset % alignof(format::Extent) != 0) {
        return corrupt("the directory leaves the file");
    }
    if (checksum(bytes.subspan(header.directory_offset, header.directory_size))
        != header.directory_checksum) {
        return corrupt("the directory does not match its checksum");
    }
    catalog.bytes_ = bytes;
    catalog.directory_ = {
        records_at<format::Extent>(bytes, header.directory_offset), header.extent_count};
    catalog.checked_ = std::vector<std::atomic<bool>>(header.extent_count);
    for (const format::Extent& extent : catalog.directory_) {
        const bool inside = extent.offset <= bytes.size()
            && extent.size <= bytes.size() - extent.offset && extent.key_offset <= bytes.size()
            && extent.key_size <= bytes.size() - extent.key_offset
            && extent.offset % format::kAlignment == 0;
        if (!inside) {
            return corrupt("an extent leaves the file");
        }
    }
    return catalog;
}

namespace {
std::string_view key_of(std::span<const std::byte> bytes, const format::Extent& extent) {
    return {
        static_cast<const char*>(static_cast<const void*>(bytes.data() + extent.key_offset)),
        extent.key_size};
}
}  // namespace

Result<std::span<const std::byte>> Catalog::extent(
    format::ExtentKind kind, std::string_view key, bool& found) const {
    const auto wanted = std::tuple{static_cast<std::uint32_t>(kind), key};
    const auto at = std::lower_bound(
        directory_.begin(),
        directory_.end(),
        wanted,
        [this](const format::Extent& row, const auto& value) {
            return std::tuple{row.kind, key_of(bytes_, row)} < value;
        });
    found = at != directory_.end() && std::tuple{at->kind, key_of(bytes_, *at)} == wanted;
    if (!found) {
        return std::span<const std::byte>{};
    }
    const auto bytes = bytes_.subspan(at->offset, at->size);
    std::atomic<bool>& checked = checked_[static_cast<std::size_t>(at - directory_.begin())];
    if (checked.load(std::memory_order_relaxed)) {
        return bytes;
    }
    if (checksum(bytes) != at->checksum) {
        return corrupt("the extent \"" + std::string(key) + "\" does not match its checksum");
    }
    checked.store(true, std::memory_order_relaxed);
    return bytes;
}

Instant Catalog::built_at() const {
    return Instant{std::chrono::seconds{header_.built_at}};
}

Result<std::vector<Source>> Catalog::sources() const {
    bool found = false;
    THIMBLE_TRY(const auto bytes, extent(format::ExtentKind::Sources, "", found));
    if (!found) {
        return std::vector<Source>{};
    }
    if (bytes.size() < sizeof(format::SourcesHeader)) {
        return corrupt("the sources are too short");
    }
    const auto* header = records_at<format::SourcesHeader>(bytes, 0);
    const auto records = run_of<format::SourceRecord>(bytes, header->sources);
    const auto strings = run_of<std::byte>(bytes, header->strings);
    if (!records || !strings) {
        return corrupt("the sources leave their extent");
    }
    const StringPool pool{*strings};
    std::vector<Source> sources;
    for (const format::SourceRecord& record : *records) {
        sources.push_back(
            {std::string(pool.at(record.feed)),
             Instant{std::chrono::seconds{record.as_of}},
             std::chrono::seconds{record.budget},
             record.records,
             record.quarantined,
             Instant{std::chrono::seconds{record.checked_at}},
             std::chrono::seconds{record.check_budget},
             (record.flags & format::kUndated) != 0});
    }
    return sources;
}

std::vector<std::string> Catalog::section_keys() const {
    std::vector<std::string> keys;
    for (const format::Extent& extent : directory_) {
        if (extent.kind == static_cast<std::uint32_t>(format::ExtentKind::Packages)) {
            keys.emplace_back(key_of(bytes_, extent));
        }
    }
    return keys;
}

Result<std::optional<Section>> Catalog::section(std::string_view key) const {
    bool found = false;
    THIMBLE_TRY(const auto bytes, extent(format::ExtentKind::Packages, key, found));
    if (!found) {
        return std::optional<Section>{};
    }
    THIMBLE_TRY(const auto* header, header_of(bytes));
    THIMBLE_TRY(const auto facts, read_facts(bytes, *header));
    const auto slots = run_of<format::Slot>(bytes, header->slots);
    const auto packages = run_of<format::Package>(bytes, header->packages);
    const auto boundaries = run_of<std::uint32_t>(bytes, header->boundaries);
    const auto rows = run_of<format::Row>(bytes, header->rows);
    const auto advisories = run_of<format::AdvisoryRecord>(bytes, header->advisories);
    if (!slots || !packages || !boundaries || !rows || !advisories || slots->empty()
        || header->slot_mask != slots->size() - 1 || !std::has_single_bit(slots->size())) {
        return corrupt("a run of \"" + std::string(key) + "\" leaves its extent");
    }
    Section section;
    section.order_ = model::version_order_named(facts.strings.at(header->version_order));
    if (section.order_ == nullptr) {
        return corrupt("\"" + std::string(key) + "\" has an unknown order of versions");
    }
    section.slot_mask_ = header->slot_mask;
    section.strings_ = facts.strings;
    section.slots_ = *slots;
    section.packages_ = *packages;
    section.boundaries_ = *boundaries;
    section.rows_ = *rows;
    section.advisories_ = *advisories;
    section.facts_ = facts.facts;
    return std::optional<Section>{section};
}

Result<StringPool> Catalog::section_text(std::string_view key) const {
    bool found = false;
    THIMBLE_TRY(const auto bytes, extent(format::ExtentKind::Text, key, found));
    return StringPool{bytes};
}

Result<FactTable> Catalog::facts_of(std::string_view vulnerability) const {
    bool found = false;
    THIMBLE_TRY(
        const auto bytes, extent(format::ExtentKind::Facts, facts_key(vulnerability), found));
    if (!found) {
        return FactTable{};
    }
    THIMBLE_TRY(const auto* header, header_of(bytes));
    THIMBLE_TRY(const auto facts, read_facts(bytes, *header));
    return facts.facts;
}

std::string_view facts_key(std::string_view vulnerability) {
    const bool is_cve =
        vulnerability.size() > 8 && vulnerability.starts_with("CVE-") && vulnerability[8] == '-';
    return is_cve ? vulnerability.substr(4, 4) : std::string_view{};
}

}  // namespace thimble::catalog
