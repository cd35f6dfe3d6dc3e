#include "thimble/feeds/document.hpp"

#include <algorithm>
#include <cstring>

namespace thimble::feeds {

PaddedText::PaddedText(std::string_view text) {
    const std::span<char> room = spare(text.size());
    std::ranges::copy(text, room.begin());
    commit(text.size());
}

std::span<char> PaddedText::spare(std::size_t count) {
    if (!bytes_ || capacity_ - size_ < count) {
        const std::size_t capacity = std::max(size_ + count, capacity_ * 2);
        // NOLINTNEXTLINE(modernize-avoid-c-arrays): see the member
        auto grown = std::make_unique_for_overwrite<char[]>(capacity + kPadding);
        std::copy_n(bytes_.get(), size_, grown.get());
        bytes_ = std::move(grown);
        capacity_ = capacity;
    }
    return {bytes_.get() + size_, capacity_ - size_};
}

void PaddedText::commit(std::size_t count) {
    THIMBLE_CHECK(count <= capacity_ - size_);
    size_ += count;
    std::memset(bytes_.get() + size_, 0, kPadding);
}

void ParseCounts::add(const ParseCounts& other) {
    records += other.records;
    quarantined += other.quarantined;
    saw(other.newest);
}

void ParseCounts::saw(std::optional<Instant> instant) {
    if (instant && (!newest || *newest < *instant)) {
        newest = instant;
    }
}

}  // namespace thimble::feeds
