#pragma once
/// @file An open file, and what LocalHost and RootHost share once they have one.

#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::host {

/// Owns a file descriptor.
class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor();

    [[nodiscard]] int number() const { return number_; }
    void close();
    /// Leaves it open, for the caller to close.
    [[nodiscard]] int release() { return std::exchange(number_, -1); }

private:
    int number_;
};

/// The Error for an errno value: NotFound, Denied, Invalid or Unavailable.
Error system_error(int error_number, std::string_view path);

/// @error Invalid "host.bad_path" for a path that is not absolute or holds NUL
Result<void> check_path(std::string_view path);

Result<std::string> read_descriptor(
    const Descriptor& file, std::string_view path, std::size_t limit);
/// @error a folder that cannot be read to its end; as Host::list
Result<std::vector<std::string>> list_descriptor(Descriptor folder, std::string_view path);
Result<FileInfo> look_at_descriptor(const Descriptor& file, std::string_view path);
Result<std::string> read_link_descriptor(const Descriptor& link, std::string_view path);

}  // namespace thimble::host
