#pragma once
/// @file A file descriptor that is closed at the end.

#include <unistd.h>

namespace thimble::server {

class OpenFile {
public:
    /// @param number  negative: it could not be opened
    explicit OpenFile(int number) : number_(number) {}
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    OpenFile(OpenFile&&) = delete;
    OpenFile& operator=(OpenFile&&) = delete;
    ~OpenFile() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

}  // namespace thimble::server
