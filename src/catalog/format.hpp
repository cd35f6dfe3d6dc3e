#pragma once
/// @file The bytes of a compiled catalog; docs/formats/catalog.md tells them in words.
///
/// Everything is little-endian and aligned to its size, so that a mapped file is read in place. All
/// offsets are relative to the start of their extent; a string is an offset to `u32 length, bytes`
/// in the extent's string pool, and 0 is the empty string.

#include <array>
#include <bit>
#include <cstdint>

namespace thimble::catalog::format {

static_assert(std::endian::native == std::endian::little, "the catalog is read in place");

constexpr std::array<char, 8> kMagic{'T', 'H', 'I', 'M', 'B', 'L', 'E', '\n'};
constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kAlignment = 64;
constexpr std::uint32_t kNone = 0xFFFFFFFF;
constexpr std::int32_t kNoDay = INT32_MIN;

/// At offset 0.
struct Header {
    std::array<char, 8> magic;
    std::uint32_t version;
    std::uint32_t extent_count;
    std::int64_t built_at;  // seconds since 1970, UTC
    std::uint64_t file_size;
    std::uint64_t directory_offset;
    std::uint64_t directory_size;
    std::uint64_t directory_checksum;  // XXH3-64
    std::uint64_t header_checksum;     // XXH3-64 of the bytes above
};
static_assert(sizeof(Header) == 64);

// NOLINTNEXTLINE(performance-enum-size): as wide as in the file
enum class ExtentKind : std::uint32_t {
    Packages = 1,  // key: ecosystem with release, "Debian:12"
    Text = 2,      // key: as Packages; summaries, which a scan does not touch
    Facts = 3,     // key: year of the CVE ids, "2024", or "" for other ids
    Sources = 4,   // key: ""; which feeds went in
};

/// One row of the directory, sorted by (kind, key).
struct Extent {
    std::uint32_t kind;
    std::uint32_t key_size;
    std::uint64_t key_offset;  // in the file, within the directory
    std::uint64_t offset;
    std::uint64_t size;
    std::uint64_t checksum;  // XXH3-64
};
static_assert(sizeof(Extent) == 40);

/// A run of equal records within an extent.
struct Run {
    std::uint32_t offset;
    std::uint32_t count;
};

/// At the start of a Packages or a Facts extent; a Facts extent has only facts and exploits.
struct PackagesHeader {
    std::uint32_t version_order;  // string: name of the order of the versions
    std::uint32_t slot_mask;      // slots.count - 1; a power of two
    Run slots;
    Run packages;
    Run boundaries;
    Run rows;
    Run facts;
    Run exploits;
    Run advisories;
    Run strings;  // count in bytes
};
static_assert(sizeof(PackagesHeader) == 72);

struct Slot {
    std::uint32_t tag;
    std::uint32_t package;  // index + 1; 0 is empty
};

struct Package {
    std::uint32_t name;
    std::uint32_t first_boundary;
    std::uint32_t boundary_count;
    std::uint32_t first_row;
    std::uint32_t row_count;
};

// Row::flags
constexpr std::uint16_t kSuperseded = 1;  // a stronger voice decides; kept to explain
constexpr std::uint16_t kWithdrawn =
    2;  // the record or the CVE was withdrawn; kept to close findings
constexpr std::uint16_t kUnreadable =
    4;  // the range could not be ordered: every version is unknown
constexpr std::uint16_t kContradicted =
    8;  // the record lists a version that its own range calls fixed
constexpr std::uint16_t kUnimportant =
    16;  // the record calls the vulnerability unimportant for the package

/// One range of one record for one vulnerability; rows of a package are sorted by (fact, superseded).
struct Row {
    std::uint32_t low;   // position, inclusive
    std::uint32_t high;  // position, exclusive; 0 when the row holds for no version
    std::uint32_t fix;   // boundary index within the package, or kNone
    std::uint32_t fact;
    std::uint32_t advisory;
    std::uint8_t claim;      // model::Claim
    std::uint8_t authority;  // model::Authority
    std::uint16_t flags;
    std::uint32_t module_stream;  // string
    std::uint32_t architecture;   // string
};
static_assert(sizeof(Row) == 32);

/// What is known of one vulnerability; sorted by id.
struct Fact {
    std::uint32_t id;
    std::uint32_t summary;  // Text extent in Packages, own strings in Facts
    std::int32_t published_day;
    std::int32_t kev_added_day;
    std::int32_t kev_due_day;
    std::uint32_t kev_name;
    std::uint32_t epss_millionths;
    std::uint32_t epss_percentile_millionths;
    std::int32_t epss_day;  // kNoDay: no score
    std::uint32_t epss_model;
    std::int32_t ssvc_day;
    std::uint8_t exploitation;  // 0 unknown, else model::Exploitation + 1
    std::uint8_t automatable;   // likewise
    std::uint8_t impact;        // likewise
    std::uint8_t flags;         // kKev, kRansomware, kRejected
    std::uint32_t cvss_vector;
    std::uint8_t cvss_version;
    std::uint8_t cvss_tenths;
    std::uint8_t severity;  // model::Severity
    std::uint8_t reserved;
    std::uint32_t first_exploit;
    std::uint32_t exploit_count;
};
static_assert(sizeof(Fact) == 64);

// Fact::flags
constexpr std::uint8_t kKev = 1;
constexpr std::uint8_t kRansomware = 2;
constexpr std::uint8_t kRejected = 4;

struct Exploit {
    std::uint32_t source;
    std::uint32_t reference;
};

struct AdvisoryRecord {
    std::uint32_t id;
    std::uint32_t feed;
    std::uint32_t summary;  // Text extent
    std::int32_t published_day;
    std::int32_t modified_day;
    std::int32_t withdrawn_day;
};
static_assert(sizeof(AdvisoryRecord) == 24);

/// At the start of the Sources extent, followed by the records and the string pool.
struct SourcesHeader {
    Run sources;
    Run strings;
};

constexpr std::uint32_t kUndated = 1;  // the date is that of a copy, or of the fetch

struct SourceRecord {
    std::uint32_t feed;
    std::uint32_t flags;  // kUndated
    std::int64_t as_of;   // date of the data, seconds since 1970
    std::int64_t budget;  // seconds that the data may be old
    std::uint64_t records;
    std::uint64_t quarantined;
    std::int64_t checked_at;    // when the source was last asked; 0: never
    std::int64_t check_budget;  // seconds that this may be ago; 0: does not matter
};
static_assert(sizeof(SourceRecord) == 56);

}  // namespace thimble::catalog::format
