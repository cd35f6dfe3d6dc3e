#pragma once
/// @file A file that keeps the beginning of what it is given.

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>

namespace thimble::cli {

/// Appends until there are 16 MiB; what follows is dropped. Losing output never stops a transaction.
class BoundedLog {
public:
    explicit BoundedLog(const std::string& path) : out_(path, std::ios::app | std::ios::binary) {}

    void add(std::string_view bytes) {
        const std::string_view kept = bytes.substr(0, kLimit - written_);
        out_.write(kept.data(), static_cast<std::streamsize>(kept.size()));
        out_.flush();
        written_ += kept.size();
    }

private:
    static constexpr std::size_t kLimit = std::size_t{16} << 20;
    std::ofstream out_;
    std::size_t written_ = 0;
};

}  // namespace thimble::cli
