#include "thimble/fleet/host_set.hpp"

#include "thimble/base/result.hpp"

#include <roaring/roaring.h>

namespace thimble::fleet {

void HostSet::Free::operator()(roaring_bitmap_s* bitmap) const {
    roaring_bitmap_free(bitmap);
}

HostSet HostSet::of(std::span<const HostNumber> numbers) {
    HostSet set;
    if (!numbers.empty()) {
        static_assert(sizeof(HostNumber) == sizeof(std::uint32_t));
        std::vector<std::uint32_t> values;
        values.reserve(numbers.size());
        for (const HostNumber number : numbers) {
            values.push_back(static_cast<std::uint32_t>(number));
        }
        roaring_bitmap_add_many(set.mine(), values.size(), values.data());
        roaring_bitmap_run_optimize(set.mine());
    }
    return set;
}

HostSet HostSet::union_of(std::span<const HostSet* const> sets) {
    std::vector<const roaring_bitmap_t*> bitmaps;
    bitmaps.reserve(sets.size());
    for (const HostSet* set : sets) {
        if (set->bitmap_ != nullptr) {
            bitmaps.push_back(set->bitmap_.get());
        }
    }
    if (bitmaps.empty()) {
        return {};
    }
    HostSet all(roaring_bitmap_or_many(bitmaps.size(), bitmaps.data()));
    THIMBLE_CHECK(all.bitmap_ != nullptr);
    return all;
}

roaring_bitmap_s* HostSet::mine() {
    if (bitmap_ == nullptr) {
        bitmap_.reset(roaring_bitmap_create());
        THIMBLE_CHECK(bitmap_ != nullptr);
    }
    return bitmap_.get();
}

void HostSet::add(HostNumber host) {
    roaring_bitmap_add(mine(), static_cast<std::uint32_t>(host));
}

void HostSet::add_all(const HostSet& hosts) {
    if (hosts.bitmap_ != nullptr) {
        roaring_bitmap_or_inplace(mine(), hosts.bitmap_.get());
    }
}

void HostSet::remove(HostNumber host) {
    if (bitmap_ == nullptr) {
        return;
    }
    roaring_bitmap_remove(bitmap_.get(), static_cast<std::uint32_t>(host));
    if (roaring_bitmap_is_empty(bitmap_.get())) {
        bitmap_.reset();
    }
}

bool HostSet::contains(HostNumber host) const {
    return bitmap_ != nullptr
        && roaring_bitmap_contains(bitmap_.get(), static_cast<std::uint32_t>(host));
}

bool HostSet::is_empty() const {
    return bitmap_ == nullptr || roaring_bitmap_is_empty(bitmap_.get());
}

std::uint64_t HostSet::size() const {
    return bitmap_ == nullptr ? 0 : roaring_bitmap_get_cardinality(bitmap_.get());
}

std::uint64_t HostSet::common_with(const HostSet& other) const {
    return bitmap_ == nullptr || other.bitmap_ == nullptr
        ? 0
        : roaring_bitmap_and_cardinality(bitmap_.get(), other.bitmap_.get());
}

std::vector<HostNumber> HostSet::numbers() const {
    std::vector<std::uint32_t> values(size());
    if (!values.empty()) {
        roaring_bitmap_to_uint32_array(bitmap_.get(), values.data());
    }
    std::vector<HostNumber> numbers;
    numbers.reserve(values.size());
    for (const std::uint32_t value : values) {
        numbers.push_back(HostNumber{value});
    }
    return numbers;
}

void HostSet::compact() {
    if (bitmap_ == nullptr) {
        return;
    }
    roaring_bitmap_run_optimize(bitmap_.get());
    // Written out, freed and read again: a set that grew, or shrinks in its place, leaves holes in the
    // memory between the sets that nothing else fits into.
    std::vector<char> bytes(roaring_bitmap_portable_size_in_bytes(bitmap_.get()));
    roaring_bitmap_portable_serialize(bitmap_.get(), bytes.data());
    bitmap_.reset();
    bitmap_.reset(roaring_bitmap_portable_deserialize_safe(bytes.data(), bytes.size()));
    THIMBLE_CHECK(bitmap_ != nullptr);
}

std::size_t HostSet::bytes() const {
    return bitmap_ == nullptr ? 0 : roaring_bitmap_size_in_bytes(bitmap_.get());
}

bool HostSet::operator==(const HostSet& other) const {
    if (is_empty() || other.is_empty()) {
        return is_empty() == other.is_empty();
    }
    return roaring_bitmap_equals(bitmap_.get(), other.bitmap_.get());
}

}  // namespace thimble::fleet
