#pragma once
/// @file One document of a feed as the parsers take it: bytes with room behind them, and a name.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/feeds/limits.hpp"
#include "thimble/feeds/sink.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace thimble::feeds {

/// A growable byte buffer with `kPadding` zero bytes behind its content, which the JSON parser needs
/// to read whole vectors. Its memory is kept between documents.
class PaddedText {
public:
    static constexpr std::size_t kPadding = 64;

    PaddedText() = default;
    explicit PaddedText(std::string_view text);

    [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }
    /// Room for at least `count` more bytes behind the content; `commit` makes them part of it.
    std::span<char> spare(std::size_t count);
    void commit(std::size_t count);
    void clear() { size_ = 0; }

private:
    // NOLINTNEXTLINE(modernize-avoid-c-arrays): a vector would zero the room before it is filled
    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

/// What one document gave.
struct ParseCounts {
    std::uint64_t records = 0;
    std::uint64_t quarantined = 0;
    std::optional<Instant> newest;  ///< the feed's own date, or that of its newest record

    /// Adds another document's counts.
    void add(const ParseCounts& other);
    /// Moves `newest` forward.
    void saw(std::optional<Instant> instant);
};

class JsonScratch;

/// What a parser may use while it works. Nothing of it outlives the call but memory to reuse.
struct ParseContext {
    std::string_view name;  ///< of the document, for the quarantine: "DSA-5477-1.json"
    Limits limits;
    JsonScratch& scratch;
};

/// Parses one document: pure, and the same for a file, a download and a fuzzer.
/// @error Corrupt "feeds.not_this_feed"  the document as a whole is not what the feed serves
using ParseDocument = Result<ParseCounts>(const PaddedText&, const ParseContext&, Sink&);

}  // namespace thimble::feeds
