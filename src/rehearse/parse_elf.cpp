#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/rehearse/elf_object.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

// <elf.h> has these; they are written out because its macros fit neither class nor byte order.
constexpr std::uint16_t kExecutable = 2;
constexpr std::uint16_t kShared = 3;
constexpr std::uint32_t kLoad = 1;
constexpr std::uint32_t kDynamic = 2;
constexpr std::uint32_t kInterpreter = 3;
enum class Tag : std::uint32_t {
    End = 0,
    Needed = 1,
    Hash = 4,
    Strings = 5,
    Symbols = 6,
    StringsSize = 10,
    Soname = 14,
    Rpath = 15,
    Runpath = 29,
    GnuHash = 0x6ffffef5,
    Versions = 0x6ffffff0,
    Definitions = 0x6ffffffc,
    DefinitionsCount = 0x6ffffffd,
    Needs = 0x6ffffffe,
    NeedsCount = 0x6fffffff,
};

constexpr std::uint64_t number_of(Tag tag) {
    return static_cast<std::uint64_t>(tag);
}

constexpr std::size_t kMaxTable = std::size_t{64} << 20;
// Lists of versions do not tell their size: most are short, the longest that an index allows are not.
constexpr auto kListSizes =
    std::to_array<std::size_t>({std::size_t{8} << 10, std::size_t{2} << 20});
constexpr std::size_t kChainPiece = 4096;
constexpr std::uint64_t kMaxSegments = 1024;
constexpr std::size_t kMaxDynamic = 8192;
constexpr std::size_t kMaxNeeded = 1024;
constexpr std::size_t kMaxName = 4096;
constexpr std::size_t kMaxVersions = 32768;  // an index has 15 bits

Error bad(std::string_view what) {
    return failure(ErrorKind::Corrupt, "rehearse.bad_elf", "ELF: " + std::string(what));
}

Error no_elf() {
    return failure(ErrorKind::NotFound, "rehearse.no_elf", "not an ELF executable or library");
}

/// Bytes of a table with checked reads of its numbers.
class Table {
public:
    Table() = default;
    Table(std::vector<std::byte> bytes, bool big) : bytes_(std::move(bytes)), big_(big) {}

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    /// Zero beyond the end: every loop over a table is bounded by size(), not by what it reads.
    [[nodiscard]] std::uint64_t number(std::size_t at, std::size_t width) const {
        std::uint64_t value = 0;
        if (at > bytes_.size() || width > bytes_.size() - at) {
            return 0;
        }
        for (std::size_t i = 0; i < width; ++i) {
            const std::size_t from = big_ ? at + i : at + width - 1 - i;
            value = value << 8U | std::to_integer<std::uint64_t>(bytes_[from]);
        }
        return value;
    }
    [[nodiscard]] std::uint16_t half(std::size_t at) const {
        return static_cast<std::uint16_t>(number(at, 2));
    }
    [[nodiscard]] std::uint32_t word(std::size_t at) const {
        return static_cast<std::uint32_t>(number(at, 4));
    }
    /// A text that ends with NUL; empty where it does not, or is too long.
    [[nodiscard]] std::string_view text(std::uint64_t at) const {
        if (at >= bytes_.size()) {
            return {};
        }
        const std::string_view rest(
            static_cast<const char*>(static_cast<const void*>(bytes_.data())) + at,
            std::min<std::size_t>(bytes_.size() - at, kMaxName));
        const std::size_t end = rest.find('\0');
        return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
    }

private:
    std::vector<std::byte> bytes_;
    bool big_ = false;
};

struct Segment {
    std::uint64_t offset = 0;
    std::uint64_t address = 0;
    std::uint64_t size = 0;
};

class Reader {
public:
    explicit Reader(const ReadAt& read) : read_(read) {}

    Result<ElfObject> parse() {
        THIMBLE_TRY(parse_header());
        THIMBLE_TRY(parse_segments());
        if (!dynamic_) {
            return std::move(object_);  // static: it needs nobody
        }
        THIMBLE_TRY(parse_dynamic(*dynamic_));
        parse_names();
        for (const std::size_t size : kListSizes) {
            if (parse_needed_versions(table_at(tag(Tag::Needs), size))) {
                break;
            }
        }
        for (const std::size_t size : kListSizes) {
            if (parse_defined_versions(table_at(tag(Tag::Definitions), size))) {
                break;
            }
        }
        THIMBLE_TRY(parse_symbols());
        return std::move(object_);
    }

private:
    Result<Table> table(std::uint64_t offset, std::uint64_t size) const {
        if (size > kMaxTable) {
            return bad("a table is too large");
        }
        std::vector<std::byte> bytes(static_cast<std::size_t>(size));
        bytes.resize(read_(offset, bytes));
        return Table(std::move(bytes), big_);
    }

    Result<void> parse_header() {
        std::vector<std::byte> bytes(64);
        bytes.resize(read_(0, bytes));
        const Table ident(bytes, true);
        const std::uint64_t elf_class = ident.number(4, 1);
        const std::uint64_t order = ident.number(5, 1);
        if (ident.word(0) != 0x7f454c46U || elf_class < 1 || elf_class > 2 || order < 1
            || order > 2) {
            return no_elf();
        }
        object_.is_64 = elf_class == 2;
        big_ = order == 2;
        const Table header(std::move(bytes), big_);
        const std::uint16_t type = header.half(16);
        if (type != kExecutable && type != kShared) {
            return no_elf();
        }
        object_.machine = header.half(18);
        word_ = object_.is_64 ? 8 : 4;
        segments_at_ = header.number(object_.is_64 ? 32 : 28, word_);
        segment_size_ = header.half(object_.is_64 ? 54 : 42);
        segment_count_ = header.half(object_.is_64 ? 56 : 44);
        return {};
    }

    Result<void> parse_segments() {
        const std::size_t least = object_.is_64 ? 56 : 32;
        if (segment_count_ > kMaxSegments || segment_size_ < least) {
            return bad("no program headers");
        }
        THIMBLE_TRY(const Table headers, table(segments_at_, segment_count_ * segment_size_));
        for (std::size_t at = 0; at + least <= headers.size(); at += segment_size_) {
            const std::uint32_t type = headers.word(at);
            const Segment segment{
                .offset = headers.number(at + (object_.is_64 ? 8 : 4), word_),
                .address = headers.number(at + (object_.is_64 ? 16 : 8), word_),
                .size = headers.number(at + (object_.is_64 ? 32 : 16), word_)};
            if (type == kLoad) {
                loaded_.push_back(segment);
            } else if (type == kDynamic) {
                dynamic_ = segment;
            } else if (type == kInterpreter) {
                object_.has_interpreter = true;
            }
        }
        return {};
    }

    Result<void> parse_dynamic(const Segment& dynamic) {
        const std::uint64_t size = std::min<std::uint64_t>(dynamic.size, kMaxDynamic * 2 * word_);
        THIMBLE_TRY(const Table entries, table(dynamic.offset, size));
        for (std::size_t at = 0; at + 2 * word_ <= entries.size(); at += 2 * word_) {
            const std::uint64_t tag = entries.number(at, word_);
            const std::uint64_t value = entries.number(at + word_, word_);
            if (tag == number_of(Tag::End)) {
                break;
            }
            if (tag == number_of(Tag::Needed)) {
                if (needed_at_.size() == kMaxNeeded) {
                    return bad("it needs too many libraries");
                }
                needed_at_.push_back(value);
            } else {
                tags_.emplace(tag, value);
            }
        }
        THIMBLE_TRY(
            strings_, table(offset_of(tag(Tag::Strings)).value_or(0), tag(Tag::StringsSize)));
        return {};
    }

    [[nodiscard]] std::uint64_t tag(Tag which) const {
        const auto found = tags_.find(number_of(which));
        return found == tags_.end() ? 0 : found->second;
    }

    /// Where in the file an address of the loaded image lies.
    [[nodiscard]] std::optional<std::uint64_t> offset_of(std::uint64_t address) const {
        for (const Segment& segment : loaded_) {
            if (address != 0 && address >= segment.address
                && address - segment.address < segment.size) {
                return segment.offset + (address - segment.address);
            }
        }
        return std::nullopt;
    }

    /// As much of a table as its segment can hold, at most `size` bytes; empty when there is none.
    [[nodiscard]] Table table_at(std::uint64_t address, std::uint64_t size) const {
        for (const Segment& segment : loaded_) {
            if (address != 0 && address >= segment.address
                && address - segment.address < segment.size) {
                const std::uint64_t within = address - segment.address;
                auto found = table(
                    segment.offset + within,
                    std::min<std::uint64_t>({size, segment.size - within, kMaxTable}));
                return found ? *std::move(found) : Table();
            }
        }
        return {};
    }

    void parse_names() {
        for (const std::uint64_t at : needed_at_) {
            if (const std::string_view name = strings_.text(at); !name.empty()) {
                object_.needed.emplace_back(name);
            }
        }
        object_.soname = text_of(Tag::Soname);
        object_.rpath = text_of(Tag::Rpath);
        object_.runpath = text_of(Tag::Runpath);
    }

    [[nodiscard]] std::string text_of(Tag which) const {
        return tags_.contains(number_of(which)) ? std::string(strings_.text(tag(which)))
                                                : std::string();
    }

    /// Elf_Verneed: version, cnt, file, aux, next; Elf_Vernaux: hash, flags, other, name, next.
    /// @return false: the list goes on beyond the table
    bool parse_needed_versions(const Table& needs) {
        object_.version_needs.clear();
        std::uint64_t at = 0;
        std::size_t left = kMaxVersions;
        for (std::uint64_t n = tag(Tag::NeedsCount); n > 0 && left > 0; --n) {
            if (at + 16 > needs.size()) {
                return false;
            }
            const std::string library(strings_.text(needs.word(at + 4)));
            std::uint64_t aux = at + needs.word(at + 8);
            for (std::uint16_t k = needs.half(at + 2); k > 0 && left > 0; --k) {
                if (aux + 16 > needs.size()) {
                    return false;
                }
                --left;
                const std::string version(strings_.text(needs.word(aux + 8)));
                versions_[needs.half(aux + 6) & 0x7fffU] = version;
                object_.version_needs.push_back(
                    {.library = library,
                     .version = version,
                     .weak = (needs.half(aux + 4) & 2U) != 0});
                aux += needs.word(aux + 12);
            }
            const std::uint32_t next = needs.word(at + 12);
            if (next == 0) {
                break;
            }
            at += next;
        }
        return true;
    }

    /// Elf_Verdef: version, flags, ndx, cnt, hash, aux, next; Elf_Verdaux: name, next.
    /// @return false: the list goes on beyond the table
    bool parse_defined_versions(const Table& definitions) {
        object_.has_versions = tags_.contains(number_of(Tag::Definitions));
        object_.version_definitions.clear();
        std::uint64_t at = 0;
        std::uint64_t left = std::min<std::uint64_t>(tag(Tag::DefinitionsCount), kMaxVersions);
        for (; left > 0; --left) {
            const std::uint64_t aux = at + definitions.word(at + 12);
            if (at + 20 > definitions.size() || aux + 8 > definitions.size()) {
                return false;
            }
            const bool is_base = (definitions.half(at + 2) & 1U) != 0;
            if (!is_base) {
                std::string name(strings_.text(definitions.word(aux)));
                object_.version_definitions.push_back(name);
                versions_[definitions.half(at + 4) & 0x7fffU] = std::move(name);
            }
            const std::uint32_t next = definitions.word(at + 16);
            if (next == 0) {
                break;
            }
            at += next;
        }
        return true;
    }

    /// The number of symbols is only told by the hash tables.
    [[nodiscard]] std::uint64_t symbol_count() const {
        if (tags_.contains(number_of(Tag::Hash))) {
            return table_at(tag(Tag::Hash), 8).word(4);
        }
        const std::uint64_t hash = tag(Tag::GnuHash);
        const Table header = table_at(hash, 16);
        const std::uint64_t buckets_size = header.word(0) * std::uint64_t{4};
        const std::uint64_t first = header.word(4);
        const std::uint64_t buckets_at = hash + 16 + header.word(8) * std::uint64_t{word_};
        const Table buckets = table_at(buckets_at, buckets_size);
        std::uint64_t last = 0;
        for (std::size_t at = 0; at + 4 <= buckets.size(); at += 4) {
            last = std::max<std::uint64_t>(last, buckets.word(at));
        }
        if (last < first) {
            return symbols_before_the_next_table();  // none is defined, so none has a hash
        }
        return end_of_chain(buckets_at + buckets_size, last, first);
    }

    /// Linkers put a table directly behind the symbols.
    [[nodiscard]] std::uint64_t symbols_before_the_next_table() const {
        const std::uint64_t begin = tag(Tag::Symbols);
        std::uint64_t end = begin + kMaxTable;
        for (const Tag other :
             {Tag::Strings, Tag::Versions, Tag::Needs, Tag::Definitions, Tag::GnuHash}) {
            if (tag(other) > begin) {
                end = std::min(end, tag(other));
            }
        }
        return begin == 0 ? 0 : (end - begin) / symbol_size();
    }

    [[nodiscard]] std::size_t symbol_size() const { return object_.is_64 ? 24 : 16; }

    /// A chain goes on until a number is odd.
    [[nodiscard]] std::uint64_t end_of_chain(
        std::uint64_t chains, std::uint64_t symbol, std::uint64_t first) const {
        while (symbol < kMaxTable / 16) {
            const Table piece = table_at(chains + (symbol - first) * 4, kChainPiece);
            for (std::size_t at = 0; at + 4 <= piece.size(); at += 4) {
                ++symbol;
                if ((piece.word(at) & 1U) != 0) {
                    return symbol;
                }
            }
            if (piece.size() < kChainPiece) {
                break;
            }
        }
        return symbol;
    }

    Result<void> parse_symbols() {
        const std::size_t size = symbol_size();
        const std::uint64_t count = std::min<std::uint64_t>(symbol_count(), kMaxTable / size);
        const Table symbols = table_at(tag(Tag::Symbols), count * size);
        const Table indexes = table_at(tag(Tag::Versions), count * 2);
        for (std::size_t n = 1; (n + 1) * size <= symbols.size(); ++n) {
            const std::size_t at = n * size;
            const std::uint64_t info = symbols.number(at + (object_.is_64 ? 4 : 12), 1);
            const std::uint64_t binding = info >> 4U;
            const std::uint16_t section = symbols.half(at + (object_.is_64 ? 6 : 14));
            const std::string_view name = strings_.text(symbols.word(at));
            const bool is_global = binding == 1 || binding == 2 || binding == 10;
            if (name.empty() || !is_global) {
                continue;
            }
            const auto version = versions_.find(indexes.half(n * 2) & 0x7fffU);
            const std::string_view version_name =
                version == versions_.end() ? std::string_view() : version->second;
            if (section == 0) {
                object_.needed_symbols.push_back(
                    {.name = std::string(name),
                     .version = std::string(version_name),
                     .weak = binding == 2});
                continue;
            }
            object_.defined.push_back(symbol_key(name, {}));
            if (!version_name.empty()) {
                object_.defined.push_back(symbol_key(name, version_name));
            }
        }
        std::ranges::sort(object_.defined);
        const auto twice = std::ranges::unique(object_.defined);
        object_.defined.erase(twice.begin(), twice.end());
        return {};
    }

    const ReadAt& read_;
    ElfObject object_;
    bool big_ = false;
    std::size_t word_ = 8;
    std::uint64_t segments_at_ = 0;
    std::uint64_t segment_size_ = 0;
    std::uint64_t segment_count_ = 0;
    std::vector<Segment> loaded_;
    std::optional<Segment> dynamic_;
    std::vector<std::uint64_t> needed_at_;
    std::map<std::uint64_t, std::uint64_t> tags_;
    std::map<std::uint32_t, std::string> versions_;  // by the index in the version table
    Table strings_;
};

}  // namespace

std::uint64_t symbol_key(std::string_view name, std::string_view version) {
    std::uint64_t key = 0xcbf29ce484222325U;
    const auto add = [&](std::string_view text) {
        for (const char c : text) {
            key = (key ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
        }
    };
    add(name);
    if (!version.empty()) {
        add("@");
        add(version);
    }
    return key;
}

Result<ElfObject> parse_elf(const ReadAt& read) {
    return Reader(read).parse();
}

}  // namespace thimble::rehearse
