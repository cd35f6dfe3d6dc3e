#pragma once
/// @file Lays records and strings out as the bytes of one extent.

#include "thimble/catalog/format.hpp"

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace thimble::catalog {

/// Strings of one extent, each once; offset 0 is the empty string.
class StringPoolWriter {
public:
    StringPoolWriter() : bytes_(4, '\0') {}

    /// `text` must outlive the writer.
    std::uint32_t offset_of(std::string_view text) {
        if (text.empty()) {
            return 0;
        }
        const auto [at, inserted] =
            offsets_.try_emplace(text, static_cast<std::uint32_t>(bytes_.size()));
        if (inserted) {
            const auto size = static_cast<std::uint32_t>(text.size());
            append_raw(&size, sizeof size);
            bytes_.append(text);
        }
        return at->second;
    }

    [[nodiscard]] const std::string& bytes() const { return bytes_; }

private:
    void append_raw(const void* from, std::size_t size) {
        bytes_.append(static_cast<const char*>(from), size);
    }

    std::string bytes_;
    std::unordered_map<std::string_view, std::uint32_t> offsets_;
};

/// Appends runs of records, each aligned to 8.
class ExtentWriter {
public:
    explicit ExtentWriter(std::size_t header_size) : bytes_(header_size, '\0') {}

    template <class T>
    format::Run append(std::span<const T> records) {
        bytes_.resize((bytes_.size() + 7) / 8 * 8, '\0');
        const format::Run run{
            static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(records.size())};
        const auto raw = std::as_bytes(records);
        bytes_.append(static_cast<const char*>(static_cast<const void*>(raw.data())), raw.size());
        return run;
    }

    format::Run append(const StringPoolWriter& strings) {
        return append(std::span<const char>{strings.bytes()});
    }

    template <class T>
    std::string finish(const T& header) {
        std::memcpy(bytes_.data(), &header, sizeof header);
        return std::move(bytes_);
    }

private:
    std::string bytes_;
};

}  // namespace thimble::catalog
