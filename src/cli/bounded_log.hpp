#pragma once
/// @file A file that keeps the beginning of what it is given.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace thimble::cli {

/// Appends until there are 16 MiB, with what is there already; what follows is dropped. Losing output never stops a transaction.
class BoundedLog {
public:
    explicit BoundedLog(const std::string& path) : out_(path, std::ios::app | std::ios::binary) {
        std::error_code error;
        const std::uintmax_t there = std::filesystem::file_size(path, error);
        written_ = error ? 0 : static_cast<std::size_t>(std::min<std::uintmax_t>(there, kLimit));
    }

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
