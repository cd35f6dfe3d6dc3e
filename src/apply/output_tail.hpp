#pragma once
/// @file The last of what a running program said.

#include <string>
#include <string_view>

namespace thimble::apply {

/// Keeps at most 64 KiB of the end.
class OutputTail {
public:
    void take(std::string_view piece);
    /// At most 64 KiB.
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool says(std::string_view words) const { return text_.contains(words); }

private:
    std::string text_;
};

/// The last lines that are not empty, in one line for people; at most 1,000 bytes of the output.
std::string last_words(std::string_view output);

}  // namespace thimble::apply
